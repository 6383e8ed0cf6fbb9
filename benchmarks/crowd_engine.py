"""An engine with a home of its own, the people who ask it, and the batch job beside them."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from types import TracebackType
from typing import Self

from benchmarks.speed.data import Passages, passages_in
from benchmarks.speed.judging import system_of
from benchmarks.speed.models import LLM, Shelf
from core.datasets.sample import sample_folder
from core.domain.documents import CandidateList
from core.domain.systems import System
from core.domain.work import Ended, Event, Priority, Progress, RankFailed, RankWork
from core.engine.client import EngineClient
from core.settings import PROJECT, load_settings

QUICK = ("bm25", "bi-encoder", "maxsim")
PATIENCE = 600.0
BATCH_LISTS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """``lists``: one query each; ``more``: others, for a second crowd; ``spare``: to warm up; ``batch_lists``."""

    lists: list[CandidateList]
    more: list[CandidateList]
    spare: CandidateList
    batch_lists: list[CandidateList]

    @classmethod
    def of_sample(cls, count: int, depth: int) -> People:
        """Lists of the sample collection: different queries, different documents where it has enough."""
        found: Passages = passages_in(sample_folder(), "the sample collection")
        half = count // 2
        lists = found.lists(max(BATCH_LISTS, count + half + 1), depth)
        return cls(lists=lists[:count], more=lists[count : count + half], spare=lists[-1], batch_lists=lists)


class Batch:
    """A background job that is running; notes when its calls were answered."""

    def __init__(self, engine: EngineClient, work: RankWork) -> None:
        self._engine, self._job = engine, work.job
        self._told: list[tuple[float, int]] = []
        self.ended = threading.Event()
        engine.submit(work, self._hear)

    def gaps(self) -> list[float]:
        """Seconds between two moments at which more calls were answered. RuntimeError where there were too few."""
        times = [at for at, _ in self._told]
        if len(times) < 3:
            raise RuntimeError("The batch job told too little; watch it for longer.")
        return [later - earlier for earlier, later in pairwise(times[1:])]

    def calls_per_second(self) -> float:
        """Since its first answers."""
        (begun, first), (last, done) = self._told[0], self._told[-1]
        return (done - first) / max(last - begun, 1e-9)

    def cancel(self) -> None:
        """End it and wait for its end. RuntimeError where it was over before: then it was not beside everything."""
        if self.ended.is_set():
            raise RuntimeError("The batch job was over too early; give it more lists.")
        self._engine.cancel(self._job)
        self.ended.wait(PATIENCE)

    def _hear(self, event: Event) -> None:
        if isinstance(event, Progress) and event.done > (self._told[-1][1] if self._told else 0):
            self._told.append((time.perf_counter(), event.done))
        if isinstance(event, Ended):
            self.ended.set()


@dataclass(slots=True)
class Session:
    """A running engine over an empty home; converted models are shared. Used in a ``with`` statement."""

    home: Path
    threads: int
    _engine: EngineClient | None = field(default=None)
    _jobs: int = field(default=0)

    def __enter__(self) -> Self:
        settings = load_settings({"RUNOFF_HOME": str(self.home), "RUNOFF_THREADS": str(self.threads)})
        for folder in (settings.home, settings.cache_dir, settings.logs_dir, settings.collections_dir):
            folder.mkdir(parents=True, exist_ok=True)
        shelf = Shelf(PROJECT / ".runoff", 1)
        shelf.folder_of(shelf.bundled(LLM))
        (settings.cache_dir / "converted").symlink_to(shelf.context.cache_dir / "converted")
        self._engine = EngineClient(settings)
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.engine.close()

    @property
    def engine(self) -> EngineClient:
        """The client."""
        if self._engine is None:
            raise RuntimeError("The session is not open.")
        return self._engine

    def work(
        self, name: str, systems: Sequence[System], lists: Sequence[CandidateList], priority: Priority
    ) -> RankWork:
        """Every system over every list."""
        tasks = tuple((system, one) for one in range(len(lists)) for system in range(len(systems)))
        return RankWork(job=name, systems=tuple(systems), lists=tuple(lists), tasks=tasks, priority=priority)

    def warm(self, one: CandidateList, *, llm: bool = False) -> None:
        """Load the models and wait."""
        systems = [*quick_systems(), *([_likelihood()] if llm else [])]
        run(self.engine, self.work("warm-up", systems, [one], Priority.INTERACTIVE))

    def start_batch(self, lists: Sequence[CandidateList]) -> Batch:
        """Query likelihood over the lists, in the background."""
        return Batch(self.engine, self.work("batch", [_likelihood()], lists, Priority.BACKGROUND))

    def at_once(self, lists: Sequence[CandidateList]) -> tuple[list[float], float]:
        """One person per list, all at the same moment: seconds of each, and until the last is served."""
        barrier = threading.Barrier(len(lists))

        def one_person(number: int) -> float:
            barrier.wait()
            return person(self, 1000 + number, lists[number])

        began = time.perf_counter()
        with ThreadPoolExecutor(max_workers=len(lists)) as pool:
            seconds = list(pool.map(one_person, range(len(lists))))
        return seconds, time.perf_counter() - began


def person(session: Session, number: int, one: CandidateList) -> float:
    """Compare the quick systems on a list; seconds until the last ranking is there."""
    return run(session.engine, session.work(f"person-{number}", quick_systems(), [one], Priority.INTERACTIVE))


def run(engine: EngineClient, work: RankWork) -> float:
    """Seconds of one job; RuntimeError where a ranking failed or none came in time."""
    ended = threading.Event()
    faults: list[str] = []

    def hear(event: Event) -> None:
        if isinstance(event, RankFailed):
            faults.append(event.message)
        if isinstance(event, Ended):
            faults.extend([event.error] if event.error else [])
            ended.set()

    began = time.perf_counter()
    engine.submit(work, hear)
    if not ended.wait(PATIENCE):
        raise RuntimeError(f"{work.job} was not served within {PATIENCE:.0f} s.")
    if faults:
        raise RuntimeError(f"{work.job} failed: {faults[0]}")
    return time.perf_counter() - began


def quick_systems() -> list[System]:
    """What people compare."""
    return [system_of(spec) for spec in QUICK]


def _likelihood() -> System:
    return system_of("query-likelihood")
