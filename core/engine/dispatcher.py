"""Hands events to listeners, in order, on one thread of its own, never under a lock."""

from __future__ import annotations

import logging
import queue
import threading

from core.domain.ports import Listener
from core.domain.work import Event

log = logging.getLogger(__name__)


class Dispatcher:
    """A queue and the thread that empties it."""

    def __init__(self) -> None:
        self._queue: queue.SimpleQueue[tuple[Listener, Event] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="engine-listeners", daemon=True)
        self._thread.start()

    def put(self, listener: Listener, event: Event) -> None:
        """Queue one event; returns at once."""
        self._queue.put((listener, event))

    def close(self, patience_s: float) -> None:
        """Deliver what is queued, then end the thread; safe to call from a listener."""
        self._queue.put(None)
        if threading.current_thread() is not self._thread:
            self._thread.join(patience_s)

    def _run(self) -> None:
        while (item := self._queue.get()) is not None:
            listener, event = item
            try:
                listener(event)
            except Exception:
                log.exception("A listener failed on %s of job %s.", type(event).__name__, event.job)
