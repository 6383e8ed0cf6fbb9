"""What was odd about the rows of a foreign file but no error, counted and put in words."""

from __future__ import annotations

from dataclasses import dataclass, field

from core.datasets.votes.cast_row import CastRow
from core.domain.counting import counted
from core.domain.voting import Control

SHOWN_FIELDS = 8


@dataclass(slots=True, kw_only=True)
class RowNotes:
    """``ignored``: name of a field or column to how many rows had it. ``rows``: votes seen."""

    ignored: dict[str, int] = field(default_factory=dict)
    rows: int = 0
    unnamed: int = 0
    without_query: int = 0
    untimed: int = 0
    controls: int = 0

    def add(self, row: CastRow) -> None:
        """Count one row."""
        self.rows += 1
        self.unnamed += not row.voter
        self.without_query += not row.query
        self.untimed += row.at is None
        self.controls += row.control is not Control.NONE

    def sentences(self) -> tuple[str, ...]:
        """Everything worth saying."""
        found = []
        if self.unnamed:
            found.append(
                f"{self._of(self.unnamed)} no voter: each counts as a voter of its own, as if votes were independent."
            )
        if self.without_query:
            found.append(f"{self._of(self.without_query)} no query: they count as votes on one query.")
        if self.controls:
            found.append(f"{counted(self.controls, 'vote')} on a system against itself: kept as controls, not rated.")
        if self.ignored:
            found.append(f"Not read: {self._fields()}.")
        return tuple(found)

    def _of(self, count: int) -> str:
        if count == self.rows:
            return "The votes name"
        return f"{count:,} of {self.rows:,} votes {'names' if count == 1 else 'name'}"

    def _fields(self) -> str:
        named = [f"{name} ({count:,})" for name, count in self.ignored.items()]
        more = len(named) - SHOWN_FIELDS
        return ", ".join(named[:SHOWN_FIELDS]) + (f" and {more} more" if more > 0 else "")
