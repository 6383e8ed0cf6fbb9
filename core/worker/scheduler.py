"""The model thread's plan: lets rankings in, drives generators, runs one batch at a time, keeps quiet for probes.

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

from core.domain.models import ModelEntry
from core.domain.systems import System
from core.domain.work import (
    CheckWork,
    Ended,
    Event,
    FetchWork,
    Priority,
    ProbeWork,
    RankWork,
    ResidentModel,
    RetrieveWork,
    TraceWork,
    Work,
)
from core.models.base import LoadContext
from core.strategies.base import Strategy
from core.worker.answer_cache import AnswerCache
from core.worker.batches import BatchRunner
from core.worker.budget import Budgets
from core.worker.downloads import Downloads, Fetch
from core.worker.examples import ExampleFinder
from core.worker.faults import Fault
from core.worker.first_stages import FirstStages, Retrieve
from core.worker.interrupts import Interrupts
from core.worker.lane import Lane, Machinery
from core.worker.loading import Loader
from core.worker.machine import describe_device, describe_machine
from core.worker.pool import urgency_of
from core.worker.probes import Probes
from core.worker.progress import JobProgress
from core.worker.pulse import Pulse
from core.worker.rank_jobs import RankJobs
from core.worker.residency import Load, Residency

log = logging.getLogger(__name__)

PAUSE_S = 0.05  # between two looks at a download that a probe waits for


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
    """Who hears what: events (from two threads); keys of what begins, () when it is over, None when it was given up;
    changed models."""

    tell: Callable[[Event], None]
    announce: Callable[[tuple[str, ...] | None], None] = lambda _keys: None
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
    """One thread calls everything but ``flag`` and ``arrived``."""

    def __init__(
        self, tools: Tools, hooks: Hooks, place: Place, cache: AnswerCache, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.pulse = Pulse()
        self._hooks, self._place, self._clock = hooks, place, clock
        self._rank_jobs = RankJobs(tools.build, hooks.tell, clock)
        self._checks: deque[CheckWork] = deque()
        self._interrupts = Interrupts()
        self._collections: dict[str, Path] = {}
        context = LoadContext(
            device=place.device, threads=place.threads, cache_dir=place.cache_dir, collections=self._collections
        )
        residency = Residency(tools.load, context, place.model_memory_bytes)
        self._poisoned = dict(place.poisoned)
        self._loader = Loader(residency, context, self._poisoned, hooks.announce, hooks.changed)
        budgets = Budgets()
        shared = Machinery(
            build=tools.build,
            loader=self._loader,
            budgets=budgets,
            runner=BatchRunner(budgets, clock, self._loader.make_room),
            pulse=self.pulse,
            clock=clock,
            announce=hooks.announce,
            machine=self.machine,
            examples=ExampleFinder(self._collections).find,
            interrupts=self._interrupts,
            poisoned=self._poisoned,
        )
        self._lane = Lane(shared, cache, self._rank_jobs, place.suspects, self._interrupts.somebody_waits)
        self._probes = Probes(shared, hooks.tell, lambda: describe_device(place.device), place.suspects)
        self._first_stages = FirstStages(shared, tools.retrieve, place.cache_dir, hooks.tell)
        self._downloads = Downloads(
            fetch=tools.fetch,
            cache_dir=place.cache_dir,
            tell=hooks.tell,
            fetched=self._loader.forgive,
            cancelled=self._interrupts.flagged,
            clock=clock,
        )

    def submit(self, work: Work) -> None:
        """Begin a piece of work; its events go to the hooks."""
        self._interrupts.take(work.job)
        self._loader.forgive()
        if isinstance(work, RankWork | TraceWork):
            self._collections.update(work.collections)
            self._rank_jobs.submit(work)
        elif isinstance(work, RetrieveWork):
            self._collections[work.collection] = work.path
            self._first_stages.submit(work)
        elif isinstance(work, ProbeWork):
            self._collections.update(work.collections)
            self._probes.submit(work)
        elif isinstance(work, FetchWork):
            self._downloads.submit(work)
        else:
            self._checks.append(work)

    def flag(self, job: str) -> None:
        """Any thread: a job is to be cancelled; a batch that serves no other job stops now."""
        self._interrupts.flag(job)

    def arrived(self, work: Work) -> None:
        """Any thread: ``work`` will be submitted; a batch in the background makes room for that of a person now."""
        self._interrupts.arrived(work)

    def cancel(self, job: str) -> None:
        """Give up a job; a download ends by itself when it sees the flag."""
        ranking = self._rank_jobs.cancel(job)
        if ranking:
            self._lane.driver.give_up(job)
        checks = len(self._checks)
        self._checks = deque(check for check in self._checks if check.job != job)
        probe = self._probes.cancel(job)
        known = ranking or probe or self._first_stages.cancel(job) or len(self._checks) < checks
        if known:
            self._interrupts.forget(job)
            self._hooks.tell(Ended(job=job, cancelled=True))
        else:
            self._interrupts.flag(job)

    def unload(self, model: str) -> None:
        """Give back a model, by its id; it is loaded anew when it is asked again. No batch runs between two steps."""
        if self._loader.unload(model):
            self._probes.disturb()

    def pardon(self) -> None:
        """Nothing is suspected or refused any longer."""
        self._poisoned.clear()
        self._lane.pool.pardon()
        self._probes.pardon()

    def step(self) -> bool:
        """Do a little; False when there is nothing to do until new work comes."""
        if self._probes.active:
            self._beside_probe()
            return True
        if self._checks:
            self._check(self._checks.popleft())
            return True
        return self._serve(Priority.BACKGROUND)

    def _beside_probe(self) -> None:
        """A person's work first, checks between two lists, else the probe; all other work stands still."""
        if Priority.INTERACTIVE in (self._rank_jobs.urgency(), self._first_stages.urgency()):
            self._probes.disturb()
            self._serve(Priority.INTERACTIVE)
        elif self._checks and not self._probes.measuring:
            self._check(self._checks.popleft())
        elif self._downloads.busy:
            self._probes.disturb()
            self._probes.wait("waiting for a download to end")
            self.pulse.doing("")
            time.sleep(PAUSE_S)
        else:
            self._probes.step()
            self.pulse.doing("")

    def _serve(self, least: Priority) -> bool:
        """Do a little of the work that is at least as urgent as ``least``; False where there is none."""
        quiet = self._lane.drive(self._rank_jobs.next)
        window = self._lane.pool.choose()
        pending = urgency_of(window)
        if not quiet and (pending != Priority.INTERACTIVE or self._more_for_people()):
            return True  # what can still be merged into a batch comes first
        retrieval = self._first_stages.urgency()
        if retrieval is not None and retrieval <= least and (pending is None or retrieval <= pending):
            self.pulse.doing("retrieve")
            self._first_stages.step()
            if pending is not None and retrieval < pending:
                return True  # a person's search is not kept waiting by a batch between its slices
        if pending is not None and pending <= least:
            self._lane.run_batch(window)
        self.pulse.doing("")
        return bool(window) or retrieval is not None

    def _more_for_people(self) -> bool:
        """Whether a person's ranking can go on, or be let in, before the next batch."""
        return Priority.INTERACTIVE in (
            self._lane.driver.urgency(),
            self._rank_jobs.admissible(len(self._lane.pool)),
        )

    def machine(self, models: tuple[ModelEntry, ...] = ()) -> str:
        """Device, threads, precision of ``models``, versions; one line."""
        return describe_machine(self._place.device, self._place.threads, models)

    def models(self) -> tuple[ResidentModel, ...]:
        """Every loaded model, least recently used first."""
        return self._loader.models(describe_device(self._place.device))

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
