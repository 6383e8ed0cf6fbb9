"""Votes on two systems as CSV: any table whose columns are named, and Runoff's own with a fixed header.

It cannot hold marks, reasons, how the systems were chosen, or which rows belong to one vote. A line break within a
cell is read as a line feed.
"""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from core.datasets.delimited import read_table
from core.datasets.meter import Meter
from core.datasets.row import MAX_ID_CHARS, Row
from core.datasets.votes.cast_row import MAX_VOTER_CHARS, CastRow, as_query, at_seconds, outside, text_cell
from core.datasets.votes.csv_columns import EXPORTED, ColumnMap
from core.datasets.votes.formulas import guarded, unguarded
from core.datasets.votes.winner import WinnerWords
from core.domain.vote_log import moment
from core.domain.voting import VoterKind

_SECONDS = re.compile(r"[0-9]{9,12}(\.[0-9]+)?")  # shorter ones are dates such as 20260301
KINDS = {str(kind): kind for kind in (VoterKind.PERSON, VoterKind.JUDGE)}


def read_csv(path: Path, name: str, meter: Meter, columns: ColumnMap, ignored: dict[str, int]) -> Iterator[CastRow]:
    """Every vote; ``ignored`` counts the cells of columns that are not read. ImportFormatError where malformed."""
    rows = read_table(path, name, meter, accepts=columns.fits, refusal=columns.refusal)
    cells: _Cells | None = None
    for number, row in enumerate(rows, start=1):
        if cells is None:
            cells = _Cells(columns, row)
        yield cells.cast(row, number)
        for column in cells.ignored:
            ignored[column] = ignored.get(column, 0) + 1


def write_csv(stream: BinaryIO, rows: Iterable[CastRow]) -> int:
    """A header and one line a vote, UTF-8, formulas guarded; how many votes there were."""
    writer = csv.writer(codecs.getwriter("utf-8")(stream), lineterminator="\n")
    writer.writerow(EXPORTED.values())
    count = 0
    for row in rows:
        writer.writerow(guarded(cell) for cell in _written(row))
        count += 1
    return count


class _Cells:
    """Access to the cells of one file by role; ``ignored``: columns without one."""

    def __init__(self, columns: ColumnMap, first: Row) -> None:
        self._columns = {role: column for role, column in columns.columns.items() if column in first.values}
        self._winners = WinnerWords(self._columns["a"], self._columns["b"])
        self.ignored = [column for column in first.values if column not in set(self._columns.values())]

    def cast(self, row: Row, number: int) -> CastRow:
        """The vote in ``row``."""
        left, right = self._system(row, "a"), self._system(row, "b")
        return CastRow(
            number=number,
            left=left,
            right=right,
            verdict=self._winners.read(self._cell(row, "winner"), left, right, row, self._columns["winner"]),
            voter=self._bounded(row, "voter", MAX_VOTER_CHARS),
            query=as_query(self._cell(row, "query")),
            category=self._bounded(row, "category"),
            group=self._bounded(row, "group"),
            kind=self._kind(row),
            at=self._time(row),
        )

    def _cell(self, row: Row, role: str) -> str:
        """The cell's text, empty where there is no such column."""
        column = self._columns.get(role)
        if column is None:
            return ""
        text = str(row.values[column])  # a table holds nothing but text
        return unguarded(text) if text.startswith("'") else text

    def _bounded(self, row: Row, role: str, most: int = MAX_ID_CHARS) -> str:
        text = self._cell(row, role)
        return text_cell(row, self._columns[role], text, most) if text else ""

    def _system(self, row: Row, role: str) -> str:
        name = self._bounded(row, role)
        if not name.strip():
            raise row.error("is empty; the name of a system is needed.", self._columns[role])
        return name

    def _kind(self, row: Row) -> VoterKind | None:
        text = self._cell(row, "kind")
        if text and text not in KINDS:
            raise row.error(f"must be {' or '.join(KINDS)}, not {text[:40]!r}.", self._columns["kind"])
        return KINDS.get(text)

    def _time(self, row: Row) -> datetime | None:
        text = self._cell(row, "time").strip()
        return _moment(text, row, self._columns["time"]) if text else None


def _moment(text: str, row: Row, column: str) -> datetime:
    """ISO 8601 (UTC unless it names a zone) or seconds since 1970."""
    if _SECONDS.fullmatch(text):
        return at_seconds(float(text), row, column)
    try:
        found = datetime.fromisoformat(text)
        found = found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise outside(row, column, text) from error
    if found.year < 1970:
        raise outside(row, column, text)
    return found


def _written(row: CastRow) -> tuple[str, ...]:
    kind, at = "" if row.kind is None else str(row.kind), "" if row.at is None else moment(row.at)
    return (row.left, row.right, str(row.verdict), row.voter, row.query, at, row.category, kind, row.group)
