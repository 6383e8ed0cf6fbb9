"""Folders in BEIR layout: corpus.jsonl, queries.jsonl, qrels/*.tsv, and here optionally candidates.tsv.

Corpus lines: ``{"_id", "title", "text"}``; query lines: ``{"_id", "text", "metadata": {"category"}}``.
candidates.tsv: ``query-id<TAB>rank<TAB>document-id`` with or without a header. Thakur et al. 2021 (BEIR).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from core.datasets.judgment_rows import HEADERS
from core.datasets.lines import read_lines, read_objects
from core.datasets.meter import Meter, silent
from core.datasets.qrels import gathered_judgments
from core.datasets.row import Row
from core.datasets.source import Contents, ImportLimits
from core.domain.documents import Document, Query
from core.domain.errors import ImportFormatError

CORPUS, QUERIES, QRELS, CANDIDATES = "corpus.jsonl", "queries.jsonl", "qrels", "candidates.tsv"


class BeirFolder:
    """A source: one folder. ImportFormatError on construction where a needed file is missing."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        for needed in (CORPUS, QUERIES):
            if not (folder / needed).is_file():
                cause = f"{needed} is missing. A BEIR folder holds {CORPUS}, {QUERIES} and {QRELS}/*.tsv."
                raise ImportFormatError(folder.name, cause)
        self._qrels = sorted(path for path in (folder / QRELS).glob("*.tsv") if path.is_file())
        self._candidates = folder / CANDIDATES

    @property
    def origin(self) -> str:
        """In words."""
        return f"BEIR folder {self._folder.name}"

    @property
    def size(self) -> int:
        """Bytes of all files."""
        files = [self._folder / CORPUS, self._folder / QUERIES, *self._qrels]
        return sum(path.stat().st_size for path in [*files, self._candidates] if path.is_file())

    def read(self, limits: ImportLimits, meter: Meter) -> Contents:
        """Queries and judgments now, the corpus as a stream."""
        queries = self._read_queries(limits, meter)
        known = {query.id for query in queries}
        judgments, warnings = gathered_judgments(self._qrels, meter, known, QUERIES, f"{QRELS}/")
        qrels, assessments = judgments.finished()
        return Contents(
            documents=self._documents(limits, meter),
            queries=queries,
            qrels=qrels,
            assessments=assessments,
            candidates=self._read_candidates(queries, meter),
            first_stage="as written" if self._candidates.is_file() else "",
            warnings=warnings,
        )

    def duplicate_document(self, document_id: str) -> ImportFormatError:
        """Read the corpus again up to the second line with this id."""
        first = 0
        for row in read_objects(self._folder / CORPUS, CORPUS, silent()):
            if row.identifier("_id") == document_id:
                if first:
                    return row.error(f"the id {document_id!r} was used on line {first} already.", "_id")
                first = row.line
        return ImportFormatError(CORPUS, f"the id {document_id!r} is used twice.")

    def _documents(self, limits: ImportLimits, meter: Meter) -> Iterator[Document]:
        empty = True
        for row in read_objects(self._folder / CORPUS, CORPUS, meter):
            document = Document(id=row.identifier("_id"), title=row.optional_text("title"), text=row.text("text"))
            row.check_length(document, limits.max_document_chars)
            empty = False
            yield document
        if empty:
            raise ImportFormatError(CORPUS, "holds no documents.")

    def _read_queries(self, limits: ImportLimits, meter: Meter) -> tuple[Query, ...]:
        found: dict[str, Query] = {}
        lines: dict[str, int] = {}
        for row in read_objects(self._folder / QUERIES, QUERIES, meter):
            query = Query(id=row.identifier("_id"), text=row.filled_text("text"), category=_category(row))
            if query.id in lines:
                raise row.error(f"the id {query.id!r} was used on line {lines[query.id]} already.", "_id")
            if len(query.text) > limits.max_query_chars:
                cause = f"has {len(query.text):,} characters; at most {limits.max_query_chars:,} are allowed."
                raise row.error(cause, "text")
            found[query.id], lines[query.id] = query, row.line
        if not found:
            raise ImportFormatError(QUERIES, "holds no queries.")
        return tuple(found.values())

    def _read_candidates(self, queries: tuple[Query, ...], meter: Meter) -> dict[str, list[str]]:
        if not self._candidates.is_file():
            return {}
        ranked: dict[str, dict[int, str]] = {query.id: {} for query in queries}
        seen: set[tuple[str, str]] = set()
        for row in _candidate_rows(self._candidates, meter):
            query, document = row.identifier("query-id"), row.identifier("document-id")
            rank = row.optional_whole("rank", least=0, most=10**9)
            if query not in ranked:
                raise row.error(f"{QUERIES} has no query {query!r}.", "query-id")
            if rank is None or rank in ranked[query]:
                raise row.error(f"every document of query {query!r} needs a rank of its own.", "rank")
            if (query, document) in seen:
                raise row.error(f"query {query!r} has document {document!r} twice.", "document-id")
            seen.add((query, document))
            ranked[query][rank] = document
        return {query: [found[rank] for rank in sorted(found)] for query, found in ranked.items() if found}


def _category(row: Row) -> str:
    metadata = row.values.get("metadata")
    if metadata is None:
        return ""
    if not isinstance(metadata, dict):
        raise row.error("must be an object {...}.", "metadata")
    return Row(file=row.file, line=row.line, values=metadata).optional_text("category").strip()


def _candidate_rows(path: Path, meter: Meter) -> Iterator[Row]:
    for number, line in read_lines(path, CANDIDATES, meter):
        cells = line.split("\t")
        if not line.strip() or (number == 1 and cells[0].strip().lower() in HEADERS):
            continue
        if len(cells) != 3:
            raise ImportFormatError(CANDIDATES, "expected query-id, rank and document-id parted by tabs.", line=number)
        values = {"query-id": cells[0], "rank": cells[1].strip(), "document-id": cells[2].strip()}
        yield Row(file=CANDIDATES, line=number, values=values)
