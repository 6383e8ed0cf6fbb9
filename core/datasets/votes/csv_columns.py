"""Which column of a CSV holds what: ``a=left,b=right,winner=winner,voter=worker,query=prompt``."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from core.domain.errors import InvalidInputError

NEEDED = ("a", "b", "winner")
OPTIONAL = ("voter", "query", "time", "category", "kind", "group")
EXPORTED: Mapping[str, str] = {  # role -> column, as core/datasets/votes/table.py writes them
    "a": "left",
    "b": "right",
    **{role: role for role in ("winner", "voter", "query", "time", "category", "kind", "group")},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnMap:
    """``columns``: role (NEEDED, OPTIONAL) to the column's name. ``lenient``: optional columns may be missing."""

    columns: Mapping[str, str] = field(default_factory=lambda: dict(EXPORTED))
    lenient: bool = True

    def fits(self, header: Sequence[str]) -> bool:
        """Whether every column that must be there is there."""
        return not self.missing(header)

    def missing(self, header: Sequence[str]) -> list[str]:
        """Columns that must be there and are not."""
        roles = NEEDED if self.lenient else tuple(self.columns)
        return [self.columns[role] for role in roles if self.columns[role] not in header]

    def refusal(self, header: Sequence[str]) -> str:
        """What is wrong with a header that does not fit."""
        missing, there = ", ".join(map(repr, self.missing(header))), ", ".join(map(repr, header)) or "none"
        advice = " Name the columns: --columns a=...,b=...,winner=...[,voter=...,query=...]." if self.lenient else ""
        return f"the header does not name {missing}. Columns of this file: {there}.{advice}"


def parse_columns(text: str) -> ColumnMap:
    """The mapping as it is written; empty: the columns of Runoff's own CSV, of which only three are needed.

    InvalidInputError for a role that is unknown, doubled or missing. A name with a comma is put in double quotes:
    ``"a=left, side"``.
    """
    if not text.strip():
        return ColumnMap()
    found: dict[str, str] = {}
    for part in _parts(text):
        role, equals, column = part.partition("=")
        role = role.strip()
        if role not in NEEDED + OPTIONAL or not equals or not column:
            allowed = f"{', '.join(NEEDED)} and, where there are such columns, {', '.join(OPTIONAL)}"
            raise InvalidInputError(f"Cannot read {part!r} of the columns {text!r}. Write role=column for {allowed}.")
        if role in found:
            raise InvalidInputError(f"The columns {text!r} name {role} twice.")
        found[role] = column
    if missing := [role for role in NEEDED if role not in found]:
        raise InvalidInputError(f"The columns {text!r} do not say which is {', '.join(missing)}.")
    return ColumnMap(columns=found, lenient=False)


def _parts(text: str) -> list[str]:
    try:
        return next(csv.reader([text], strict=True), [])
    except csv.Error as error:
        raise InvalidInputError(f"Cannot read the columns {text!r}: {error}.") from error
