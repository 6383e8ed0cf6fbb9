"""A scheduler or an engine over small models: entries, lists, systems and works for its tests, and the bench."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.domain.capabilities import Capability
from core.domain.documents import CandidateList, Document, Query
from core.domain.errors import CancelledError, ModelUnavailableError
from core.domain.models import ModelEntry, ModelKind
from core.domain.requests import Request
from core.domain.systems import System
from core.domain.work import Event, Priority, ProbeWork, RankWork, RetrieveWork, Work
from core.models.base import Adapter, LoadContext
from core.retrieval.step import Step, Wanted
from core.strategies.base import Strategy
from core.worker.answer_cache import AnswerCache
from core.worker.disk_cache import DiskCache
from core.worker.first_stages import Found
from core.worker.scheduler import Hooks, Place, Scheduler, Tools
from tests.support.small_adapter import OnBatch, SmallAdapter
from tests.support.small_strategies import STRATEGIES


def model_entry(id: str = "small", **options: str) -> ModelEntry:
    """A model whose adapter reads its options: ``batch_tokens``, ``memory``, ``fits``, ``fail``."""
    return ModelEntry(
        id=id,
        kind=ModelKind.CROSS_ENCODER,
        source="builtin",
        revision="1",
        capabilities=frozenset(Capability),
        options=tuple(sorted(options.items())),
    )


def make_list(texts: Sequence[str], query: str = "q", prefix: str = "d", **fields: object) -> CandidateList:
    """A candidate list of these texts with ids d0, d1 ..."""
    documents = tuple(Document(id=f"{prefix}{i}", text=text) for i, text in enumerate(texts))
    return CandidateList(query=Query(id=query, text=query), documents=documents, **fields)  # type: ignore[arg-type]  # by name


def make_system(strategy: str, model: ModelEntry | None = None, members: Sequence[System] = ()) -> System:
    """A system of one of the strategies of small_strategies."""
    slots = () if members else (("model", model or model_entry()),)
    return System(spec=strategy, strategy=strategy, version=1, slots=slots, members=tuple(members))


def rank_work(
    job: str, systems: Sequence[System], lists: Sequence[CandidateList], priority: Priority = Priority.INTERACTIVE
) -> RankWork:
    """Every system over every list."""
    tasks = tuple((s, i) for i in range(len(lists)) for s in range(len(systems)))
    return RankWork(job=job, systems=tuple(systems), lists=tuple(lists), tasks=tasks, priority=priority)


def probe_work(job: str, systems: Sequence[System], lists: Sequence[CandidateList], **fields: int) -> ProbeWork:
    """Every system over every list; ``fields``: ``warm_up`` and ``attempts``."""
    return ProbeWork(job=job, systems=tuple(systems), lists=tuple(lists), **fields)


def build_small(system: System) -> Strategy:
    """The strategy of a system made by ``make_system``."""
    return STRATEGIES[system.strategy]


def load_small(entry: ModelEntry, context: LoadContext) -> Adapter:
    """The adapter of an entry made by ``model_entry``."""
    if entry.option("fail"):
        raise ModelUnavailableError(f"Could not load {entry.id}: {entry.option('fail')}.")
    if entry.option("kill-load"):
        os.kill(os.getpid(), signal.SIGKILL)
    context.report(f"reading {entry.id}")
    return SmallAdapter(
        entry,
        batch_tokens=int(entry.option("batch_tokens", "10000")),
        memory_bytes=int(entry.option("memory", "1000000")),
    )


def retrieve_small(work: RetrieveWork, cache_dir: Path) -> Found:
    """Invented documents for each query; a collection named "broken" raises, "kill" dies.

    A model first embeds the texts "0" to "49", whose vectors the documents of every list have as their text.
    """
    if work.collection == "broken":
        raise OSError("no such index")
    texts = [str(number) for number in range(50 if work.model else work.depth)]
    if work.model:
        wanted = Wanted(texts=texts, role="document", step=Step(note="embedding", total=50))
        while not wanted.complete:
            yield wanted
        texts = [f"{row[0]:g}" for row in wanted.rows]
    for query in work.queries:
        if work.collection == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        documents = tuple(Document(id=f"{query.id}-{i}", text=text) for i, text in enumerate(texts[: work.depth]))
        yield CandidateList(query=query, documents=documents, collection=work.collection, first_stage=work.method)


def fetch_small(
    entry: ModelEntry, cache_dir: Path, progress: Callable[[int, int], None], cancelled: Callable[[], bool]
) -> Path:
    """Ten steps; ``pace`` seconds each; the option ``fail`` ends them with an error."""
    for step in range(10):
        if cancelled():
            raise CancelledError("cancelled")
        if entry.option("fail"):
            raise ModelUnavailableError(f"Could not download {entry.id}: {entry.option('fail')}.")
        time.sleep(float(entry.option("pace", "0")))
        progress(step + 1, 10)
    return cache_dir


def small_tools() -> Tools:
    """Everything a scheduler needs, without models."""
    return Tools(load=load_small, build=build_small, retrieve=retrieve_small, fetch=fetch_small)


@dataclass
class Bench:
    """A scheduler in this process, with everything it says."""

    scheduler: Scheduler
    events: list[Event]
    announced: list[tuple[str, ...] | None]
    adapters: list[SmallAdapter]

    def run(self, *works: Work) -> list[Event]:
        """Submit, work until idle, and give back the events since."""
        start = len(self.events)
        for work in works:
            self.scheduler.submit(work)
        while self.scheduler.step():
            pass
        return self.events[start:]

    @property
    def batches(self) -> list[list[Request]]:
        """Every batch that any adapter was given."""
        return [batch for adapter in self.adapters for batch in adapter.batches]


def make_bench(
    directory: Path | None = None,
    *,
    poisoned: dict[str, str] | None = None,
    suspects: Sequence[str] = (),
    memory_mb: int = 100,
    strategies: dict[str, Strategy] | None = None,
    cache: AnswerCache | None = None,
    clock: Callable[[], float] = time.monotonic,
    on_load: Callable[[ModelEntry], None] = lambda _entry: None,
    on_batch: OnBatch = lambda _adapter, _requests: None,
) -> Bench:
    """A bench; with ``directory``, answers are kept on disk there. ``on_batch`` hears of every batch before it runs."""
    adapters: list[SmallAdapter] = []

    def load(entry: ModelEntry, context: LoadContext) -> Adapter:
        adapter = load_small(entry, context)
        assert isinstance(adapter, SmallAdapter)
        adapter.on_batch = on_batch
        on_load(entry)
        adapters.append(adapter)
        return adapter

    known = STRATEGIES | (strategies or {})
    tools = Tools(load=load, build=lambda s: known[s.strategy], retrieve=retrieve_small, fetch=fetch_small)
    events: list[Event] = []
    announced: list[tuple[str, ...] | None] = []
    place = Place(
        device="cpu",
        threads=1,
        cache_dir=directory or Path("unused"),
        model_memory_bytes=memory_mb * 1_000_000,
        suspects=tuple(suspects),
        poisoned=poisoned or {},
    )
    disk = None if directory is None else DiskCache(directory / "answers.sqlite", 10_000_000)
    hooks = Hooks(tell=events.append, announce=announced.append)
    return Bench(Scheduler(tools, hooks, place, cache or AnswerCache(disk), clock), events, announced, adapters)
