"""The engine port as a supervised process: work goes over a socket, events come back to listeners.

Three threads: the supervisor's (process and reading), one that writes, one that calls listeners. After
a death the running jobs are sent again without what was delivered; their answers come from the
engine's cache. This module never imports a model, torch or the worker.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from core.domain.ports import Listener
from core.domain.work import Ended, EngineStatus, Event, Progress, Work
from core.engine.book import Entry, JobBook
from core.engine.dispatcher import Dispatcher
from core.engine.forensics import Forensics
from core.engine.messages import (
    Began,
    Cancel,
    Configure,
    Finished,
    FromWorker,
    Pardon,
    Said,
    State,
    Submit,
    Unload,
)
from core.engine.process import Launch
from core.engine.supervisor import Outbox, Supervisor, Timing
from core.settings import Settings

STOPPED = "The engine was stopped before this work was finished."


class EngineClient:
    """Implements core.domain.ports.Engine; the process starts in the background on construction."""

    def __init__(
        self,
        settings: Settings,
        extra_files: Sequence[Path] = (),
        *,
        module: str = "core.worker",
        timing: Timing | None = None,
    ) -> None:
        """``extra_files``: strategy files of the user; ``module``: what ``python -m`` starts."""
        timing = timing or Timing()
        self._settings, self._timing = settings, timing
        self._extra_files = tuple(Path(file).resolve() for file in extra_files)
        self._lock = threading.Lock()
        self._book = JobBook()
        self._forensics = Forensics(timing.give_up_after)
        self._outbox: Outbox | None = None
        self._status = EngineStatus(state="starting", device=settings.device)
        self._dispatcher = Dispatcher()
        launch = Launch(module=module, log=settings.logs_dir / "engine.log", threads=settings.threads)
        self._supervisor = Supervisor(launch, self, timing)
        self._supervisor.start()

    @property
    def pid(self) -> int | None:
        """The process number of the engine, None while there is none."""
        return self._supervisor.pid

    def submit(self, work: Work, listener: Listener) -> None:
        """See core.domain.ports.Engine; InvalidInputError where a job of this id is running."""
        with self._lock:
            if self._status.state == "stopped":
                self._dispatcher.put(listener, Ended(job=work.job, error=STOPPED, interrupted=True))
                return
            self._book.add(work, listener)
            self._feed()
        self._supervisor.wake()

    def cancel(self, job: str) -> None:
        """See core.domain.ports.Engine; the end is told at once, whatever the engine is busy with."""
        with self._lock:
            entry = self._book.entry(job)
            if entry is not None:
                if entry.sent and self._outbox is not None:
                    self._outbox.put(Cancel(job=job))
                self._end(entry, Ended(job=job, cancelled=True))

    def unload(self, model: str) -> None:
        """See core.domain.ports.Engine; without a process there is nothing to be given back."""
        with self._lock:
            if self._outbox is not None:
                self._outbox.put(Unload(model=model))

    def status(self) -> EngineStatus:
        """See core.domain.ports.Engine."""
        with self._lock:
            return self._status

    def close(self) -> None:
        """Stop the process; jobs that run end as interrupted. Safe to call twice and from a listener."""
        with self._lock:
            if self._status.state == "stopped":
                return
            self._status = replace(self._status, state="stopped", detail="", models=())
            self._outbox = None
            for entry in self._book.all():
                self._end(entry, Ended(job=entry.work.job, error=STOPPED, interrupted=True))
        self._supervisor.stop()
        self._dispatcher.close(self._timing.stop_s)

    def born(self, outbox: Outbox) -> None:
        """Supervisor: a fresh process listens."""
        limits = self._settings.limits
        with self._lock:
            if self._status.state == "stopped":
                return
            self._outbox = outbox
            if self._status.state == "failed":
                self._status = replace(self._status, state="starting", detail="")
            outbox.put(
                Configure(
                    cache_dir=self._settings.cache_dir,
                    device=self._settings.device,
                    threads=self._settings.threads,
                    answer_cache_mb=limits.answer_cache_mb,
                    model_memory_mb=limits.model_memory_mb,
                    beat_s=self._timing.beat_s,
                    extra_files=self._extra_files,
                    suspects=tuple(sorted(self._forensics.suspects)),
                    poisoned=tuple(sorted(self._forensics.poisoned.items())),
                )
            )
            self._feed()

    def heard(self, message: FromWorker) -> None:
        """Supervisor: the process said something."""
        with self._lock:
            if isinstance(message, Said):
                self._event(message.event)
            elif isinstance(message, Began):
                self._forensics.began(message.keys)
            elif isinstance(message, Finished):
                self._forensics.finished()
            elif isinstance(message, State) and self._status.state != "stopped":
                self._status = replace(
                    self._status,
                    state="ready",
                    detail=message.detail,
                    device=message.device,
                    machine=message.machine,
                    models=message.models,
                    model_memory_bytes=message.model_memory_bytes,
                    cache=message.cache,
                )

    def died(self, cause: str, activity: str) -> float | None:
        """Supervisor: the process is gone."""
        with self._lock:
            self._outbox = None
            guilty = self._forensics.died(cause, activity, self._book.sent())
            for entry in self._book.all():
                entry.unsend()
            if guilty is not None and (culprit := self._book.entry(guilty)) is not None:
                self._end(culprit, Ended(job=guilty, error=f"The engine died twice on this work alone ({cause})."))
            if not self._book:
                self._forensics.reset()
            if self._forensics.hopeless:
                self._give_up(cause)
                return None
            deaths = self._forensics.deaths
            self._status = replace(
                self._status,
                state="restarting",
                detail=f"The engine process ended: {cause}.",
                models=(),
                restarts=self._status.restarts + 1,
            )
        return min(self._timing.backoff_max_s, self._timing.backoff_s * 2.0 ** max(0, deaths - 1))

    def refused(self, job: str, reason: str) -> None:
        """Supervisor: work that cannot be sent."""
        with self._lock:
            if (entry := self._book.entry(job)) is not None:
                self._end(entry, Ended(job=job, error=reason))

    def _give_up(self, cause: str) -> None:
        deaths = self._forensics.deaths
        reason = f"The engine died {deaths} times without getting further ({cause}); see logs/engine.log."
        for entry in self._book.all():
            self._end(entry, Ended(job=entry.work.job, error=reason))
        self._forensics.progressed()  # the next submission gets a fresh series of attempts
        self._status = replace(self._status, state="failed", detail=reason, models=())

    def _feed(self) -> None:
        """Give the process what it does not have; one job at a time while a culprit is sought."""
        if self._outbox is None:
            return
        for entry in self._book.unsent():
            if self._forensics.isolate and self._book.sent():
                return
            entry.sent = True
            self._outbox.put(Submit(work=entry.left()))

    def _event(self, event: Event) -> None:
        entry = self._book.entry(event.job)
        if entry is None:  # cancelled meanwhile
            return
        if isinstance(event, Ended):
            self._forensics.progressed()
            self._end(entry, event)
            return
        if not isinstance(event, Progress):
            self._forensics.progressed()
        self._dispatcher.put(entry.listener, entry.note(event))

    def _end(self, entry: Entry, event: Ended) -> None:
        self._book.remove(event.job)
        self._dispatcher.put(entry.listener, event)
        if not self._book and self._forensics.reset() and self._outbox is not None:
            self._outbox.put(Pardon())
        self._feed()
