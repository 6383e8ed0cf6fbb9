"""Rows of a file of hits, CSV or JSONL, with columns under one name whatever the file calls them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.datasets.delimited import read_table
from core.datasets.lines import read_objects
from core.datasets.meter import Meter
from core.datasets.row import Row

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
REFUSAL = "the first line must name the columns query, document id and text; title, rank and grade are optional."


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
    return read_table(path, path.name, meter, accepts=_names_all, refusal=lambda _: REFUSAL)


def _names_all(cells: Sequence[str]) -> bool:
    return set(NEEDED) <= {COLUMNS.get(_plain(cell), "") for cell in cells}


def _plain(name: str) -> str:
    return name.strip().lower().replace(" ", "_").replace("-", "_")
