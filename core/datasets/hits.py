"""One CSV, JSONL or Parquet file of hits: per record a query, a document id and its text; title, rank, grade, assessor.

The documents of all records are the corpus. Candidate lists follow the ranks, or the file where it has none. The file
is read twice: first everything but the texts, then the texts as a stream, so that none are held. A hit may come once
per assessor.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from core.datasets.assessors import Graded
from core.datasets.meter import Meter
from core.datasets.records import Records
from core.datasets.row import MAX_GRADE, Row
from core.datasets.source import Contents, ImportLimits
from core.datasets.vocabulary import HITS
from core.domain.documents import Document, Query
from core.domain.errors import ImportFormatError


class HitsFile:
    """A source: one file."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @property
    def origin(self) -> str:
        """In words."""
        return f"file of hits {self._path.name}"

    @property
    def size(self) -> int:
        """Bytes of the two readings."""
        return 2 * self._path.stat().st_size

    def read(self, limits: ImportLimits, meter: Meter) -> Contents:
        """Check everything and keep queries, grades and ranks; the documents come as a stream."""
        records = Records(self._path, HITS)
        gathered = _Gathered()
        for row in records.read(meter):
            gathered.add(row, limits)
        if not gathered.queries:
            raise ImportFormatError(self._path.name, "holds no hits.")
        ranked = any(entry.ranks for entry in gathered.queries.values())
        several = len(gathered.graded.assessors) > 1
        return Contents(
            documents=self._documents(limits, meter),
            queries=[entry.query for entry in gathered.queries.values()],
            qrels=gathered.graded.medians(),
            assessments=gathered.graded.apart if several else {},
            candidates={entry.query.id: entry.order() for entry in gathered.queries.values()},
            first_stage=f"ranks of {self._path.name}" if ranked else f"order of {self._path.name}",
            ignored=records.ignored,
        )

    def duplicate_document(self, document_id: str) -> ImportFormatError:
        """Cannot come up while the file stays as it is: repeated ids are told apart when it is read."""
        return ImportFormatError(self._path.name, f"changed while it was read (document {document_id!r}).")

    def _documents(self, limits: ImportLimits, meter: Meter) -> Iterator[Document]:
        seen: set[str] = set()
        for row in Records(self._path, HITS).read(meter):
            document = _document(row, limits)
            if document.id not in seen:
                seen.add(document.id)
                yield document


@dataclass(slots=True, kw_only=True)
class _Entry:
    """What the file says of one query: ``lines`` by document, ``ranks`` by rank."""

    query: Query
    lines: dict[str, int] = field(default_factory=dict)
    ranks: dict[int, str] = field(default_factory=dict)

    def add(self, row: Row, document: str) -> None:
        """One hit of this query."""
        rank = row.optional_whole("rank", least=0, most=10**9)
        if (rank is None) != (not self.ranks) and self.lines:
            raise row.error("either every hit of a query has a rank or none.", "rank")
        if rank is not None:
            if self.ranks.get(rank, document) != document:
                raise row.error(f"rank {rank} of this query belongs to document {self.ranks[rank]!r} already.", "rank")
            if document in self.lines and rank not in self.ranks:
                raise row.error(f"document {document!r} has another rank on {row.unit} {self.lines[document]}.", "rank")
            self.ranks[rank] = document
        self.lines.setdefault(document, row.line)

    def order(self) -> list[str]:
        """Document ids by rank, or as the file has them."""
        return [self.ranks[rank] for rank in sorted(self.ranks)] if self.ranks else list(self.lines)


@dataclass(slots=True)
class _Gathered:
    """Everything but the texts. ``documents``: id to first line and digest of title and text."""

    queries: dict[str, _Entry] = field(default_factory=dict)
    documents: dict[str, tuple[int, bytes]] = field(default_factory=dict)
    graded: Graded = field(default_factory=Graded)
    with_ids: bool = False

    def add(self, row: Row, limits: ImportLimits) -> None:
        """One record of the file."""
        document = _document(row, limits)
        mark = hashlib.sha256(f"{document.title}\0{document.text}".encode()).digest()
        line, known = self.documents.setdefault(document.id, (row.line, mark))
        if known != mark:
            raise row.error(f"document {document.id!r} has another title or text on {row.unit} {line}.", "text")
        entry = self._entry(row, limits)
        self._judgment(row, entry, document.id)
        entry.add(row, document.id)

    def _judgment(self, row: Row, entry: _Entry, document: str) -> None:
        grade = row.optional_whole("grade", least=0, most=MAX_GRADE)
        assessor = row.optional_text("assessor").strip()
        if grade is not None and "assessor" in row.values and not assessor:
            raise row.error("is empty; whoever gave the grade is needed.", "assessor")
        again = document in entry.lines
        if again and (not assessor or self.graded.known(entry.query.id, assessor, document) is not None):
            cause = f"the query has document {document!r} on {row.unit} {entry.lines[document]} already."
            raise row.error(cause, "document_id")
        if grade is not None:
            self.graded.add(entry.query.id, assessor, document, grade)

    def _entry(self, row: Row, limits: ImportLimits) -> _Entry:
        text = row.filled_text("query")
        if len(text) > limits.max_query_chars:
            cause = f"has {len(text):,} characters; at most {limits.max_query_chars:,} are allowed."
            raise row.error(cause, "query")
        if not self.queries:
            self.with_ids = row.has("query_id")
        if row.has("query_id") != self.with_ids:
            raise row.error("either every line has a query id or none.", "query_id")
        key = row.identifier("query_id") if self.with_ids else text
        query_id = key if self.with_ids else f"q{len(self.queries) + 1}"
        query = Query(id=query_id, text=text, category=row.optional_text("category").strip())
        entry = self.queries.setdefault(key, _Entry(query=query))
        if (entry.query.text, entry.query.category) != (query.text, query.category):
            raise row.error(f"query {entry.query.id!r} has another text or category on an earlier line.", "query")
        return entry


def _document(row: Row, limits: ImportLimits) -> Document:
    document = Document(id=row.identifier("document_id"), title=row.optional_text("title"), text=row.text("text"))
    row.check_length(document, limits.max_document_chars)
    return document
