"""Circuit breaker: after five failed requests in a row an endpoint is left alone for a while (Nygard 2007)."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from core.domain.errors import ModelUnavailableError


class Breaker:
    """Closed: all requests go. Open: refused until ``pause_s`` is over, then one more failure opens it again."""

    def __init__(
        self, name: str, *, failures: int = 5, pause_s: float = 30.0, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._name, self._limit, self._pause_s, self._clock = name, failures, pause_s, clock
        self._lock = threading.Lock()
        self._failures = 0
        self._open_until = 0.0

    def check(self) -> None:
        """ModelUnavailableError while the breaker is open."""
        with self._lock:
            left = self._open_until - self._clock()
        if left > 0:
            raise ModelUnavailableError(
                f"{self._name} failed {self._limit} times in a row and is left alone for {left:.0f} s more."
            )

    def succeeded(self) -> None:
        """Forget earlier failures."""
        with self._lock:
            self._failures, self._open_until = 0, 0.0

    def failed(self) -> None:
        """Count a failure; the fifth in a row, and each one after it, opens the breaker."""
        with self._lock:
            self._failures += 1
            if self._failures >= self._limit:
                self._open_until = self._clock() + self._pause_s
