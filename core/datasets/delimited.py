"""Tables of text: RFC 4180 with comma, semicolon or tab, a header line, strict UTF-8."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from core.datasets.lines import read_lines
from core.datasets.meter import Meter, silent
from core.datasets.row import Row
from core.domain.errors import ImportFormatError

DELIMITERS = (",", ";", "\t")


def read_table(
    path: Path,
    name: str,
    meter: Meter,
    *,
    accepts: Callable[[Sequence[str]], bool],
    refusal: Callable[[Sequence[str]], str],
) -> Iterator[Row]:
    """Every record, its cells by the name of the column; a record may span lines, ``line`` is its first.

    The delimiter is the first under which ``accepts`` likes the cells of the header; ``refusal`` says what is wrong
    with a header (split by the delimiter that gives most cells) where none is. ImportFormatError where malformed.
    """
    lines = (line for _, line in read_lines(path, name, meter))
    header, delimiter = _header(next(lines, ""), name, accepts, refusal)
    reader = csv.reader((line + "\n" for line in lines), delimiter=delimiter, strict=True)
    while True:
        first = reader.line_num + 2  # the header is line 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise ImportFormatError(name, f"not valid CSV: {error}.", line=first) from error
        if not any(cells):
            continue
        if len(cells) != len(header):
            cause = f"has {len(cells)} cells, but the header names {len(header)} columns."
            raise ImportFormatError(name, cause, line=first)
        yield Row(file=name, line=first, values=dict(zip(header, cells, strict=True)))


def header_cells(path: Path) -> list[list[str]]:
    """The cells of the first line under every delimiter; nothing where it cannot be read as a header."""
    try:
        line = next((line for _, line in read_lines(path, path.name, silent())), "")
    except ImportFormatError:
        return []
    return [cells for delimiter in DELIMITERS if (cells := _split(line, delimiter))]


def _split(line: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=delimiter, strict=True), [])
    except csv.Error:
        return []


def _header(
    line: str, name: str, accepts: Callable[[Sequence[str]], bool], refusal: Callable[[Sequence[str]], str]
) -> tuple[list[str], str]:
    seen: list[str] = []
    for delimiter in DELIMITERS:
        cells = _split(line, delimiter)
        if accepts(cells):
            doubled = [cell for cell in cells if cells.count(cell) > 1]
            if doubled:
                raise ImportFormatError(name, "the column is named twice.", line=1, column=doubled[0])
            return cells, delimiter
        seen = cells if len(cells) > len(seen) else seen
    raise ImportFormatError(name, refusal(seen), line=1)
