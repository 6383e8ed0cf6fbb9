"""Writes a collection file: built aside, synced, renamed into place, named by its fingerprint.

Documents are written as they come, in batches; then their language is found out where nobody said it, the full-text
index is made, and the fingerprints are taken (core.datasets.collection_digest).
"""

from __future__ import annotations

import errno
import os
import sqlite3
import time
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from core.datasets.collection_digest import Digests, digests
from core.datasets.fulltext import add_search
from core.datasets.languages.detection import detect_language
from core.datasets.languages.names import AUTO
from core.datasets.meter import Meter, silent
from core.datasets.schema import TABLES
from core.datasets.source import Contents
from core.domain.collections import Qrels
from core.domain.documents import Document, Query
from core.domain.errors import InvalidInputError, StorageError, StorageFullError

STALE_SECONDS = 24 * 3600
INTERRUPT_EVERY = 100_000  # virtual machine steps of SQLite between two looks at the wish to cancel
CACHE_KIB = 64_000  # of pages: the index of ids is written in random order
SAMPLED = 240  # documents from which the language is found out
SAMPLED_CHARS = 600  # of each

Assessments = Mapping[str, Mapping[str, Mapping[str, int]]]  # query id -> assessor -> document id -> grade


class DuplicateDocumentError(InvalidInputError):
    """Two documents of the corpus have one id."""

    def __init__(self, document_id: str) -> None:
        super().__init__(f"Two documents have the id {document_id!r}. Give every document its own.")
        self.document_id = document_id


class UnknownCandidateError(InvalidInputError):
    """A candidate list names a document that the corpus does not have."""

    def __init__(self, query_id: str, document_id: str) -> None:
        super().__init__(f"The candidates of query {query_id!r} name {document_id!r}, which the corpus does not have.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A finished collection file. ``unknown``: judgments of documents that the corpus does not have.

    ``empty``: documents without any text. ``spaced``: ids with blanks, which TREC runs cannot hold.
    """

    path: Path
    fingerprint: str
    language: str
    documents: int
    queries: int
    judgments: int
    unknown: int
    empty: int
    spaced: int


def write_collection(
    target_dir: Path,
    documents: Iterable[Document],
    queries: Iterable[Query],
    qrels: Qrels,
    candidates: Mapping[str, Sequence[str]] | None,
    *,
    name: str,
    origin: str,
    first_stage: str = "",
    assessments: Assessments | None = None,
    language: str = "en",
    meter: Meter | None = None,
) -> Written:
    """Write ``<fingerprint>.sqlite`` into ``target_dir``; arguments and errors as ``build_collection``."""
    contents = Contents(
        documents=documents,
        queries=tuple(queries),
        qrels=qrels,
        candidates=candidates or {},
        assessments=assessments or {},
        first_stage=first_stage,
    )
    aside = aside_in(target_dir, uuid.uuid4().hex)
    built = build_collection(aside, contents, name=name, origin=origin, language=language, meter=meter)
    return replace(built, path=publish(built.path, target_dir, built.fingerprint))


def aside_in(target_dir: Path, mark: str) -> Path:
    """Where a file for ``target_dir`` is built."""
    return target_dir / f".import-{mark}.sqlite"


def build_collection(
    aside: Path, contents: Contents, *, name: str, origin: str, language: str = "en", meter: Meter | None = None
) -> Written:
    """Write a collection file to ``aside``; documents are consumed as a stream. ``publish`` puts it into place.

    ``language``: of the documents; "auto" finds out. DuplicateDocumentError, UnknownCandidateError, CancelledError,
    StorageError and whatever the stream raises leave nothing behind.
    """
    meter = meter or silent()
    with _storage_errors(meter):
        aside.parent.mkdir(parents=True, exist_ok=True)
        _sweep(aside.parent)
    meta = {"name": name, "origin": origin, "first_stage": contents.first_stage}
    finished = False
    try:
        with _storage_errors(meter):
            with closing(sqlite3.connect(aside, isolation_level=None)) as db:
                pragmas = f"journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -{CACHE_KIB};"
                db.executescript(f"PRAGMA {pragmas}")
                db.set_progress_handler(lambda: int(meter.cancelled), INTERRUPT_EVERY)
                db.executescript(TABLES)
                _fill_documents(db, contents.documents)
                _fill_rest(db, contents)
                written = _finish(db, aside, meta, language, meter)
            _sync(aside)
        finished = True
    finally:
        if not finished:
            aside.unlink(missing_ok=True)
    return written


def publish(aside: Path, target_dir: Path, fingerprint: str) -> Path:
    """Put a finished file into place as ``<fingerprint>.sqlite``, which is returned.

    A file that is there already holds the same contents in the same language and stays. StorageError.
    """
    target = target_dir / f"{fingerprint}.sqlite"
    try:
        with _storage_errors(silent()):
            if not target.exists():
                os.replace(aside, target)
                _sync(target_dir)
    finally:
        aside.unlink(missing_ok=True)
    return target


def _fill_documents(db: sqlite3.Connection, documents: Iterable[Document]) -> None:
    last = ""

    def rows() -> Iterator[tuple[str, str, str]]:
        nonlocal last
        for document in documents:
            last = document.id
            yield document.id, document.title, document.text

    db.execute("BEGIN")
    try:
        db.executemany("INSERT INTO documents (id, title, text) VALUES (?, ?, ?)", rows())
    except sqlite3.IntegrityError as error:
        raise DuplicateDocumentError(last) from error
    db.execute("COMMIT")


def _fill_rest(db: sqlite3.Connection, contents: Contents) -> None:
    db.execute("BEGIN")
    rows = ((query.id, query.text, query.category) for query in contents.queries)
    db.executemany("INSERT INTO queries (id, text, category) VALUES (?, ?, ?)", rows)
    graded = (
        (query, document, grade) for query, grades in contents.qrels.items() for document, grade in grades.items()
    )
    db.executemany("INSERT INTO judgments VALUES (?, ?, ?)", graded)
    apart = (
        (query, assessor, document, grade)
        for query, assessors in contents.assessments.items()
        for assessor, grades in assessors.items()
        for document, grade in grades.items()
    )
    db.executemany("INSERT INTO assessments VALUES (?, ?, ?, ?)", apart)
    lists = contents.candidates.items()
    listed = ((query, place, document) for query, found in lists for place, document in enumerate(found))
    db.executemany("INSERT INTO candidates VALUES (?, ?, ?)", listed)
    db.execute("COMMIT")


def _finish(db: sqlite3.Connection, path: Path, meta: Mapping[str, str], language: str, meter: Meter) -> Written:
    stray = db.execute(
        "SELECT query_id, document_id FROM candidates WHERE document_id NOT IN (SELECT id FROM documents) LIMIT 1"
    ).fetchone()
    if stray:
        raise UnknownCandidateError(*stray)
    if language == AUTO:
        meter.say("finding out the language")
        language = _detected(db)
    meter.say("making the full-text index")
    add_search(db, language)
    meter.say("taking fingerprints")
    found = digests(db, language)
    _keep_meta(db, {**meta, "language": language}, found)
    return Written(
        path=path,
        fingerprint=found.whole,
        language=language,
        documents=_count(db, "documents"),
        queries=_count(db, "queries"),
        judgments=_count(db, "judgments"),
        unknown=_count(db, "judgments WHERE document_id NOT IN (SELECT id FROM documents)"),
        empty=_count(db, "documents WHERE trim(title || text, char(9, 10, 13, 32)) = ''"),
        spaced=_count(db, "documents WHERE id GLOB '*[ \t]*'") + _count(db, "queries WHERE id GLOB '*[ \t]*'"),
    )


def _keep_meta(db: sqlite3.Connection, meta: Mapping[str, str], found: Digests) -> None:
    parts = {"fingerprint": found.whole, "corpus": found.corpus, "queries": found.queries, "qrels": found.qrels}
    db.executemany("INSERT INTO meta VALUES (?, ?)", [*meta.items(), *parts.items()])


def _detected(db: sqlite3.Connection) -> str:
    """From documents spread evenly over the ids, so that the order of the source changes nothing."""
    step = max(1, _count(db, "documents") // SAMPLED)
    places = [row[0] for n, row in enumerate(db.execute("SELECT position FROM documents ORDER BY id")) if n % step == 0]
    sql = f"SELECT id, substr(title || ' ' || text, 1, {SAMPLED_CHARS}) FROM documents WHERE position = ?"
    sample = [db.execute(sql, (place,)).fetchone() for place in places[:SAMPLED]]
    return detect_language([text for _, text in sample], [id for id, _ in sample])


def _count(db: sqlite3.Connection, what: str) -> int:
    return int(db.execute(f"SELECT count(*) FROM {what}").fetchone()[0])


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _sweep(directory: Path) -> None:
    """Remove what a killed import left a day or longer ago."""
    for path in directory.glob(".import-*"):
        if time.time() - path.stat().st_mtime > STALE_SECONDS:
            path.unlink(missing_ok=True)


@contextmanager
def _storage_errors(meter: Meter) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        meter.check()  # an interrupted statement is a cancelled import
        raise _storage_error(error, full=error.sqlite_errorcode == sqlite3.SQLITE_FULL) from error
    except OSError as error:
        raise _storage_error(error, full=error.errno in (errno.ENOSPC, errno.EDQUOT)) from error


def _storage_error(error: Exception, *, full: bool) -> StorageError:
    if full:
        return StorageFullError("Storage full; the collection was NOT imported.")
    return StorageError(f"The collection file could not be written: {error}.")
