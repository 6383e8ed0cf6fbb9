"""The model thread's plan: lets rankings in, drives generators, runs one batch at a time.

``step`` does a little work and returns, so that messages are read in between. Everything heavy comes in
through ``Tools``, so the scheduler is the same over real models and over the tests' small ones.
"""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from core.domain.errors import CancelledError
from core.domain.models import ModelEntry
from core.domain.systems import System
from core.domain.work import (
    CheckWork,
    Ended,
    Event,
    FetchWork,
    Priority,
    RankWork,
    RetrieveWork,
    Work,
)
from core.models.base import Adapter, LoadContext
from core.strategies.base import Strategy
from core.worker.answer_cache import AnswerCache
from core.worker.batches import BatchRunner
from core.worker.budget import Budgets
from core.worker.downloads import Downloads, Fetch
from core.worker.driver import Driver
from core.worker.faults import Fault
from core.worker.first_stages import FirstStages, Retrieve
from core.worker.loading import Loader
from core.worker.machine import describe_machine
from core.worker.pool import Pending, Pool, cut_batch, urgency_of
from core.worker.progress import JobProgress
from core.worker.pulse import Pulse
from core.worker.rank_jobs import RankJobs
from core.worker.residency import Load, Residency
from core.worker.task import Ticket

log = logging.getLogger(__name__)

PREPARE_S = 0.05  # how long generators are driven before messages are read again


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """What the engine works with: model loader, strategy builder, first stage, model download.

    ``warm`` imports the heavy libraries ahead of need, on a thread of its own.
    """

    load: Load
    build: Callable[[System], Strategy]
    retrieve: Retrieve
    fetch: Fetch
    warm: Callable[[], None] = lambda: None


@dataclass(frozen=True, slots=True, kw_only=True)
class Hooks:
    """Who hears what: events (from two threads); keys of what begins, () when it is over; changed models."""

    tell: Callable[[Event], None]
    announce: Callable[[tuple[str, ...]], None] = lambda _keys: None
    changed: Callable[[], None] = lambda: None


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where models run and files lie; ``suspects`` and ``poisoned`` as in core.engine.messages.Configure."""

    device: str
    threads: int
    cache_dir: Path
    model_memory_bytes: int
    suspects: tuple[str, ...] = ()
    poisoned: Mapping[str, str] = field(default_factory=dict)


class Scheduler:
    """One thread calls everything but ``flag``."""

    def __init__(
        self, tools: Tools, hooks: Hooks, place: Place, cache: AnswerCache, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.pulse = Pulse()
        self._hooks, self._place, self._cache, self._clock = hooks, place, cache, clock
        self._rank_jobs = RankJobs(tools.build, hooks.tell, clock)
        self._checks: deque[CheckWork] = deque()
        self._flagged: set[str] = set()
        self._collections: dict[str, Path] = {}
        context = LoadContext(
            device=place.device, threads=place.threads, cache_dir=place.cache_dir, collections=self._collections
        )
        residency = Residency(tools.load, context, place.model_memory_bytes)
        self._poisoned = dict(place.poisoned)
        self._loader = Loader(residency, context, self._poisoned, hooks.announce, hooks.changed)
        self._pool = Pool(place.suspects)
        self._budgets = Budgets()
        self._runner = BatchRunner(self._budgets, clock, self._loader.make_room)
        self._driver = Driver(
            build=tools.build,
            cache=cache,
            pool=self._pool,
            poisoned=self._poisoned,
            machine=self.machine,
            taker=self._rank_jobs,
        )
        self._first_stages = FirstStages(
            retrieve=tools.retrieve,
            cache_dir=place.cache_dir,
            poisoned=self._poisoned,
            tell=hooks.tell,
            announce=hooks.announce,
            clock=clock,
        )
        self._downloads = Downloads(
            fetch=tools.fetch,
            cache_dir=place.cache_dir,
            tell=hooks.tell,
            fetched=self._loader.forgive,
            cancelled=self._flagged.__contains__,
            clock=clock,
        )

    def submit(self, work: Work) -> None:
        """Begin a piece of work; its events go to the hooks."""
        self._loader.forgive()
        if isinstance(work, RankWork):
            self._collections.update(work.collections)
            self._rank_jobs.submit(work)
        elif isinstance(work, RetrieveWork):
            self._collections[work.collection] = work.path
            self._first_stages.submit(work)
        elif isinstance(work, FetchWork):
            self._downloads.submit(work)
        else:
            self._checks.append(work)

    def flag(self, job: str) -> None:
        """Any thread: a job is to be cancelled; a batch that serves no other job stops now."""
        self._flagged.add(job)

    def cancel(self, job: str) -> None:
        """Give up a job; a download ends by itself when it sees the flag."""
        ranking = self._rank_jobs.cancel(job)
        if ranking:
            self._driver.give_up(job)
        checks = len(self._checks)
        self._checks = deque(check for check in self._checks if check.job != job)
        known = ranking or self._first_stages.cancel(job) or len(self._checks) < checks
        if known:
            self._flagged.discard(job)
            self._hooks.tell(Ended(job=job, cancelled=True))
        else:
            self._flagged.add(job)

    def pardon(self) -> None:
        """Nothing is suspected or refused any longer."""
        self._poisoned.clear()
        self._pool.pardon()

    def step(self) -> bool:
        """Do a little; False when there is nothing to do until new work comes."""
        if self._checks:
            self._check(self._checks.popleft())
            return True
        quiet = self._prepare()
        window = self._pool.choose()
        pending = urgency_of(window)
        if not quiet and (pending != Priority.INTERACTIVE or self._driver.urgency() == Priority.INTERACTIVE):
            return True  # what can still be merged into a batch comes first
        retrieval = self._first_stages.urgency()
        if retrieval is not None and (pending is None or retrieval <= pending):
            self.pulse.doing("retrieve")
            self._first_stages.step(self._flagged.__contains__)
        if window:
            self._run_batch(window)
        self.pulse.doing("")
        return bool(window) or retrieval is not None

    def machine(self, models: tuple[ModelEntry, ...] = ()) -> str:
        """Device, threads, precision of ``models``, versions; one line."""
        return describe_machine(self._place.device, self._place.threads, models)

    def resident(self) -> tuple[str, ...]:
        """Ids of the loaded models."""
        return self._loader.resident()

    def _prepare(self) -> bool:
        """Drive generators and let rankings in; True when all wait for models, False when time is up."""
        until = self._clock() + PREPARE_S
        while self._clock() < until:
            self.pulse.doing(self._driver.next_name())
            if self._driver.advance() is not None:
                continue
            admitted = self._rank_jobs.next(len(self._pool))
            if admitted is None:
                return True
            self._driver.want(*admitted)
        return False

    def _run_batch(self, window: list[Pending]) -> None:
        model = window[0].model
        self.pulse.doing(f"load:{model.id}")
        adapter = self._loader.adapter(model, partial(self._note, model))
        if isinstance(adapter, Fault):
            self._settle(self._pool.of_model(model), adapter)
            return
        limit = self._budgets.limit(window[0].group, adapter.batch_tokens)
        batch = cut_batch(window, limit, adapter.weight)
        keys = tuple(pending.key for pending in batch)
        self.pulse.doing(keys[0] if len(keys) == 1 else "batch")
        self._hooks.announce(keys)
        try:
            self._answer(adapter, batch)
        except CancelledError:
            log.info("A batch of %d requests was cancelled.", len(batch))
        finally:
            self._hooks.announce(())

    def _answer(self, adapter: Adapter, batch: list[Pending]) -> None:
        jobs = {ticket.progress.job for p in batch for task, _ in p.askers for ticket in task.beneficiaries()}

        def cancelled() -> bool:
            self.pulse.alive()
            return jobs <= self._flagged

        executed = self._runner.run(adapter, batch, cancelled)
        self._cache.put(executed.answers(batch))
        self._pool.take(batch)
        for pending, result, seconds in zip(batch, executed.results, executed.seconds, strict=True):
            tickets = _tickets(pending)
            for ticket in tickets:
                ticket.progress.served_s += seconds / len(tickets)
            self._driver.deliver(pending, result, seconds)
            for ticket in tickets:
                ticket.progress.tell(ticket.progress.calls_note(ticket.label))

    def _settle(self, batch: list[Pending], fault: Fault) -> None:
        self._pool.take(batch)
        for pending in batch:
            self._driver.deliver(pending, fault, 0.0)

    def _note(self, model: ModelEntry, text: str) -> None:
        """Tell everybody who waits for the model what is going on."""
        waiting = {t.progress.job: t.progress for pending in self._pool.of_model(model) for t in _tickets(pending)}
        for progress in waiting.values():
            progress.tell(text, now=True)

    def _check(self, work: CheckWork) -> None:
        self.pulse.doing(f"load:{work.model.id}")
        self._loader.forgive()
        progress = JobProgress(work.job, Priority.INTERACTIVE, self._hooks.tell, self._clock)
        progress.expect(work.model.id, 1)
        outcome = self._loader.adapter(work.model, partial(progress.tell, now=True))
        if isinstance(outcome, Fault):
            self._hooks.tell(Ended(job=work.job, error=outcome.message))
            return
        progress.advance(work.model.id)
        progress.tell(f"{work.model.id} is loaded and takes {outcome.memory_bytes // 1_000_000} MB", now=True)
        self._hooks.tell(Ended(job=work.job))


def _tickets(pending: Pending) -> list[Ticket]:
    return [ticket for task, _ in pending.askers for ticket in task.beneficiaries()]
