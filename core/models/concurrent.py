"""Several requests to one endpoint at once, with cancelling and an end in any case."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from typing import TypeVar

from core.domain.errors import CancelledError, ModelUnavailableError

CONCURRENT = 4
_LOOK_S = 0.1

T = TypeVar("T")
Call = Callable[[threading.Event], T]


def run_together(
    calls: Sequence[Call[T]], pool: ThreadPoolExecutor, cancelled: Callable[[], bool], limit_s: float
) -> list[T]:
    """Results in order. The first failure is raised and stops the others.

    CancelledError within a moment of ``cancelled``; ModelUnavailableError after ``limit_s`` whatever a server does.
    """
    stopped = threading.Event()
    futures: list[Future[T]] = [pool.submit(call, stopped) for call in calls]
    deadline = time.monotonic() + limit_s
    waiting = set(futures)
    try:
        while waiting:
            done, waiting = wait(waiting, timeout=_LOOK_S, return_when=FIRST_EXCEPTION)
            for future in done:
                future.result()
            if waiting and cancelled():
                raise CancelledError("Cancelled.")
            if waiting and time.monotonic() > deadline:
                raise ModelUnavailableError(f"no complete reply within {limit_s:g} s")
    finally:
        stopped.set()
        for future in waiting:
            future.cancel()
    return [future.result() for future in futures]
