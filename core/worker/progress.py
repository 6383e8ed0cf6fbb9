"""How far a job is, told at most four times a second."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from core.domain.work import Event, Priority, Progress

EVERY_S = 0.25


@dataclass(slots=True)
class Counter:
    """``done`` of ``total`` calls."""

    done: int = 0
    total: int = 0


class JobProgress:
    """Counts calls of one job, in all and per system; forecasts that fall short grow."""

    def __init__(self, job: str, priority: Priority, tell: Callable[[Event], None], clock: Callable[[], float]) -> None:
        self.job, self.priority = job, priority
        self.served_s = 0.0  # executed seconds, for fairness among jobs
        self._tell, self._clock = tell, clock
        self._all = Counter()
        self._systems: dict[str, Counter] = {}
        self._told_at = float("-inf")
        self._told: Progress | None = None

    def expect(self, label: str, calls: int) -> None:
        """``calls`` more are forecast for the system ``label``."""
        self._all.total += calls
        self._systems.setdefault(label, Counter()).total += calls

    def advance(self, label: str, calls: int = 1) -> None:
        """``calls`` were answered for the system."""
        for counter in (self._all, self._systems.setdefault(label, Counter())):
            counter.done += calls
            counter.total = max(counter.total, counter.done)

    def correct(self, label: str, forecast: int, done: int) -> None:
        """A ranking of the system is over: the calls it did not need no longer count as open."""
        for counter in (self._all, self._systems.setdefault(label, Counter())):
            counter.total = max(counter.done, counter.total - max(0, forecast - done))

    def calls_note(self, label: str) -> str:
        """For example "query-likelihood: 120 of 280 calls"."""
        counter = self._systems.get(label, Counter())
        return f"{label}: {counter.done} of {counter.total} calls"

    def tell(self, note: str, *, now: bool = False) -> None:
        """Say where the job stands, unless that was said a moment ago; ``now``: in any case."""
        at = self._clock()
        if now or at - self._told_at >= EVERY_S:
            event = Progress(job=self.job, done=self._all.done, total=self._all.total, note=note)
            if event != self._told:
                self._told, self._told_at = event, at
                self._tell(event)
