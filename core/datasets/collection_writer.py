"""Writes a collection file: built aside, synced, renamed into place, named by its fingerprint.

Fingerprint: SHA-256 over digests of corpus, queries and judgments, each read in order of ids, so that the
order of the lines of a source changes nothing; and of the candidate lists where some came along.
"""

from __future__ import annotations

import errno
import hashlib
import os
import sqlite3
import time
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from core.datasets.meter import Meter
from core.datasets.schema import TABLES
from core.domain.canonical import canonical_json, digest
from core.domain.collections import Qrels
from core.domain.documents import Document, Query
from core.domain.errors import InvalidInputError, StorageError, StorageFullError

STALE_SECONDS = 24 * 3600
INTERRUPT_EVERY = 100_000  # virtual machine steps of SQLite between two looks at the wish to cancel


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
    meter: Meter | None = None,
) -> Written:
    """Write ``<fingerprint>.sqlite`` into ``target_dir``; documents are consumed as a stream.

    Equal contents land on the same file, which then stays as it was. DuplicateDocumentError,
    UnknownCandidateError, CancelledError, StorageError and whatever the stream raises leave nothing behind.
    """
    meter = meter or Meter(0, lambda _done, _total: None, lambda: False)
    with _storage_errors(meter):
        target_dir.mkdir(parents=True, exist_ok=True)
        _sweep(target_dir)
    aside = target_dir / f".import-{uuid.uuid4().hex}.sqlite"
    try:
        with _storage_errors(meter):
            with closing(sqlite3.connect(aside, isolation_level=None)) as db:
                db.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;")
                db.set_progress_handler(lambda: int(meter.cancelled), INTERRUPT_EVERY)
                db.executescript(TABLES)
                db.execute("BEGIN")
                _fill(db, documents, queries, qrels, candidates or {})
                written = _finish(db, target_dir, {"name": name, "origin": origin, "first_stage": first_stage})
            _publish(aside, written.path)
    finally:
        aside.unlink(missing_ok=True)
    return written


def _fill(
    db: sqlite3.Connection,
    documents: Iterable[Document],
    queries: Iterable[Query],
    qrels: Qrels,
    candidates: Mapping[str, Sequence[str]],
) -> None:
    for document in documents:
        try:
            row = (document.id, document.title, document.text)
            db.execute("INSERT INTO documents (id, title, text) VALUES (?, ?, ?)", row)
        except sqlite3.IntegrityError as error:
            raise DuplicateDocumentError(document.id) from error
    rows = ((query.id, query.text, query.category) for query in queries)
    db.executemany("INSERT INTO queries (id, text, category) VALUES (?, ?, ?)", rows)
    graded = ((query, document, grade) for query, grades in qrels.items() for document, grade in grades.items())
    db.executemany("INSERT INTO judgments VALUES (?, ?, ?)", graded)
    listed = ((query, place, document) for query, found in candidates.items() for place, document in enumerate(found))
    db.executemany("INSERT INTO candidates VALUES (?, ?, ?)", listed)
    db.execute("INSERT INTO search (search) VALUES ('rebuild')")


def _finish(db: sqlite3.Connection, target_dir: Path, meta: dict[str, str]) -> Written:
    stray = db.execute(
        "SELECT query_id, document_id FROM candidates WHERE document_id NOT IN (SELECT id FROM documents) LIMIT 1"
    ).fetchone()
    if stray:
        raise UnknownCandidateError(*stray)
    fingerprint = _fingerprint(db)
    rows = [*meta.items(), ("fingerprint", fingerprint)]
    db.executemany("INSERT INTO meta VALUES (?, ?)", rows)
    written = Written(
        path=target_dir / f"{fingerprint}.sqlite",
        fingerprint=fingerprint,
        documents=_count(db, "documents"),
        queries=_count(db, "queries"),
        judgments=_count(db, "judgments"),
        unknown=_count(db, "judgments WHERE document_id NOT IN (SELECT id FROM documents)"),
        empty=_count(db, "documents WHERE trim(title || text, char(9, 10, 13, 32)) = ''"),
        spaced=_count(db, "documents WHERE id GLOB '*[ \t]*'") + _count(db, "queries WHERE id GLOB '*[ \t]*'"),
    )
    db.execute("COMMIT")
    return written


def _count(db: sqlite3.Connection, what: str) -> int:
    return int(db.execute(f"SELECT count(*) FROM {what}").fetchone()[0])


def _fingerprint(db: sqlite3.Connection) -> str:
    corpus = _digest(db.execute("SELECT id, title, text FROM documents ORDER BY id"))
    queries = _digest(db.execute("SELECT id, text, category FROM queries ORDER BY id"))
    judgments = _digest(db.execute("SELECT * FROM judgments ORDER BY query_id, document_id"))
    parts = [corpus, queries, judgments]
    if _count(db, "candidates"):
        parts.append(_digest(db.execute("SELECT * FROM candidates ORDER BY query_id, position")))
    return digest(parts)


def _digest(rows: Iterable[tuple[str | int, ...]]) -> str:
    total = hashlib.sha256()
    for row in rows:
        total.update(canonical_json(row).encode() + b"\n")
    return total.hexdigest()


def _publish(aside: Path, target: Path) -> None:
    """Sync and rename; a file that is there already holds the same contents and stays."""
    if not target.exists():
        _sync(aside)
        os.replace(aside, target)
        _sync(target.parent)


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
