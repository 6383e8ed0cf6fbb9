"""Passages of a plain text: blocks between blank lines where there are any, else lines; queries: one per line.

What is pasted on the page is kept as such files. Passages are d1, d2, ... and queries q1, q2, ... in their order. Up to
MOST_LISTED passages are the candidate list of every query, in the order of the text.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path

from core.datasets.documents_source import NO_QUERIES
from core.datasets.languages.detection import is_source_file
from core.datasets.languages.names import CODE
from core.datasets.lines import read_lines
from core.datasets.meter import Meter
from core.datasets.row import Row
from core.datasets.source import Contents, ImportLimits
from core.domain.documents import Document, Query
from core.domain.errors import ImportFormatError

MOST_LISTED = 1_000


class TextSource:
    """A source: one text file, and one with queries where it was given."""

    def __init__(self, passages: Path, queries: Path | None, *, pasted: bool = False) -> None:
        for path in (passages, *([queries] if queries else [])):
            if not path.is_file():
                raise ImportFormatError(path.name, "there is no such file.")
        self._passages = passages
        self._queries = queries
        self._pasted = pasted

    @property
    def origin(self) -> str:
        """In words."""
        return "pasted text" if self._pasted else f"text {self._passages.name}"

    @property
    def size(self) -> int:
        """Bytes of the passages, read twice, and of the queries."""
        return 2 * self._passages.stat().st_size + (self._queries.stat().st_size if self._queries else 0)

    def read(self, limits: ImportLimits, meter: Meter) -> Contents:
        """Count the passages and read the queries; the passages come as a stream."""
        blocks, count = self._shape(meter)
        if not count:
            raise ImportFormatError(self._passages.name, "holds no passages.")
        queries = _read_queries(self._queries, limits, meter) if self._queries else ()
        listed = [f"d{n}" for n in range(1, count + 1)] if count <= MOST_LISTED else []
        return Contents(
            documents=self._documents(blocks, limits, meter),
            queries=queries,
            qrels={},
            candidates={query.id: listed for query in queries} if listed else {},
            language=CODE if is_source_file(self._passages.name) else "",
            first_stage="as pasted" if self._pasted else f"order of {self._passages.name}",
            warnings=() if queries else (NO_QUERIES,),
        )

    def duplicate_document(self, document_id: str) -> ImportFormatError:
        """Cannot come up: passages are numbered."""
        return ImportFormatError(self._passages.name, f"changed while it was read (passage {document_id}).")

    def _shape(self, meter: Meter) -> tuple[bool, int]:
        """Whether blank lines part the passages, and how many passages there are."""
        lines = blocks = 0
        blank = True
        for _, line in read_lines(self._passages, self._passages.name, meter):
            filled = bool(line.strip())
            lines += filled
            blocks += filled and blank
            blank = not filled
        return blocks > 1, blocks if blocks > 1 else lines

    def _documents(self, blocks: bool, limits: ImportLimits, meter: Meter) -> Iterator[Document]:
        name = self._passages.name
        gathered: list[str] = []
        first = number = 0
        for at, line in chain(read_lines(self._passages, name, meter), [(0, "")]):
            if line.strip():
                first = first or at
                gathered.append(line)
            if gathered and (not blocks or not line.strip()):
                number += 1
                document = Document(id=f"d{number}", text=_dedented(gathered))
                Row(file=name, line=first, values={}).check_length(document, limits.max_document_chars)
                yield document
                gathered, first = [], 0


def _read_queries(path: Path, limits: ImportLimits, meter: Meter) -> Sequence[Query]:
    found: list[Query] = []
    for number, line in read_lines(path, path.name, meter):
        text = line.strip()
        if len(text) > limits.max_query_chars:
            cause = f"has {len(text):,} characters; at most {limits.max_query_chars:,} are allowed."
            raise ImportFormatError(path.name, cause, line=number)
        if text:
            found.append(Query(id=f"q{len(found) + 1}", text=text))
    if not found:
        raise ImportFormatError(path.name, "holds no queries.")
    return found


def _dedented(lines: Sequence[str]) -> str:
    """The lines as one text without blanks around it; indentation inside stays, as code needs it."""
    return "\n".join(lines).strip()
