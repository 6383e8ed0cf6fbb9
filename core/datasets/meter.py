"""Progress and cancelling of one import, counted in bytes of source files."""

from __future__ import annotations

from collections.abc import Callable

from core.domain.errors import CancelledError

STEP = 2**20  # bytes between two reports where the total is not known
REPORTS = 200  # at most about this many reports per import, so that a slow listener cannot slow the import


class Meter:
    """Counts what was read. ``report(done, total)`` hears of progress; ``cancelled()`` is asked as often.

    ``total`` 0: not known; it is then reported as 0. ``say`` hears in words what is going on.
    """

    def __init__(
        self,
        total: int,
        report: Callable[[int, int], None],
        cancelled: Callable[[], bool],
        say: Callable[[str], None] = lambda _text: None,
    ) -> None:
        self._total = total
        self._report = report
        self._cancelled = cancelled
        self._say = say
        self._done = 0
        self._next = 0

    def advance(self, read: int) -> None:
        """``read`` more bytes are done; CancelledError where a person has asked for the end."""
        self._done += read
        if self._done >= self._next:
            self._next = self._done + (self._total // REPORTS if self._total else STEP)
            self.check()
            self._report(min(self._done, self._total) if self._total else self._done, self._total)

    def say(self, text: str) -> None:
        """What begins now, in words; CancelledError where a person has asked for the end."""
        self.check()
        self._say(text)

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
        self._report(self._total or self._done, self._total or self._done)


def silent() -> Meter:
    """A meter that nobody listens to."""
    return Meter(0, lambda _done, _total: None, lambda: False)
