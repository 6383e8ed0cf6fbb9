"""From a path to a collection file: finds out what the path is, reads it, writes it, counts it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from core.datasets.beir import BeirFolder
from core.datasets.collection_writer import DuplicateDocumentError, UnknownCandidateError, Written, write_collection
from core.datasets.hits import HitsFile
from core.datasets.meter import Meter
from core.datasets.source import ImportLimits, Source
from core.domain.collections import Collection
from core.domain.errors import ImportFormatError

HITS_ENDINGS = (".csv", ".jsonl", ".ndjson")
ALLOWED = "A collection is a folder with corpus.jsonl and queries.jsonl, or a .csv or .jsonl file of hits."


def open_source(path: Path) -> Source:
    """What lies at ``path``: a BEIR folder or a file of hits; ImportFormatError for anything else."""
    if path.is_dir():
        return BeirFolder(path)
    if not path.is_file():
        raise ImportFormatError(path.name or str(path), f"there is no such file or folder. {ALLOWED}")
    if path.suffix.lower() not in HITS_ENDINGS:
        raise ImportFormatError(path.name, f"this kind of file cannot be imported. {ALLOWED}")
    return HitsFile(path)


def import_source(
    path: Path,
    directory: Path,
    *,
    name: str,
    max_document_chars: int = 100_000,
    max_query_chars: int = 4_000,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
    cancelled: Callable[[], bool] = lambda: False,
    sample: bool = False,
) -> tuple[Collection, tuple[str, ...]]:
    """Import ``path`` as ``<fingerprint>.sqlite`` in ``directory``; the collection and warnings.

    ``progress(done, total)`` counts bytes. Errors: ImportFormatError with file, line and column;
    CancelledError; StorageError. After any of them nothing is left in ``directory``.
    """
    source = open_source(path)
    limits = ImportLimits(max_document_chars=max_document_chars, max_query_chars=max_query_chars)
    meter = Meter(source.size, progress, cancelled)
    contents = source.read(limits, meter)
    origin = "written for this project" if sample else source.origin
    try:
        written = write_collection(
            directory,
            contents.documents,
            contents.queries,
            contents.qrels,
            contents.candidates,
            name=name,
            origin=origin,
            first_stage=contents.first_stage,
            meter=meter,
        )
    except DuplicateDocumentError as error:
        raise source.duplicate_document(error.document_id) from error
    except UnknownCandidateError as error:
        raise ImportFormatError(path.name, str(error)) from error
    meter.finish()
    collection = Collection(
        fingerprint=written.fingerprint,
        name=name,
        path=written.path,
        origin=origin,
        documents=written.documents,
        queries=written.queries,
        judgments=written.judgments,
        created_at=datetime.now(UTC),
        sample=sample,
    )
    return collection, (*contents.warnings, *_warnings(written))


def _warnings(written: Written) -> tuple[str, ...]:
    found = []
    if written.unknown:
        found.append(f"{written.unknown} judgments name documents that the corpus does not have; they were kept.")
    if written.empty:
        found.append(f"{written.empty} documents have no text.")
    if written.spaced:
        found.append(f"{written.spaced} ids hold blanks; TREC runs cannot be written for them.")
    return tuple(found)
