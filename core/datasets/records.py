"""Records with named fields, whatever the file is: CSV or TSV with a header line, JSON lines, Parquet."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from core.datasets.delimited import header_cells, read_table
from core.datasets.lines import read_objects
from core.datasets.meter import Meter, silent
from core.datasets.parquet_rows import parquet_columns, read_parquet
from core.datasets.row import Row
from core.datasets.vocabulary import Vocabulary
from core.domain.errors import ImportFormatError

TABLES = (".csv", ".tsv")
OBJECTS = (".jsonl", ".ndjson")
PARQUET = (".parquet", ".pq")
ENDINGS = (*TABLES, *OBJECTS, *PARQUET)


@dataclass(frozen=True, slots=True)
class Records:
    """The records of one file under the names of ``vocabulary``. ``ignored`` collects columns that mean nothing."""

    path: Path
    vocabulary: Vocabulary
    ignored: set[str] = field(default_factory=set)

    def read(self, meter: Meter) -> Iterator[Row]:
        """Every record; ImportFormatError where malformed, or a needed column is missing."""
        for row in self._rows(meter):
            yield self.vocabulary.renamed(row, self.ignored)

    def _rows(self, meter: Meter) -> Iterator[Row]:
        path, ending = self.path, self.path.suffix.lower()
        if ending in TABLES:
            refusal = self.vocabulary.refusal
            return read_table(path, path.name, meter, accepts=self.vocabulary.knows, refusal=lambda _: refusal)
        if ending in PARQUET:
            if not self.vocabulary.knows(columns := parquet_columns(path)):
                cause = f"{self.vocabulary.refusal} It has: {', '.join(columns) or 'none'}."
                raise ImportFormatError(path.name, cause)
            wanted = [name for name in columns if self.vocabulary.knows_name(name)]
            self.ignored.update(set(columns) - set(wanted))
            return read_parquet(path, wanted, meter)
        return read_objects(path, path.name, meter)


def fits(path: Path, vocabulary: Vocabulary, needed: tuple[str, ...] = ()) -> bool:
    """Whether the header, the schema or the first record of a file names everything that ``vocabulary`` needs, or the
    columns ``needed``."""
    wanted = replace(vocabulary, needed=needed or vocabulary.needed)
    ending = path.suffix.lower()
    if ending in PARQUET:
        return wanted.knows(parquet_columns(path))
    if ending in TABLES:
        return any(wanted.knows(cells) for cells in header_cells(path))
    with suppress(ImportFormatError, StopIteration):  # whoever reads it all says what is wrong
        return wanted.knows(list(next(read_objects(path, path.name, silent())).values))
    return False
