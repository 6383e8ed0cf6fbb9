"""A table of columns as CSV, JSON (a list of records) or Parquet.

CSV: UTF-8, RFC 4180; cells that a spreadsheet would run get an apostrophe in front. Floats are written with every
digit that tells them apart; None is an empty cell, null in the others.
"""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import BinaryIO

from core.datasets.votes.formulas import guarded
from core.domain.errors import InvalidInputError

Cell = str | int | float | bool | None
Columns = Mapping[str, Sequence[Cell]]


class TableFormat(StrEnum):
    """How a table is written."""

    CSV = "csv"
    JSON = "json"
    PARQUET = "parquet"


def write_table(stream: BinaryIO, columns: Columns, format: TableFormat) -> int:
    """Write the table; the number of rows. InvalidInputError: columns of different lengths, a number not finite."""
    lengths = {len(values) for values in columns.values()}
    if len(lengths) > 1:
        raise InvalidInputError(f"Columns of a table must be equally long, not {sorted(lengths)}.")
    for name, values in columns.items():
        if any(isinstance(value, float) and not math.isfinite(value) for value in values):
            raise InvalidInputError(f"Column {name!r} holds a number that is not finite; the table was not written.")
    writers = {TableFormat.CSV: _csv, TableFormat.JSON: _json, TableFormat.PARQUET: _parquet}
    writers[format](stream, columns)
    return lengths.pop() if lengths else 0


def _csv(stream: BinaryIO, columns: Columns) -> None:
    text = io.TextIOWrapper(stream, encoding="utf-8", newline="", write_through=True)
    writer = csv.writer(text)
    writer.writerow(columns)
    for row in zip(*columns.values(), strict=True):
        writer.writerow("" if cell is None else guarded(cell) if isinstance(cell, str) else cell for cell in row)
    text.detach()


def _json(stream: BinaryIO, columns: Columns) -> None:
    names = list(columns)
    separator = b"[\n"
    for row in zip(*columns.values(), strict=True):
        record = json.dumps(dict(zip(names, row, strict=True)), ensure_ascii=False, allow_nan=False)
        stream.write(separator + record.encode("utf-8"))
        separator = b",\n"
    stream.write(b"\n]\n" if separator == b",\n" else b"[]\n")


def _parquet(stream: BinaryIO, columns: Columns) -> None:
    import pyarrow  # late: a third of a second that only this format needs
    import pyarrow.parquet

    table = pyarrow.table({name: pyarrow.array(list(values)) for name, values in columns.items()})
    pyarrow.parquet.write_table(table, stream, compression="zstd")
