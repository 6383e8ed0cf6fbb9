"""Progress and cancelling of one import, counted in bytes of source files."""

from __future__ import annotations

from collections.abc import Callable

from core.domain.errors import CancelledError

REPORTS = 200  # at most about this many reports per import, so that a slow listener cannot slow the import


class Meter:
    """Counts what was read. ``report(done, total)`` hears of progress; ``cancelled()`` is asked as often."""

    def __init__(self, total: int, report: Callable[[int, int], None], cancelled: Callable[[], bool]) -> None:
        self._total = max(total, 1)
        self._report = report
        self._cancelled = cancelled
        self._done = 0
        self._next = 0

    def advance(self, read: int) -> None:
        """``read`` more bytes are done; CancelledError where a person has asked for the end."""
        self._done += read
        if self._done >= self._next:
            self._next = self._done + self._total // REPORTS
            self.check()
            self._report(min(self._done, self._total), self._total)

    def check(self) -> None:
        """CancelledError where a person has asked for the end."""
        if self.cancelled:
            raise CancelledError("The import was cancelled; nothing was imported.")

    @property
    def cancelled(self) -> bool:
        """Whether a person has asked for the end."""
        return self._cancelled()

    def finish(self) -> None:
        """Everything is done."""
        self._report(self._total, self._total)
