"""Rows of a file of hits, CSV or JSONL, with columns under one name whatever the file calls them."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from core.datasets.lines import read_lines, read_objects
from core.datasets.meter import Meter
from core.datasets.row import Row
from core.domain.errors import ImportFormatError

NEEDED = ("query", "document_id", "text")
COLUMNS: Mapping[str, str] = {  # what a file may say (lower case, blanks and dashes as _) -> column
    **{name: name for name in ("query", "query_id", "document_id", "text", "title", "rank", "grade", "category")},
    "query_text": "query",
    "qid": "query_id",
    "doc_id": "document_id",
    "docid": "document_id",
    "id": "document_id",
    "passage": "text",
    "relevance": "grade",
}
DELIMITERS = (",", ";", "\t")


@dataclass(frozen=True, slots=True)
class HitRows:
    """The rows of one file. ``ignored`` collects names of columns that mean nothing here."""

    path: Path
    ignored: set[str]

    def read(self, meter: Meter) -> Iterator[Row]:
        """Every row, its values under the names of COLUMNS; ImportFormatError where malformed."""
        rows = _csv_rows(self.path, meter) if self.path.suffix.lower() == ".csv" else _json_rows(self.path, meter)
        for row in rows:
            yield self._renamed(row)

    def _renamed(self, row: Row) -> Row:
        values: dict[str, object] = {}
        for key, value in row.values.items():
            column = COLUMNS.get(_plain(key))
            if column is None:
                self.ignored.add(key)
            elif column in values:
                raise row.error(f"two columns mean the {column.replace('_', ' ')}; keep one.", key)
            else:
                values[column] = value
        return Row(file=row.file, line=row.line, values=values)


def _json_rows(path: Path, meter: Meter) -> Iterator[Row]:
    return read_objects(path, path.name, meter)


def _csv_rows(path: Path, meter: Meter) -> Iterator[Row]:
    """RFC 4180 with comma, semicolon or tab; a record may span lines, ``line`` is its first."""
    lines = (line for _, line in read_lines(path, path.name, meter))
    header, delimiter = _header(next(lines, ""), path.name)
    reader = csv.reader((line + "\n" for line in lines), delimiter=delimiter, strict=True)
    while True:
        first = reader.line_num + 2  # the header is line 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise ImportFormatError(path.name, f"not valid CSV: {error}.", line=first) from error
        if not any(cells):
            continue
        if len(cells) != len(header):
            cause = f"has {len(cells)} cells, but the header names {len(header)} columns."
            raise ImportFormatError(path.name, cause, line=first)
        yield Row(file=path.name, line=first, values=dict(zip(header, cells, strict=True)))


def _header(line: str, name: str) -> tuple[list[str], str]:
    for delimiter in DELIMITERS:
        try:
            cells = next(csv.reader([line], delimiter=delimiter, strict=True), [])
        except csv.Error:
            continue
        if set(NEEDED) <= {COLUMNS.get(_plain(cell), "") for cell in cells}:
            doubled = [cell for cell in cells if cells.count(cell) > 1]
            if doubled:
                raise ImportFormatError(name, "the column is named twice.", line=1, column=doubled[0])
            return cells, delimiter
    cause = "the first line must name the columns query, document id and text; title, rank and grade are optional."
    raise ImportFormatError(name, cause, line=1)


def _plain(name: str) -> str:
    return name.strip().lower().replace(" ", "_").replace("-", "_")
