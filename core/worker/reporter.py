"""Says what the engine holds: at once when models come or go, at most once a second for everything else."""

from __future__ import annotations

from collections.abc import Callable

from core.engine.messages import State

EVERY_S = 1.0


class Reporter:
    """Model thread only. ``make`` describes the present; it is cheap."""

    def __init__(self, make: Callable[[], State], send: Callable[[State], None], clock: Callable[[], float]) -> None:
        self._make, self._send, self._clock = make, send, clock
        self._said: State | None = None
        self._said_at = float("-inf")

    def now(self) -> None:
        """Say it, unless it is what was said last."""
        state = self._make()
        self._said_at = self._clock()
        if state != self._said:
            self._said = state
            self._send(state)

    def poll(self) -> None:
        """Say it where that has not been done for a second."""
        if self._clock() - self._said_at >= EVERY_S:
            self.now()

    def due_s(self) -> float | None:
        """Seconds until something unsaid may be said; None where there is nothing."""
        if self._make() == self._said:
            return None
        return max(0.0, self._said_at + EVERY_S - self._clock())
