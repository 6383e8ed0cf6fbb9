"""Hears the events of one job on the engine's thread and writes what must survive."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Protocol

from core.domain.errors import StorageError
from core.domain.jobs import Failure, Job, JobKind, JobState
from core.domain.ports import JobStore, RankingStore
from core.domain.work import Ended, Event, Progress, Ranked, RankFailed

log = logging.getLogger(__name__)
SAVE_EVERY_SECONDS = 1.0


class FollowerStore(RankingStore, JobStore, Protocol):
    """What a follower writes to."""


class Follower:
    """A listener. A write that fails costs that ranking and, at the end, the job's good name; never the thread."""

    def __init__(self, store: FollowerStore, job: Job, then: Callable[[Job], None], cancel: Callable[[], None]) -> None:
        """``cancel``: asks the engine to end the work."""
        self._store = store
        self._job = job
        self._then = then
        self.cancel = cancel
        self._saved = time.monotonic()
        self._failures = 0
        self._lost = ""
        self.begun = False  # the engine has said something
        self.ended = threading.Event()

    def snapshot(self) -> Job:
        """The job as it stands this moment."""
        return self._job

    def __call__(self, event: Event) -> None:
        """Hear one event."""
        self.begun = True
        if isinstance(event, Ended):
            self._end(event)
            return
        try:
            self._hear(event)
            if time.monotonic() - self._saved > SAVE_EVERY_SECONDS:
                self._save()
        except StorageError as error:
            log.exception("job %s could not record a result", self._job.id)
            self._lost = str(error)
            self._change(message=self._lost)

    def _hear(self, event: Event) -> None:
        if isinstance(event, Ranked):
            self._store.save_ranking(event.ranking)
            self._change(done=self._job.done + 1)
        elif isinstance(event, RankFailed):
            self._failures += 1
            self._store.save_failure(Failure(system=event.system, candidates=event.candidates, message=event.message))
            self._change(done=self._job.done + 1, message=event.message)
        elif isinstance(event, Progress):
            if self._job.kind is JobKind.FETCH:
                self._change(done=event.done, total=event.total)
            self._change(message=event.note)

    def _end(self, event: Ended) -> None:
        if event.interrupted:  # the process is closing: the job stays as it is and is taken over by the next one
            self.ended.set()
            return
        error = event.error or self._lost
        state = JobState.CANCELLED if event.cancelled else JobState.FAILED if error else JobState.DONE
        failed = f"{self._failures} {'ranking' if self._failures == 1 else 'rankings'} failed."
        self._change(state=state, message=error or (failed if self._failures else ""))
        try:
            self._save()
        except StorageError:
            log.exception("the end of job %s could not be recorded", self._job.id)
        self.ended.set()
        self._then(self._job)

    def _save(self) -> None:
        self._saved = time.monotonic()
        job = self._job
        self._store.update_job(job.id, state=job.state, done=job.done, total=job.total, message=job.message)

    def _change(self, **fields: Any) -> None:  # noqa: ANN401  (passed straight to the dataclass, which checks the names)
        self._job = replace(self._job, updated_at=datetime.now(UTC), **fields)
