"""Tables without a header, as MS MARCO has them: an id, a tab, a text; for documents also id, title, text."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from core.datasets.lines import read_lines
from core.datasets.meter import Meter
from core.datasets.row import Row
from core.domain.errors import ImportFormatError


def read_document_lines(path: Path, name: str, meter: Meter) -> Iterator[Row]:
    """Rows with id, title (may be missing) and text; ImportFormatError for other numbers of cells."""
    for number, cells in _cells(path, name, meter):
        if len(cells) not in (2, 3):
            cause = f"has {len(cells)} cells; expected id and text, or id, title and text, parted by tabs."
            raise ImportFormatError(name, cause, line=number)
        title = {"title": cells[1]} if len(cells) == 3 else {}
        yield Row(file=name, line=number, values={"id": cells[0].strip(), "text": cells[-1], **title})


def read_query_lines(path: Path, name: str, meter: Meter) -> Iterator[Row]:
    """Rows with id and text; ImportFormatError where there is no tab, or more than one."""
    for number, cells in _cells(path, name, meter):
        if len(cells) != 2:
            cause = f"has {len(cells)} cells; expected the id of the query and its text, parted by a tab."
            raise ImportFormatError(name, cause, line=number)
        yield Row(file=name, line=number, values={"id": cells[0].strip(), "text": cells[1].strip()})


def _cells(path: Path, name: str, meter: Meter) -> Iterator[tuple[int, list[str]]]:
    for number, line in read_lines(path, name, meter):
        if line.strip():
            yield number, line.split("\t")
