"""Latency probes: one list at a time, warm, without the answer cache, nothing else in between.

A sample is one ranking in a lane of its own. Its wall time runs from the start of the strategy's generator to its
return, so rendering, tokenising, batching and copying from the device are in it, while loading the models, forgetting
the token ids of earlier lists and sending the result are not. Requests equal to those of others are not merged with
them, answers are neither looked up nor kept. The scheduler calls ``disturb`` before it does anything else while a
sample is under way, and so does a batch that a person's work has interrupted: the sample is given up and taken again,
or, at the last attempt, finished without a time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial

from core.domain.rankings import Ranking
from core.domain.requests import Answer
from core.domain.work import Ended, Event, Priority, ProbeWork
from core.models.base import Adapter
from core.worker.faults import Fault
from core.worker.lane import Lane, Machinery
from core.worker.probe_job import ProbeJob
from core.worker.progress import JobProgress
from core.worker.task import Ticket


class NoAnswers:
    """A cache that knows nothing and keeps nothing."""

    def get(self, keys: Sequence[str]) -> dict[str, Answer]:  # noqa: ARG002 - part of the protocol
        """Nothing."""
        return {}

    def put(self, answers: Iterable[tuple[str, Answer]]) -> None:
        """Forgotten at once."""


@dataclass(slots=True, kw_only=True)
class _Sample:
    """One ranking of one list. ``began``, ``ended``: seconds of the clock; ``message``: why there is no ranking."""

    adapters: tuple[Adapter, ...]
    counts: bool
    began: float
    ended: float = 0.0
    disturbed: bool = False
    ranking: Ranking | None = None
    message: str = ""


class Probes:
    """The probes that wait and the one under way; model thread only."""

    def __init__(
        self,
        shared: Machinery,
        tell: Callable[[Event], None],
        device: Callable[[], str],
        suspects: Iterable[str],
    ) -> None:
        """``device``: "cpu" or "cuda (NAME)"; ``suspects``: keys that run alone, which spoils a sample."""
        self._shared, self._tell, self._device = shared, tell, device
        self._lane = Lane(shared, NoAnswers(), self, suspects, shared.interrupts.ranking_waits)
        self._jobs: dict[str, ProbeJob] = {}
        self._sample: _Sample | None = None

    @property
    def active(self) -> bool:
        """Whether there is a probe: work in the background has to wait."""
        return bool(self._jobs)

    @property
    def measuring(self) -> bool:
        """Whether a list is being ranked right now."""
        return self._sample is not None

    def submit(self, work: ProbeWork) -> None:
        """Enter a probe; one without anything to measure ends at once."""
        job = ProbeJob(work, self._tell, self._shared.clock)
        self._jobs[work.job] = job
        job.progress.tell("starting", now=True)
        self._end_if_over(job)

    def cancel(self, id: str) -> bool:
        """Strike a probe out; whether it was here."""
        if id not in self._jobs:
            return False
        if self._current is self._jobs[id]:
            self._drop_sample()
        del self._jobs[id]
        return True

    def pardon(self) -> None:
        """Nothing is suspected any longer."""
        self._lane.pool.pardon()

    def wait(self, note: str) -> None:
        """Say why the probe stands still."""
        self._current.progress.tell(note)

    def disturb(self) -> None:
        """Something else is about to run."""
        if self._sample is None or not self._sample.counts:
            return
        if self._current.last_attempt:
            self._sample.disturbed = True
        else:
            self._drop_sample()
            self._current.again()

    def step(self) -> None:
        """A little of the oldest probe: load what is missing, or begin or go on with a list."""
        if self._sample is None:
            self._sample = self._begin(self._current)
        if self._sample is not None:
            self._go_on(self._sample)

    def ranked(self, ticket: Ticket, ranking: Ranking) -> None:  # noqa: ARG002 - part of the protocol
        """Driver: the generator has returned."""
        if self._sample is not None:
            self._sample.ended = self._now(self._sample.adapters)
            self._sample.ranking = ranking

    def failed(self, ticket: Ticket, system: str, candidates: str, message: str) -> None:  # noqa: ARG002 - protocol
        """Driver: there will be no ranking."""
        if self._sample is not None:
            self._sample.message = message

    @property
    def _current(self) -> ProbeJob:
        return next(iter(self._jobs.values()))

    def _begin(self, job: ProbeJob) -> _Sample | None:
        """Start a generator and the clock; None where models had to be loaded first or cannot be."""
        models = job.system.models
        missing = [model for model in models if not self._shared.loader.is_resident(model)]
        found = [self._shared.loader.adapter(model, partial(job.progress.tell, now=True)) for model in models]
        faults = [outcome for outcome in found if isinstance(outcome, Fault)]
        if faults:
            job.failed(f"{job.system.spec}: {faults[0].message}")
            self._end_if_over(job)
            return None
        if missing and all(self._shared.loader.is_resident(model) for model in models):
            job.cooled()
            return None  # messages that came while loading are read first
        if job.warm_ups:
            job.progress.tell(f"latency of {job.system.spec}: warming up")
        adapters = tuple(outcome for outcome in found if not isinstance(outcome, Fault))
        self._lane.forget()
        for adapter in adapters:
            adapter.forget()
        silent = JobProgress(job.work.job, Priority.BACKGROUND, lambda _event: None, self._shared.clock)
        ticket = Ticket(progress=silent, label=job.system.spec, forecast=0, documents=len(job.candidates.documents))
        sample = _Sample(adapters=adapters, counts=not job.warm_ups, began=self._now(adapters))
        self._lane.driver.want(ticket, job.system, job.candidates)
        return sample

    def _go_on(self, sample: _Sample) -> None:
        """Drive the generator, answer one batch, and drive it on with the answers."""
        quiet = self._lane.drive()
        window = self._lane.pool.choose() if quiet else []
        if window:
            if not self._lane.run_batch(window):
                self.disturb()
                return
            if window[0].alone:
                sample.disturbed = True
                self._lane.pool.clear(window)
            self._lane.drive()
        if sample.ranking is not None or sample.message:
            self._sample = None
            self._finish(self._current, sample)

    def _finish(self, job: ProbeJob, sample: _Sample) -> None:
        if sample.ranking is None:
            job.failed(sample.message)
        elif not sample.counts:
            job.warmed()
        elif sample.disturbed and not job.last_attempt:
            job.again()
        else:
            wall_ms = None if sample.disturbed else 1000 * (sample.ended - sample.began)
            memory = tuple((adapter.entry.id, adapter.memory_bytes) for adapter in sample.adapters)
            job.measured(wall_ms, sample.ranking, memory, self._device())
        self._end_if_over(job)

    def _end_if_over(self, job: ProbeJob) -> None:
        if job.over:
            del self._jobs[job.work.job]
            job.progress.tell("done", now=True)
            self._tell(Ended(job=job.work.job))

    def _drop_sample(self) -> None:
        if self._sample is not None:
            self._sample = None
            self._lane.driver.give_up(self._current.work.job)

    def _now(self, adapters: Iterable[Adapter]) -> float:
        """The clock, once all devices have done their work."""
        for adapter in adapters:
            adapter.synchronize()
        return self._shared.clock()
