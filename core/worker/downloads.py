"""Model downloads on a thread of their own, one after the other, so that ranking goes on."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from pathlib import Path

from core.domain.errors import CancelledError
from core.domain.models import ModelEntry
from core.domain.work import Ended, Event, FetchWork, Progress
from core.worker.faults import fault_of
from core.worker.progress import EVERY_S

Fetch = Callable[[ModelEntry, Path, Callable[[int, int], None], Callable[[], bool]], Path]


class Downloads:
    """``tell`` and ``fetched`` are called on the download thread."""

    def __init__(
        self,
        *,
        fetch: Fetch,
        cache_dir: Path,
        tell: Callable[[Event], None],
        fetched: Callable[[], None],
        cancelled: Callable[[str], bool],
        clock: Callable[[], float],
    ) -> None:
        self._fetch, self._cache_dir, self._tell, self._fetched = fetch, cache_dir, tell, fetched
        self._cancelled, self._clock = cancelled, clock
        self._queue: queue.SimpleQueue[FetchWork] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()
        self._open = 0

    @property
    def busy(self) -> bool:
        """Whether a download runs or waits; it takes a core to check what arrives."""
        return self._open > 0

    def submit(self, work: FetchWork) -> None:
        """Queue a download."""
        self._count(1)
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="downloads", daemon=True)
            self._thread.start()
        self._queue.put(work)

    def _run(self) -> None:
        while True:
            work = self._queue.get()
            self._tell(self._one(work))
            self._count(-1)

    def _count(self, change: int) -> None:
        with self._lock:
            self._open += change

    def _one(self, work: FetchWork) -> Ended:
        told = float("-inf")

        def progress(done: int, total: int) -> None:
            nonlocal told
            if self._clock() - told >= EVERY_S or done >= total:
                told = self._clock()
                self._tell(Progress(job=work.job, done=done, total=total, note=f"downloading {work.model.id}"))

        def cancelled() -> bool:
            return self._cancelled(work.job)

        try:
            if cancelled():
                return Ended(job=work.job, cancelled=True)
            self._fetch(work.model, self._cache_dir, progress, cancelled)
        except CancelledError:
            return Ended(job=work.job, cancelled=True)
        except Exception as error:  # noqa: BLE001  (network and file system may raise anything; it ends this job only)
            return Ended(job=work.job, error=fault_of(error, f"downloading {work.model.id}").message)
        self._fetched()
        return Ended(job=work.job)
