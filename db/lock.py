"""A lock between threads and processes: ``flock`` on files beside the database.

SQLite before 3.51.3 can lose a commit when two connections write and checkpoint at the same instant
(https://www.sqlite.org/wal.html#walresetbug), so every write transaction and checkpoint is taken under this lock.
The kernel frees it when its holder dies.

Two files make it fair between processes: whoever waits for ``.lock`` holds ``.turn`` meanwhile, so a process that
has just let go cannot overtake it (with one file, a busy process kept others waiting for 100 ms and more).
"""

from __future__ import annotations

import fcntl
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_PAUSE_SECONDS = 0.0002


class FileLock:
    """Exclusive, and re-entrant within a thread."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._threads = threading.RLock()
        self._depth = 0
        self._lock = _open(path.with_name(path.name + ".lock"))
        self._turn = _open(path.with_name(path.name + ".turn"))

    @contextmanager
    def held(self, seconds: float) -> Iterator[None]:
        """Hold the lock inside the block; TimeoutError when it was not free within ``seconds``."""
        deadline = time.monotonic() + seconds
        if not self._threads.acquire(timeout=max(seconds, 0.0)):
            raise TimeoutError(f"{self._path} is in use by another thread.")
        try:
            if self._depth == 0:
                self._take(deadline)
            self._depth += 1
            try:
                yield
            finally:
                self._depth -= 1
                if self._depth == 0:
                    fcntl.flock(self._lock, fcntl.LOCK_UN)
        finally:
            self._threads.release()

    def close(self) -> None:
        """Give the files back; the lock must not be used afterwards."""
        with self._threads:
            for file in (self._lock, self._turn):
                if file >= 0:
                    os.close(file)
            self._lock = self._turn = -1

    def _take(self, deadline: float) -> None:
        self._wait(self._turn, deadline)
        try:
            self._wait(self._lock, deadline)
        finally:
            fcntl.flock(self._turn, fcntl.LOCK_UN)

    def _wait(self, file: int, deadline: float) -> None:
        # Polling, because flock has no time limit and a page must not hang behind a stopped process.
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return
            except BlockingIOError:
                if time.monotonic() >= deadline:
                    raise TimeoutError(f"{self._path} is in use by another process.") from None
                time.sleep(_PAUSE_SECONDS)


def _open(file: Path) -> int:
    return os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
