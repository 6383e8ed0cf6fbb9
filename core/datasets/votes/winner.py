"""What a cell says of who won. Unknown is an error, never a tie, and so is a word that means two things."""

from __future__ import annotations

from collections.abc import Mapping

from core.datasets.row import Row
from core.domain.voting import Verdict

_WORDS: Mapping[str, Verdict] = {
    **dict.fromkeys(("a", "model_a", "left"), Verdict.LEFT),
    **dict.fromkeys(("b", "model_b", "right"), Verdict.RIGHT),
    **dict.fromkeys(("tie", "equal", "draw"), Verdict.EQUAL),
    **dict.fromkeys(("both-bad", "both bad", "both_bad", "bothbad", "tie (bothbad)"), Verdict.BOTH_BAD),
}


class WinnerWords:
    """Reads winners of a file whose two columns of systems have these names. Case matters only in systems' names."""

    def __init__(self, left_column: str, right_column: str) -> None:
        columns = {left_column.strip().casefold(): Verdict.LEFT, right_column.strip().casefold(): Verdict.RIGHT}
        self._words = {**_WORDS, **columns}

    def read(self, cell: str, left: str, right: str, row: Row, column: str) -> Verdict:
        """What ``cell`` says of the systems ``left`` and ``right``; ImportFormatError at the row and column where it is
        not clear."""
        found = {self._words.get(cell.strip().casefold())} - {None}
        if left != right:
            found |= {verdict for name, verdict in ((left, Verdict.LEFT), (right, Verdict.RIGHT)) if cell == name}
        if len(found) > 1:
            cause = f"{cell[:40]!r} is the name of one system of this row and also a word for another winner."
            raise row.error(f"{cause} Rename the system or write left, right, tie or both-bad.", column)
        for verdict in found:
            if verdict is not None:
                return verdict
        words = ", ".join(dict.fromkeys(self._words))
        cause = f"must be one of {words}, or the name of one of the two systems, not {cell[:40]!r}."
        raise row.error(cause, column)
