"""From a request to a collection file: opens the source, reads it, writes it, counts it."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from core.datasets.collection_file import CollectionFile
from core.datasets.collection_writer import (
    DuplicateDocumentError,
    UnknownCandidateError,
    Written,
    aside_in,
    build_collection,
    publish,
)
from core.datasets.formats import open_request, runs_beside
from core.datasets.languages.names import AUTO, checked_language
from core.datasets.meter import Meter
from core.datasets.request import ImportRequest
from core.datasets.run_files import check_run
from core.datasets.source import Contents, ImportLimits, Source
from core.domain.collections import Collection
from core.domain.errors import ImportFormatError, RunoffError

RUN_DEPTH = 100  # documents per query that are kept of a run


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedRun:
    """A run that fits the collection. ``depth``: its longest list, at most RUN_DEPTH."""

    path: Path
    depth: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What came of an import: the collection, its file still aside, what was odd, and runs to keep."""

    collection: Collection
    language: str
    warnings: tuple[str, ...]
    runs: tuple[ImportedRun, ...]


def open_source(path: Path) -> Source:
    """What lies at ``path``; ImportFormatError for what cannot be imported."""
    return open_request(ImportRequest(source=str(path), name=""))


def import_request(
    request: ImportRequest,
    aside: Path,
    limits: ImportLimits,
    *,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
    cancelled: Callable[[], bool] = lambda: False,
    say: Callable[[str], None] = lambda _text: None,
) -> Imported:
    """Build the collection file at ``aside`` and check runs against it; ``placed`` then puts it into place.

    ``progress(done, total)`` counts bytes, total 0 where it is not known; ``say`` hears what is going on. Errors:
    ImportFormatError with file, line and column; InvalidInputError; CancelledError; StorageError. After any of them
    nothing is left.
    """
    language = checked_language(request.language)
    source = open_request(request)
    runs = (*(Path(run) for run in request.runs), *runs_beside(request))
    for run in runs:
        if not run.is_file():
            raise ImportFormatError(run.name or str(run), "there is no such file.")
    meter = Meter(source.size and source.size + sum(run.stat().st_size for run in runs), progress, cancelled, say)
    contents = source.read(limits, meter)
    origin = "written for this project" if request.sample else source.origin
    language = (contents.language or language) if language == AUTO else language
    written = _written(request, source, contents, aside, origin, language, meter)
    try:
        kept = _checked(runs, written, meter)
    except RunoffError:
        aside.unlink(missing_ok=True)
        raise
    meter.finish()
    return Imported(
        collection=_collection(request, written, origin),
        language=written.language,
        warnings=(*_ignored(contents), *contents.warnings, *_warnings(written)),
        runs=kept,
    )


def placed(imported: Imported, directory: Path) -> Collection:
    """The collection with its file in place in ``directory``; StorageError where that fails."""
    collection = imported.collection
    return replace(collection, path=publish(collection.path, directory, collection.fingerprint))


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
    language: str = "en",
) -> tuple[Collection, tuple[str, ...]]:
    """``import_request`` for a path whose format is recognised: the collection and warnings."""
    request = ImportRequest(source=str(path), name=name, language=language, sample=sample)
    limits = ImportLimits(max_document_chars=max_document_chars, max_query_chars=max_query_chars)
    aside = aside_in(directory, uuid.uuid4().hex)
    imported = import_request(request, aside, limits, progress=progress, cancelled=cancelled)
    return placed(imported, directory), imported.warnings


def _written(
    request: ImportRequest, source: Source, contents: Contents, aside: Path, origin: str, language: str, meter: Meter
) -> Written:
    try:
        return build_collection(aside, contents, name=request.name, origin=origin, language=language, meter=meter)
    except DuplicateDocumentError as error:
        raise source.duplicate_document(error.document_id) from error
    except UnknownCandidateError as error:
        raise ImportFormatError(Path(request.source).name, str(error)) from error


def _checked(runs: tuple[Path, ...], written: Written, meter: Meter) -> tuple[ImportedRun, ...]:
    if not runs:
        return ()
    reader = CollectionFile(written.path)
    try:
        return tuple(ImportedRun(path=run, depth=check_run(run, reader, RUN_DEPTH, meter)) for run in runs)
    finally:
        reader.close()


def _collection(request: ImportRequest, written: Written, origin: str) -> Collection:
    return Collection(
        fingerprint=written.fingerprint,
        name=request.name,
        path=written.path,
        origin=origin,
        documents=written.documents,
        queries=written.queries,
        judgments=written.judgments,
        created_at=datetime.now(UTC),
        sample=request.sample,
    )


def _ignored(contents: Contents) -> tuple[str, ...]:
    if not contents.ignored:
        return ()
    return (f"Columns that mean nothing here: {', '.join(sorted(contents.ignored))}.",)


def _warnings(written: Written) -> tuple[str, ...]:
    found = []
    if written.unknown:
        found.append(f"{written.unknown} judgments name documents that the corpus does not have; they were kept.")
    if written.empty:
        found.append(f"{written.empty} documents have no text.")
    if written.spaced:
        found.append(f"{written.spaced} ids hold blanks; TREC runs cannot be written for them.")
    return tuple(found)
