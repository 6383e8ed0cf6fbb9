"""Work of a job that a thread of this process does, such as an import or a benchmark."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime

from core.domain.errors import CancelledError, RunoffError, StorageError
from core.domain.jobs import Job, JobState
from core.domain.ports import JobStore

log = logging.getLogger(__name__)
SAVE_EVERY_SECONDS = 1.0


class InterruptedTaskError(RunoffError):
    """The process is closing: the job stays as it is and is taken over by the next one."""


class Task:
    """What the thread reports to, and where it hears that it should stop. Safe to use from every thread."""

    def __init__(self, store: JobStore, job: Job) -> None:
        self._store = store
        self._job = job
        self._saved = time.monotonic()
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._closing = self._asked = False
        self._stops: list[Callable[[], None]] = []
        self.ended = threading.Event()

    @property
    def id(self) -> str:
        """The job's id."""
        return self._job.id

    def snapshot(self) -> Job:
        """The job as it stands this moment."""
        return self._job

    def report(self, *, done: int | None = None, total: int | None = None, message: str | None = None) -> None:
        """Progress; written to the store once a second. A write that fails costs that one report."""
        given = {"done": done, "total": total, "message": message}
        with self._lock:
            self._change(**{name: value for name, value in given.items() if value is not None})
        self._save_when_due()

    def advance(self, by: int = 1) -> None:
        """``by`` more are done."""
        with self._lock:
            self._change(done=self._job.done + by)
        self._save_when_due()

    def cancelled(self) -> bool:
        """Whether to stop (a person cancelled, or the process is closing)."""
        return self._stopping.is_set()

    def check(self) -> None:
        """CancelledError where the work should stop."""
        if self.cancelled():
            raise CancelledError("cancelled")

    @contextmanager
    def stopped_by(self, stop: Callable[[], None]) -> Iterator[None]:
        """While in the block, ``stop`` is called when the work should stop; at once where that was said before."""
        with self._lock:
            self._stops.append(stop)
            late = self._stopping.is_set()
        try:
            if late:
                stop()
            yield
        finally:
            with self._lock:
                self._stops.remove(stop)

    def cancel(self) -> None:
        """A person wants it to stop, and finds it cancelled even where the process closes meanwhile."""
        self._asked = True
        self._stop(closing=False)

    def close(self) -> None:
        """The process is closing."""
        self._stop(closing=True)

    def run(self, body: Callable[[Task], str], then: Callable[[Job], None]) -> None:
        """Do the work and record how it ended; ``body`` returns the last message."""
        try:
            self._end(JobState.DONE, body(self))
        except (InterruptedTaskError, CancelledError) as error:
            if not self._asked and (self._closing or isinstance(error, InterruptedTaskError)):
                self.ended.set()
                return
            self._end(JobState.CANCELLED, "Cancelled.")
        except RunoffError as error:
            self._end(JobState.FAILED, str(error))
        except Exception as error:  # nobody else would ever say that this job is over
            log.exception("job %s failed", self.id)
            self._end(JobState.FAILED, f"{type(error).__name__}: {error}")
        then(self._job)

    def _stop(self, *, closing: bool) -> None:
        with self._lock:
            self._closing = self._closing or closing
            self._stopping.set()
            stops = list(self._stops)
        for stop in stops:
            stop()

    def _end(self, state: JobState, message: str) -> None:
        with self._lock:
            self._change(state=state, message=message)
        self._save()
        self.ended.set()

    def _save_when_due(self) -> None:
        with self._lock:
            due = time.monotonic() - self._saved > SAVE_EVERY_SECONDS
            if due:
                self._saved = time.monotonic()
        if due:
            self._save()

    def _save(self) -> None:
        job = self._job
        try:
            self._store.update_job(job.id, state=job.state, done=job.done, total=job.total, message=job.message)
        except StorageError:
            log.exception("progress of job %s could not be recorded", job.id)

    def _change(self, **fields: object) -> None:
        self._job = replace(self._job, updated_at=datetime.now(UTC), **fields)  # type: ignore[arg-type]  # named by field
