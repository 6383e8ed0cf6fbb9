"""Documents from one or several files, with queries and judgments from files of their own where they were given."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from core.datasets.document_rows import DocumentFiles, read_queries
from core.datasets.meter import Meter
from core.datasets.qrels import gathered_judgments
from core.datasets.source import Contents, ImportLimits
from core.domain.errors import ImportFormatError

NO_QUERIES = "There are no queries: type them in the Playground, or import again with a file of queries."


class DocumentsSource:
    """A source. ``origin`` in words. ImportFormatError where a file is not there, or judgments come without queries."""

    def __init__(self, documents: Sequence[Path], queries: Path | None, qrels: Sequence[Path], *, origin: str) -> None:
        for path in [*documents, *([queries] if queries else []), *qrels]:
            if not path.is_file():
                raise ImportFormatError(path.name or str(path), "there is no such file.")
        if qrels and queries is None:
            raise ImportFormatError(qrels[0].name, "judgments need the queries that they are of: give a file of them.")
        self._files = DocumentFiles(documents)
        self._documents = documents
        self._queries = queries
        self._qrels = list(qrels)
        self._origin = origin

    @property
    def origin(self) -> str:
        """In words."""
        return self._origin

    @property
    def size(self) -> int:
        """Bytes of all files."""
        files = [*self._documents, *([self._queries] if self._queries else []), *self._qrels]
        return sum(path.stat().st_size for path in files)

    def read(self, limits: ImportLimits, meter: Meter) -> Contents:
        """Queries and judgments now, documents as a stream."""
        if self._queries is None:
            documents = self._files.read(limits, meter)
            return Contents(
                documents=documents,
                queries=(),
                qrels={},
                candidates={},
                warnings=(NO_QUERIES,),
                ignored=self._files.ignored,
            )
        ignored = self._files.ignored
        queries = read_queries(self._queries, limits, meter, ignored)
        known = {query.id for query in queries}
        judgments, warnings = gathered_judgments(self._qrels, meter, known, self._queries.name)
        qrels, assessments = judgments.finished()
        return Contents(
            documents=self._files.read(limits, meter),
            queries=queries,
            qrels=qrels,
            assessments=assessments,
            candidates={},
            warnings=warnings,
            ignored=ignored,
        )

    def duplicate_document(self, document_id: str) -> ImportFormatError:
        """Read the documents again up to the second one with this id."""
        return self._files.duplicate(document_id)
