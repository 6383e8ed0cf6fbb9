"""Collections that the package ir_datasets knows by id, downloaded to the machine that imports them.

MacAvaney et al. 2021, Simplified Data Wrangling with ir_datasets (SIGIR). Files go where that package keeps them
(IR_DATASETS_HOME, by default .ir_datasets in the home folder), and what lies there is not downloaded again. Whether one
may use a collection is for its licence to say; what the package knows of it becomes a warning of the import.
"""

from __future__ import annotations

import json
import logging
import pkgutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from core.datasets.judgment_rows import DOCUMENT, GRADE, ITERATION, QUERY
from core.datasets.languages.names import NAMES
from core.datasets.meter import Meter
from core.datasets.qrels import Judgments, odd_judgments
from core.datasets.row import Row
from core.datasets.source import Contents, ImportLimits
from core.domain.documents import Document, Query
from core.domain.errors import CancelledError, ImportFormatError, InvalidInputError

PREFIX = "ir_datasets:"
log = logging.getLogger(__name__)


class IrDataset:
    """A source: one id. InvalidInputError where the package does not know it or it has no documents."""

    def __init__(self, id: str) -> None:
        import ir_datasets  # takes 0.7 s

        self._id = id
        try:
            self._data: Any = ir_datasets.load(id)
        except (KeyError, ImportError) as error:
            cause = f"ir_datasets knows no collection {id!r}. Ids look like beir/scifact/test or cranfield."
            raise InvalidInputError(cause) from error
        if not self._data.has_docs():
            raise InvalidInputError(f"{PREFIX}{id} has no documents of its own; take the id of its collection.")

    @property
    def origin(self) -> str:
        """In words."""
        return f"{PREFIX}{self._id}"

    @property
    def size(self) -> int:
        """Not known before the download."""
        return 0

    def read(self, limits: ImportLimits, meter: Meter) -> Contents:
        """Queries and judgments now, documents as a stream. InvalidInputError where the download is not possible."""
        meter.say(f"downloading what {self.origin} needs, where it is not there yet")
        queries = tuple(self._queries(limits))
        judgments = Judgments()
        warnings: tuple[str, ...] = (self._notice(),)
        if self._data.has_qrels():
            with self._reached():
                judgments.add_file(self._judgments(), f"{self.origin} qrels")
            warnings += odd_judgments(judgments, {query.id for query in queries}, self.origin)
        qrels, assessments = judgments.finished()
        language = self._data.docs_lang() or ""
        return Contents(
            documents=self._documents(limits, meter),
            queries=queries,
            qrels=qrels,
            assessments=assessments,
            candidates={},
            language=language if language in NAMES else "",
            warnings=warnings,
        )

    def duplicate_document(self, document_id: str) -> ImportFormatError:
        """Without a line: the package does not say where a document stood."""
        return ImportFormatError(self.origin, f"the id {document_id!r} is used twice.", column="doc_id")

    def _documents(self, limits: ImportLimits, meter: Meter) -> Iterator[Document]:
        with self._reached():
            for number, found in enumerate(self._data.docs_iter(), 1):
                title = str(getattr(found, "title", "") or "")
                text = str(found.text) if hasattr(found, "text") else str(found.default_text())
                row = self._row(number, {"id": found.doc_id, "title": title, "text": text})
                document = Document(id=row.identifier("id"), title=row.text("title"), text=row.text("text"))
                row.check_length(document, limits.max_document_chars)
                meter.advance(len(text))
                yield document

    def _queries(self, limits: ImportLimits) -> Iterator[Query]:
        if not self._data.has_queries():
            return
        with self._reached():
            for number, found in enumerate(self._data.queries_iter(), 1):
                row = self._row(number, {"id": found.query_id, "text": found.default_text()})
                text = row.filled_text("text")
                if len(text) > limits.max_query_chars:
                    raise row.error(f"has {len(text):,} characters; at most {limits.max_query_chars:,} are allowed.")
                yield Query(id=row.identifier("id"), text=text)

    def _judgments(self) -> Iterator[Row]:
        for number, found in enumerate(self._data.qrels_iter(), 1):
            iteration = str(getattr(found, "iteration", "") or "")
            values = {QUERY: found.query_id, DOCUMENT: found.doc_id, GRADE: found.relevance, ITERATION: iteration}
            yield self._row(number, values)

    def _row(self, number: int, values: Mapping[str, object]) -> Row:
        return Row(file=self.origin, line=number, values=values, unit="row")

    def _notice(self) -> str:
        return (
            f"{self.origin} comes from its publishers, not from this project: see its licence before you pass it on "
            f"(`ir_datasets doc {self._id}` and https://ir-datasets.com/ say where it is from)."
        )

    @contextmanager
    def _reached(self) -> Iterator[None]:
        """A download that fails becomes a sentence that says what to do."""
        try:
            yield
        except (ImportFormatError, CancelledError, GeneratorExit):
            raise
        except (OSError, RuntimeError, EOFError, ValueError) as error:  # whatever requests and archives raise
            log.warning("%s could not be downloaded: %s", self.origin, error)
            raise InvalidInputError(self._unreachable(error)) from error

    def _unreachable(self, error: Exception) -> str:
        import ir_datasets

        needed = "; ".join(_downloads(self._id)) or f"the files of {self._id}"
        home = ir_datasets.util.home_path()
        cause = str(error).strip().splitlines()[0][:200] if str(error).strip() else type(error).__name__
        return (
            f"{self.origin} is not on this machine, and it could not be downloaded ({type(error).__name__}: {cause}). "
            f"Needed: {needed}. Nothing was imported. Either connect this machine to the internet and import again, or "
            f"put each file on it as {home}/downloads/<its MD5>, or copy the folder {home} from a machine that has it."
        )


def _downloads(id: str) -> list[str]:
    """What the package would download for ``id``, with its MD5, as its own list of downloads says."""
    content = pkgutil.get_data("ir_datasets", "etc/downloads.json")
    table = json.loads(content) if content else {}
    parts = id.split("/")
    found = table.get(parts[0], {})
    inner = found.get(parts[1], found) if len(parts) > 1 and isinstance(found.get(parts[1]), dict) else found
    entries = [inner] if "url" in inner else [entry for entry in inner.values() if isinstance(entry, dict)]
    named = [entry for entry in entries if entry.get("url")]
    return [f"{entry['url']} (MD5 {entry.get('expected_md5', 'not known')})" for entry in named[:6]]
