"""The project's scheduler in this process, over real models, with every forward call counted."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from core.domain.documents import CandidateList
from core.domain.models import ModelEntry
from core.domain.rankings import Ranking
from core.domain.requests import Answer, Request
from core.domain.systems import System
from core.domain.work import Ended, Event, Ranked, RankFailed, RankWork
from core.models.base import Adapter, LoadContext
from core.worker.answer_cache import AnswerCache
from core.worker.disk_cache import DiskCache
from core.worker.scheduler import Hooks, Place, Scheduler
from core.worker.wiring import real_tools

CACHE_BYTES, MODEL_BYTES = 500_000_000, 8_000_000_000


class Counted:
    """An adapter that keeps what it was asked, batch by batch. ``budget``: tokens of a batch, where not its own."""

    def __init__(self, adapter: Adapter, log: list[tuple[Request, ...]], budget: int | None) -> None:
        self._adapter, self._log = adapter, log
        self.batch_tokens = budget or adapter.batch_tokens

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the adapter has
        return getattr(self._adapter, name)

    def answer(self, requests: Sequence[Request], cancelled: Callable[[], bool]) -> list[Answer]:
        """Note it, and ask the adapter."""
        self._log.append(tuple(requests))
        return self._adapter.answer(requests, cancelled)


@dataclass(slots=True, kw_only=True)
class Engine:
    """A scheduler with all that it says. ``batches``: of all adapters; ``loaded``: models that were loaded."""

    scheduler: Scheduler
    events: list[Event]
    batches: list[tuple[Request, ...]]
    loaded: list[str]
    cache: AnswerCache
    jobs: int = field(default=0)

    def run(
        self, systems: Sequence[System], lists: Sequence[CandidateList]
    ) -> tuple[dict[tuple[str, str], Ranking], float]:
        """Every system over every list: rankings by (system, list) and seconds. RuntimeError where one failed."""
        self.jobs += 1
        tasks = tuple((system, one) for one in range(len(lists)) for system in range(len(systems)))
        work = RankWork(job=f"job-{self.jobs}", systems=tuple(systems), lists=tuple(lists), tasks=tasks)
        start = len(self.events)
        began = time.perf_counter()
        self.scheduler.submit(work)
        while self.scheduler.step():
            pass
        seconds = time.perf_counter() - began
        told = self.events[start:]
        failed = [event.message for event in told if isinstance(event, RankFailed)]
        failed += [event.error for event in told if isinstance(event, Ended) and event.error]
        if failed:
            raise RuntimeError(f"{len(failed)} rankings failed: {failed[0]}")
        rankings = [event.ranking for event in told if isinstance(event, Ranked)]
        return {(ranking.system, ranking.candidates): ranking for ranking in rankings}, seconds


def engine(
    folder: Path,
    threads: int,
    *,
    disk: bool = False,
    budget: int | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> Engine:
    """A fresh one. ``disk``: answers are kept in ``folder``; ``budget``: tokens of a batch, where not the adapters'."""
    tools = real_tools()
    events: list[Event] = []
    batches: list[tuple[Request, ...]] = []
    loaded: list[str] = []

    def load(entry: ModelEntry, context: LoadContext) -> Adapter:
        loaded.append(entry.id)
        return Counted(tools.load(entry, context), batches, budget)

    place = Place(device="cpu", threads=threads, cache_dir=folder / "cache", model_memory_bytes=MODEL_BYTES)
    cache = AnswerCache(DiskCache(folder / "answers.sqlite", CACHE_BYTES) if disk else None)
    scheduler = Scheduler(replace(tools, load=load), Hooks(tell=events.append), place, cache, clock)
    return Engine(scheduler=scheduler, events=events, batches=batches, loaded=loaded, cache=cache)
