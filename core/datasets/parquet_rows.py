"""Records of a Parquet file, streamed in small batches: a row group may be larger than memory.

Apache Arrow reads the file; it is imported here and nowhere at the top of a module, for it costs the web process 60 MB.
Whole numbers that a column of floats holds (pandas writes grades like that where some are missing) come as whole
numbers, NaN as nothing.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from core.datasets.meter import Meter
from core.datasets.row import Row
from core.domain.errors import ImportFormatError

if TYPE_CHECKING:
    from pyarrow.parquet import ParquetFile

BATCH_ROWS = 1_000
BUFFER_BYTES = 2**20  # read ahead per column


def parquet_columns(path: Path) -> list[str]:
    """Names of the columns; ImportFormatError where the file is no Parquet."""
    with _opened(path) as file:
        return list(file.schema_arrow.names)


def read_parquet(path: Path, columns: Sequence[str], meter: Meter) -> Iterator[Row]:
    """Every row with these columns, counted from 1; ImportFormatError where a column comes twice or data is damaged."""
    with _opened(path) as file:
        names = list(file.schema_arrow.names)
        for name in columns:
            if names.count(name) > 1:
                raise ImportFormatError(path.name, "the column is named twice.", column=name)
        total, size, number = max(file.metadata.num_rows, 1), path.stat().st_size, 0
        for batch in file.iter_batches(batch_size=BATCH_ROWS, columns=list(columns), use_threads=False):
            meter.advance(size * batch.num_rows // total)
            for values in batch.to_pylist():
                number += 1
                plain = {key: _whole(value) for key, value in values.items()}
                yield Row(file=path.name, line=number, values=plain, unit="row")


@contextmanager
def _opened(path: Path) -> Iterator[ParquetFile]:
    import pyarrow as arrow
    from pyarrow import parquet

    try:
        with parquet.ParquetFile(path, buffer_size=BUFFER_BYTES, pre_buffer=False) as file:
            yield file
    except (arrow.ArrowException, OSError, UnicodeDecodeError) as error:
        first = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise ImportFormatError(path.name, f"cannot be read as Parquet: {first[:200]}.") from error


def _whole(value: object) -> object:
    if not isinstance(value, float):
        return value
    if math.isnan(value):
        return None
    return int(value) if value.is_integer() else value
