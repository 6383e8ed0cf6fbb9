"""Keeps one engine process alive: starts it, listens to it, kills it when it hangs, starts it again."""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from core.engine.frames import FrameError
from core.engine.messages import Beat, FromWorker, Message, Stop, Submit, ToWorker
from core.engine.process import Launch, WorkerProcess
from core.engine.protocol import ProtocolError, decode, encode

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """Patience in seconds, and how many deaths without progress are enough.

    ``start_s``: no message since the process was started, which has to import first; ``silence_s``: no message for so
    long after that; ``stall_s``: signs of life, every ``beat_s``, but the same step of work all the time. The last two
    must be well over ``beat_s``.
    """

    backoff_s: float = 0.25
    backoff_max_s: float = 10.0
    start_s: float = 60.0
    silence_s: float = 60.0
    stall_s: float = 600.0
    beat_s: float = 1.0
    stop_s: float = 2.0
    give_up_after: int = 5


class Outbox:
    """Encodes and writes messages to one process on a thread of its own, so that ``put`` never waits."""

    def __init__(self, process: WorkerProcess, refused: Callable[[str, str], None]) -> None:
        """``refused(job, reason)`` is called for work that cannot be sent."""
        self._process, self._refused = process, refused
        self._queue: queue.SimpleQueue[ToWorker | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="engine-outbox", daemon=True)
        self._thread.start()

    def put(self, message: ToWorker) -> None:
        """Queue one message."""
        self._queue.put(message)

    def close(self) -> None:
        """End the thread; what is still queued may be lost."""
        self._queue.put(None)

    def _run(self) -> None:
        while (message := self._queue.get()) is not None:
            try:
                self._process.send(encode(message))
            except (ProtocolError, FrameError) as error:
                log.warning("Not sent: %s", error)
                if isinstance(message, Submit):
                    self._refused(message.work.job, str(error))
            except OSError:  # the process is gone; the supervisor sees the same and sends again
                return


class Front(Protocol):
    """Who is told of the life of the process; called on the supervisor's thread."""

    def born(self, outbox: Outbox) -> None:
        """A fresh process listens."""
        ...

    def heard(self, message: FromWorker) -> None:
        """It said something."""
        ...

    def died(self, cause: str, activity: str) -> float | None:
        """It is gone; seconds to wait before the next start, or None: wait until ``wake``."""
        ...

    def refused(self, job: str, reason: str) -> None:
        """Work that cannot be sent."""
        ...


class Supervisor:
    """The thread that owns the process."""

    def __init__(self, launch: Launch, front: Front, timing: Timing) -> None:
        self._launch, self._front, self._timing = launch, front, timing
        self._closing = threading.Event()
        self._wake = threading.Event()
        self._thread = threading.Thread(target=self._run, name="engine-supervisor", daemon=True)
        self.pid: int | None = None

    def start(self) -> None:
        """Start the process in the background."""
        self._thread.start()

    def wake(self) -> None:
        """Cut short the wait after giving up."""
        self._wake.set()

    def stop(self) -> None:
        """End process and thread; safe to call from any thread."""
        self._closing.set()
        self._wake.set()
        if threading.current_thread() is not self._thread:
            self._thread.join(self._timing.stop_s + 5)

    def _run(self) -> None:
        while not self._closing.is_set():
            try:
                process = WorkerProcess(self._launch)
            except OSError as error:
                cause, activity = f"it could not be started: {error}", ""
            else:
                cause, activity = self._accompany(process)
            if self._closing.is_set():
                return
            log.warning("The engine process ended: %s.", cause)
            self._wake.clear()  # before the front decides: what is submitted afterwards sets it again
            delay = self._front.died(cause, activity)
            if delay is not None:
                self._closing.wait(delay)
            elif not self._closing.is_set():
                self._wake.wait()

    def _accompany(self, process: WorkerProcess) -> tuple[str, str]:
        """Listen until the process is gone; gives back the cause and what a hung process was doing."""
        outbox = Outbox(process, self._front.refused)
        watch = _Watch(self._timing)
        self.pid = process.pid
        self._front.born(outbox)
        verdict = ""
        try:
            while not self._closing.is_set() and not verdict:
                verdict = self._listen(process, watch)
        except EOFError:
            verdict = ""
        except (ProtocolError, FrameError) as error:
            verdict = f"it spoke nonsense: {error}"
        if verdict:
            process.kill()
        if self._closing.is_set():
            outbox.put(Stop())
        ended = process.end(self._timing.stop_s)
        outbox.close()
        self.pid = None
        return (verdict or ended), (watch.activity if verdict else "")

    def _listen(self, process: WorkerProcess, watch: _Watch) -> str:
        frame = process.read(timeout_s=0.1)
        if frame is None:
            return watch.complaint()
        message: Message = decode(frame)
        watch.saw(message)
        if isinstance(message, Beat):
            return watch.complaint()
        self._front.heard(message)  # type: ignore[arg-type]  # the worker writes only its own
        return ""


class _Watch:
    """Notices silence and standstill."""

    def __init__(self, timing: Timing) -> None:
        self._timing = timing
        self._heard = self._moved = time.monotonic()
        self._turn = -1
        self._started = False
        self.activity = ""

    def saw(self, message: Message) -> None:
        self._heard, self._started = time.monotonic(), True
        if isinstance(message, Beat):
            if message.turn != self._turn or not message.activity:
                self._moved = self._heard
            self._turn, self.activity = message.turn, message.activity

    def complaint(self) -> str:
        now = time.monotonic()
        patience = self._timing.silence_s if self._started else self._timing.start_s
        if now - self._heard > patience:
            return f"no sign of life for {patience:g} s"
        if self.activity and now - self._moved > self._timing.stall_s:
            return f"stuck for {self._timing.stall_s:g} s"
        return ""
