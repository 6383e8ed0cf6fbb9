"""Documents and queries of a file, whatever it is: named columns, TREC markup, or lines of id and text.

The ending decides where it is known (.csv, .jsonl, .ndjson, .parquet; .tsv with a header); otherwise the first
character that is no blank: ``<`` is markup, ``{`` JSON lines, anything else lines with tabs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from core.datasets.id_lines import read_document_lines, read_query_lines
from core.datasets.lines import read_lines, read_objects
from core.datasets.meter import Meter, silent
from core.datasets.records import ENDINGS, Records, fits
from core.datasets.row import Row
from core.datasets.source import ImportLimits
from core.datasets.trec_markup import read_trec_documents, read_trec_topics
from core.datasets.vocabulary import DOCUMENTS, QUERIES, Vocabulary
from core.domain.documents import Document, Query
from core.domain.errors import ImportFormatError

Reader = Callable[[Path, str, Meter], Iterator[Row]]


@dataclass(frozen=True, slots=True)
class DocumentFiles:
    """The documents of one or several files, in order."""

    paths: Sequence[Path]
    ignored: set[str] = field(default_factory=set)

    def read(self, limits: ImportLimits, meter: Meter) -> Iterator[Document]:
        """Every document as a stream; ImportFormatError where a file is malformed or none holds a document."""
        empty = True
        for row in self.rows(meter):
            document = Document(id=row.identifier("id"), title=row.optional_text("title"), text=row.text("text"))
            row.check_length(document, limits.max_document_chars)
            empty = False
            yield document
        if empty:
            raise ImportFormatError(self.paths[0].name, "holds no documents.")

    def rows(self, meter: Meter) -> Iterator[Row]:
        """Rows with id, title and text."""
        for path in self.paths:
            yield from _rows(path, meter, DOCUMENTS, self.ignored, read_trec_documents, read_document_lines)

    def duplicate(self, document_id: str) -> ImportFormatError:
        """The error that names the second record with this id."""
        first: Row | None = None
        for row in self.rows(silent()):
            if row.identifier("id") == document_id:
                if first is not None:
                    place = "" if first.file == row.file else f"{first.file}, "
                    cause = f"the id {document_id!r} was used on {place}{first.unit} {first.line} already."
                    return row.error(cause, "id")
                first = row
        return ImportFormatError(self.paths[0].name, f"the id {document_id!r} is used twice.")


def read_queries(path: Path, limits: ImportLimits, meter: Meter, ignored: set[str]) -> tuple[Query, ...]:
    """The queries of a file; ImportFormatError where it is malformed, repeats an id or holds none."""
    found: dict[str, Query] = {}
    lines: dict[str, int] = {}
    for row in _rows(path, meter, QUERIES, ignored, read_trec_topics, read_query_lines):
        id, column = row.identifier("id"), "text" if row.has("text") or not row.has("title") else "title"
        text = row.filled_text(column)
        if id in lines:
            raise row.error(f"the id {id!r} was used on {row.unit} {lines[id]} already.", "id")
        if len(text) > limits.max_query_chars:
            cause = f"has {len(text):,} characters; at most {limits.max_query_chars:,} are allowed."
            raise row.error(cause, column)
        found[id] = Query(id=id, text=text, category=row.optional_text("category").strip())
        lines[id] = row.line
    if not found:
        raise ImportFormatError(path.name, "holds no queries.")
    return tuple(found.values())


def first_character(path: Path) -> str:
    """The first character of a text file that is no blank; nothing where there is none or it cannot be read."""
    try:
        for _, line in read_lines(path, path.name, silent()):
            if line.strip():
                return line.strip()[0]
    except ImportFormatError:
        return ""
    return ""


def _rows(
    path: Path, meter: Meter, vocabulary: Vocabulary, ignored: set[str], markup: Reader, lines: Reader
) -> Iterator[Row]:
    ending = path.suffix.lower()
    if ending in ENDINGS and not (ending == ".tsv" and not fits(path, vocabulary)):
        return Records(path, vocabulary, ignored).read(meter)
    start = first_character(path)
    if start == "<":
        return markup(path, path.name, meter)
    if start == "{":
        return (vocabulary.renamed(row, ignored) for row in read_objects(path, path.name, meter))
    return lines(path, path.name, meter)
