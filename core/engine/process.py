"""One engine process: started with a socket of its own, spoken to in frames, always reaped."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from core.engine.frames import FrameReader, send_frame
from core.settings import PROJECT

_LOG_LIMIT = 5_000_000  # bytes after which the log begins anew; one older file is kept


@dataclass(frozen=True, slots=True, kw_only=True)
class Launch:
    """What to start: ``python -m module FD``, its output appended to ``log``. ``threads``: 0 leaves the choice."""

    module: str
    log: Path
    threads: int = 0


class WorkerProcess:
    """A running engine process. ``send`` may be called by one thread while another reads."""

    def __init__(self, launch: Launch) -> None:
        """Start the process; OSError where that is impossible."""
        ours, theirs = socket.socketpair()
        try:
            with theirs, _open_log(launch.log) as log:
                # A session of its own: Ctrl-C in the terminal must not look like a crash of the engine.
                self._process = subprocess.Popen(
                    [sys.executable, "-m", launch.module, str(theirs.fileno())],
                    pass_fds=(theirs.fileno(),),
                    cwd=PROJECT,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    env=_environment(launch.threads),
                    start_new_session=True,
                )
        except OSError:
            ours.close()
            raise
        self._socket = ours
        self._reader = FrameReader(ours)

    @property
    def pid(self) -> int:
        """The operating system's number of the process."""
        return self._process.pid

    def send(self, frame: bytes) -> None:
        """Write one frame; OSError when the process is gone, FrameError where the frame is too large."""
        send_frame(self._socket, frame)

    def read(self, timeout_s: float) -> bytes | None:
        """The next frame, None after ``timeout_s``; EOFError when the process is gone."""
        return self._reader.read(timeout_s)

    def kill(self) -> None:
        """End the process now; harmless when it has ended."""
        self._process.kill()

    def end(self, patience_s: float) -> str:
        """Wait up to ``patience_s``, then kill; gives back how it ended, in words."""
        try:
            status = self._process.wait(patience_s)
        except subprocess.TimeoutExpired:
            self._process.kill()
            status = self._process.wait()
        with contextlib.suppress(OSError):  # shutting down wakes a sender that still waits
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        return describe_exit(status)


def describe_exit(status: int) -> str:
    """How a process ended, in words: "signal 9 (SIGKILL)" or "exit status 1"."""
    if status >= 0:
        return f"exit status {status}"
    try:
        return f"signal {-status} ({signal.Signals(-status).name})"
    except ValueError:
        return f"signal {-status}"


def _environment(threads: int) -> dict[str, str]:
    environment = dict(os.environ)
    environment.setdefault("TOKENIZERS_PARALLELISM", "false")
    # Threads that wait sleep instead of spinning: where other processes want the cores too (the pages do), the
    # same forward passes took half the time, and on a quiet machine no more.
    environment.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    if threads:
        environment["OMP_NUM_THREADS"] = str(threads)
    return environment


def _open_log(path: Path) -> IO[bytes]:
    path.parent.mkdir(parents=True, exist_ok=True)
    with contextlib.suppress(FileNotFoundError):
        if path.stat().st_size > _LOG_LIMIT:
            path.replace(path.with_suffix(".old.log"))
    return path.open("ab")
