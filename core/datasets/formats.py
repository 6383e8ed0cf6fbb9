"""The kinds of source, and which one a path is where nobody says it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from pathlib import Path

from core.datasets.beir import CORPUS, QUERIES, BeirFolder
from core.datasets.document_rows import first_character
from core.datasets.documents_source import DocumentsSource
from core.datasets.hits import HitsFile
from core.datasets.ir_dataset import PREFIX, IrDataset
from core.datasets.languages.detection import is_source_file
from core.datasets.records import OBJECTS, PARQUET, TABLES, fits
from core.datasets.request import ImportRequest
from core.datasets.source import Source
from core.datasets.text_source import TextSource
from core.datasets.trec_folder import find_trec_files, has_trec_documents
from core.datasets.vocabulary import DOCUMENTS, HITS
from core.domain.errors import ImportFormatError, InvalidInputError

TEXTS = (".txt", ".md", ".text")
MARKUP = (".trec", ".sgml", ".sgm", ".xml", ".trectext")
ALLOWED = (
    "A collection is a folder in BEIR layout (corpus.jsonl, queries.jsonl) or TREC's (docs*, topics*, qrels*), a .csv, "
    ".jsonl or .parquet file of hits or documents, TREC markup, a text, or ir_datasets:ID."
)


class Format(StrEnum):
    """What a source is."""

    BEIR = "beir"
    TREC = "trec"
    JSONL = "jsonl"
    CSV = "csv"
    PARQUET = "parquet"
    TEXT = "text"
    IR_DATASETS = "ir_datasets"


def format_named(given: str) -> Format | None:
    """The format called so, None for an empty text; InvalidInputError for anything else."""
    if not given:
        return None
    if given not in {str(known) for known in Format}:
        raise InvalidInputError(f"Unknown format {given!r}. Allowed: {', '.join(Format)}.")
    return Format(given)


def open_request(request: ImportRequest) -> Source:
    """The source that a request means; ImportFormatError where it is not there or not of its format."""
    format = format_named(request.format) or recognised(request.source)
    return _OPENERS[format](request)


def recognised(source: str) -> Format:
    """What lies at a path; ImportFormatError for what is nothing that can be imported."""
    if source.startswith(PREFIX):
        return Format.IR_DATASETS
    path = Path(source)
    if path.is_dir():
        beir = any((path / name).exists() for name in (CORPUS, QUERIES))
        return Format.TREC if not beir and has_trec_documents(path) else Format.BEIR
    if not path.is_file():
        raise ImportFormatError(path.name or source, f"there is no such file or folder. {ALLOWED}")
    ending = path.suffix.lower()
    by_ending = {
        **dict.fromkeys(OBJECTS, Format.JSONL),
        **dict.fromkeys(PARQUET, Format.PARQUET),
        **dict.fromkeys(MARKUP, Format.TREC),
        ".csv": Format.CSV,
        ".tsv": Format.CSV if fits(path, HITS) else Format.TREC,
    }
    if ending in by_ending:
        return by_ending[ending]
    if ending in TEXTS or is_source_file(path.name):
        return Format.TREC if ending == ".txt" and first_character(path) == "<" else Format.TEXT
    raise ImportFormatError(path.name, f"this kind of file cannot be imported. {ALLOWED}")


def runs_beside(request: ImportRequest) -> tuple[Path, ...]:
    """Runs that lie in a TREC folder; those that were named come from the request."""
    folder = Path(request.source)
    if (format_named(request.format) or recognised(request.source)) is not Format.TREC or not folder.is_dir():
        return ()
    return find_trec_files(folder, _optional(request.queries)).runs


def _beir(request: ImportRequest) -> Source:
    path = Path(request.source)
    if not path.is_dir():
        raise ImportFormatError(path.name or request.source, "there is no such folder.")
    if request.queries or request.qrels:
        raise InvalidInputError("A BEIR folder has its queries and judgments inside; name no files of them.")
    return BeirFolder(path)


def _trec(request: ImportRequest) -> Source:
    path = Path(request.source)
    queries, qrels = _optional(request.queries), tuple(Path(name) for name in request.qrels)
    if not path.is_dir():
        return DocumentsSource([path], queries, qrels, origin=f"TREC files {path.name}")
    found = find_trec_files(path, queries)
    origin = f"TREC folder {path.name}"
    return DocumentsSource(found.documents, found.topics, qrels or found.qrels, origin=origin)


def _records(request: ImportRequest, endings: tuple[str, ...]) -> Source:
    path = Path(request.source)
    if not path.is_file():
        raise ImportFormatError(path.name or request.source, "there is no such file.")
    if path.suffix.lower() not in endings:
        raise ImportFormatError(path.name, f"expected a file that ends in {', '.join(endings)}.")
    beside = bool(request.queries or request.qrels)
    if fits(path, HITS, ("query",)) or not (beside or fits(path, DOCUMENTS)):
        if beside:
            raise InvalidInputError("A file of hits has its queries and grades inside; name no files of them.")
        return HitsFile(path)
    qrels = tuple(Path(name) for name in request.qrels)
    return DocumentsSource([path], _optional(request.queries), qrels, origin=f"documents of {path.name}")


def _text(request: ImportRequest) -> Source:
    if request.qrels:
        raise InvalidInputError("A text has no ids that judgments could name; import documents with ids instead.")
    return TextSource(Path(request.source), _optional(request.queries), pasted=request.pasted)


def _ir_datasets(request: ImportRequest) -> Source:
    if request.queries or request.qrels:
        raise InvalidInputError("A collection of ir_datasets has its queries and judgments inside; name no files.")
    return IrDataset(request.source.removeprefix(PREFIX).strip())


def _optional(name: str) -> Path | None:
    return Path(name) if name else None


_OPENERS: Mapping[Format, Callable[[ImportRequest], Source]] = {
    Format.BEIR: _beir,
    Format.TREC: _trec,
    Format.JSONL: lambda request: _records(request, OBJECTS),
    Format.CSV: lambda request: _records(request, TABLES),
    Format.PARQUET: lambda request: _records(request, PARQUET),
    Format.TEXT: _text,
    Format.IR_DATASETS: _ir_datasets,
}
