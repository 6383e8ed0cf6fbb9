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
        self._closed = False
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._run, name="engine-listeners", daemon=True)
        self._thread.start()

    def put(self, listener: Listener, event: Event) -> None:
        """Queue one event; returns at once. After ``close`` it has a thread to itself: somebody may wait for it."""
        with self._lock:
            if not self._closed:
                self._queue.put((listener, event))
                return
        threading.Thread(target=_deliver, args=(listener, event), name="engine-late-listener", daemon=True).start()

    def close(self, patience_s: float) -> None:
        """Deliver what is queued, then end the thread; safe to call from a listener."""
        with self._lock:
            self._closed = True
            self._queue.put(None)
        if threading.current_thread() is not self._thread:
            self._thread.join(patience_s)

    def _run(self) -> None:
        while (item := self._queue.get()) is not None:
            _deliver(*item)


def _deliver(listener: Listener, event: Event) -> None:
    try:
        listener(event)
    except Exception:  # a listener may raise anything (BLE001 lets what is logged pass); the others are told
        log.exception("A listener failed on %s of job %s.", type(event).__name__, event.job)
