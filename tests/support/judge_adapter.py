"""A scheduler whose models are judges: real strategies, merged as they are over real models, and every batch kept."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from core.domain.documents import CandidateList, Document, Query
from core.domain.models import ModelEntry
from core.domain.requests import Answer, Request
from core.domain.systems import System
from core.domain.work import Event, Ranked, RankWork
from core.models.base import Adapter, Arrangement, LoadContext, by_length
from core.strategies.resolve import build, resolve
from core.worker.answer_cache import AnswerCache
from core.worker.disk_cache import DiskCache
from core.worker.scheduler import Hooks, Place, Scheduler, Tools
from tests.support.engine_fakes import fetch_small, retrieve_small
from tests.support.judges import Judge, PerfectJudge, find_model


@dataclass
class JudgeAdapter:
    """Answers as a judge does; every request is one token."""

    entry: ModelEntry
    judge: Judge
    batches: list[list[Request]] = field(default_factory=list)
    batch_tokens: int = 100_000
    memory_bytes: int = 1_000_000
    execution: str = "padded (judge)"

    def arrange(self, requests: Sequence[Request]) -> Arrangement:
        return by_length([1] * len(requests))

    def shares(self, requests: Sequence[Request]) -> list[float]:
        return [1.0] * len(requests)

    def answer(self, requests: Sequence[Request], cancelled: Callable[[], bool]) -> list[Answer]:
        self.batches.append(list(requests))
        return [self.judge.answer(request) for request in requests]

    def forget(self) -> None:
        """Remembers nothing."""

    def synchronize(self) -> None:
        """Nothing runs aside."""

    def close(self) -> None:
        """Holds nothing."""


@dataclass
class JudgeBench:
    """A scheduler over judges, with everything it says."""

    scheduler: Scheduler
    events: list[Event]
    adapters: list[JudgeAdapter]

    def rank(self, systems: Sequence[System], lists: Sequence[CandidateList]) -> dict[tuple[str, str], Ranked]:
        """Every list by every system, system by system; by system and list."""
        start = len(self.events)
        tasks = tuple((s, i) for s in range(len(systems)) for i in range(len(lists)))
        self.scheduler.submit(RankWork(job="j", systems=tuple(systems), lists=tuple(lists), tasks=tasks))
        while self.scheduler.step():
            pass
        ranked = [event for event in self.events[start:] if isinstance(event, Ranked)]
        return {(event.ranking.system, event.ranking.candidates): event for event in ranked}

    @property
    def batches(self) -> list[list[Request]]:
        """Every batch, in order of time where there is one model."""
        return [batch for adapter in self.adapters for batch in adapter.batches]


def judge_bench(
    directory: Path | None = None,
    judge: Judge | None = None,
    *,
    batch_seconds: float = 0.0,
    execution: str = "padded (judge)",
) -> JudgeBench:
    """A bench; with ``directory``, answers are kept on disk there.

    ``batch_seconds``: on the scheduler's clock, of any batch; without it the clock is the true one. ``execution``: how
    the models say that they run.
    """
    adapters: list[JudgeAdapter] = []

    def batch_clock() -> float:
        return batch_seconds * sum(len(adapter.batches) for adapter in adapters)

    clock = batch_clock if batch_seconds else time.monotonic

    def load(entry: ModelEntry, _context: LoadContext) -> Adapter:
        adapters.append(JudgeAdapter(entry, judge or PerfectJudge(), execution=execution))
        return adapters[-1]

    tools = Tools(load=load, build=build, retrieve=retrieve_small, fetch=fetch_small)
    events: list[Event] = []
    place = Place(device="cpu", threads=1, cache_dir=directory or Path("unused"), model_memory_bytes=10**9)
    disk = None if directory is None else DiskCache(directory / "answers.sqlite", 10**8)
    return JudgeBench(Scheduler(tools, Hooks(tell=events.append), place, AnswerCache(disk), clock), events, adapters)


def systems_of(*specs: str) -> list[System]:
    """Systems of the catalogue of tests.support.judges."""
    return [resolve(spec, find_model) for spec in specs]


def lists_of_sizes(sizes: Sequence[int]) -> list[CandidateList]:
    """One list per query, of these sizes, no document twice."""
    return [
        CandidateList(
            query=Query(id=f"q{number}", text=f"question {number}"),
            documents=tuple(Document(id=f"q{number}d{i}", text=f"passage {number} {i}") for i in range(size)),
        )
        for number, size in enumerate(sizes)
    ]
