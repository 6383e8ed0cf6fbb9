"""Answers on disk: one disposable SQLite file, bounded, checksummed, shared by engine processes.

Losing it costs time, never results: a busy file is skipped, a damaged one is set aside with a log line,
a damaged row is dropped. The oldest use goes first when the bound is reached.
"""

from __future__ import annotations

import contextlib
import logging
import sqlite3
import time
import zlib
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path

from core.domain.requests import Answer
from core.worker.answer_codec import DamagedAnswerError, pack, unpack

log = logging.getLogger(__name__)

_SCHEMA = """
PRAGMA auto_vacuum = INCREMENTAL;
PRAGMA journal_mode = WAL;
PRAGMA synchronous = OFF;
CREATE TABLE IF NOT EXISTS answers (
    key TEXT PRIMARY KEY, used INTEGER NOT NULL, size INTEGER NOT NULL, crc INTEGER NOT NULL, body BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS answers_by_use ON answers (used, size);
"""
_OVERHEAD = 200  # bytes a row takes beside its body: key, index entries, page slack
_TOUCH_AFTER_S = 3600  # how stale the noted time of use may become
_BUSY_WAIT_S = 0.2  # a cache that makes the engine wait longer is no cache
_PAGES = ("page_count", "freelist_count", "page_size")
_DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_BUSY = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}


class DiskCache:
    """One thread only. ``limit_bytes`` bounds the sum of row sizes, to a hundredth; the file is a little larger."""

    def __init__(self, path: Path, limit_bytes: int) -> None:
        self._path, self._limit = path, limit_bytes
        self._unchecked = 0  # bytes written since the rows were last added up, which takes a second for millions
        self._connection: sqlite3.Connection | None = None
        self._guarded(self._prepare)

    def get(self, keys: Sequence[str]) -> dict[str, Answer]:
        """The answers that are here, by key."""
        found: dict[str, Answer] = {}
        for start in range(0, len(keys), 500):
            self._guarded(partial(self._read, tuple(keys[start : start + 500]), found))
        return found

    def put(self, answers: Iterable[tuple[str, Answer]]) -> None:
        """Keep answers, in one transaction."""
        rows = [_row(key, pack(answer)) for key, answer in answers]
        if rows:
            self._guarded(lambda: self._write(rows))

    def size(self) -> int:
        """The sum of row sizes in bytes."""
        sizes: list[int] = []
        self._guarded(lambda: sizes.append(self._size()))
        return sizes[0] if sizes else 0

    @property
    def limit_bytes(self) -> int:
        """What the rows may take together."""
        return self._limit

    def file_bytes(self) -> int:
        """What lies on disk, with what is not yet written back into the main file; 0 where there is none."""
        total = 0
        for suffix in ("", "-wal"):
            with contextlib.suppress(OSError):
                total += self._path.with_name(self._path.name + suffix).stat().st_size
        return total

    def close(self) -> None:
        """Let go of the file."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _prepare(self) -> None:
        self._db()

    def _db(self) -> sqlite3.Connection:
        if self._connection is None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._connection = sqlite3.connect(self._path, timeout=_BUSY_WAIT_S, isolation_level=None)
            self._connection.executescript(_SCHEMA)
        return self._connection

    def _read(self, keys: tuple[str, ...], found: dict[str, Answer]) -> None:
        marks = ",".join("?" * len(keys))
        rows = self._db().execute(f"SELECT key, used, crc, body FROM answers WHERE key IN ({marks})", keys).fetchall()
        bad, stale, now = [], [], int(time.time())
        for key, used, crc, body in rows:
            try:
                if zlib.crc32(key.encode() + body) != crc:
                    raise DamagedAnswerError("wrong checksum")
                found[key] = unpack(body)
            except (DamagedAnswerError, TypeError) as error:
                log.warning("Answer %s in %s is damaged (%s); dropped.", key, self._path, error)
                bad.append((key,))
            if now - used > _TOUCH_AFTER_S:
                stale.append((now, key))
        if bad or stale:
            with self._db() as connection:
                connection.execute("BEGIN IMMEDIATE")
                connection.executemany("DELETE FROM answers WHERE key = ?", bad)
                connection.executemany("UPDATE answers SET used = ? WHERE key = ?", stale)

    def _write(self, rows: list[tuple[str, int, int, int, bytes]]) -> None:
        with self._db() as connection:
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany("INSERT OR REPLACE INTO answers VALUES (?, ?, ?, ?, ?)", rows)
        self._unchecked += sum(row[2] for row in rows)
        if 100 * self._unchecked > self._limit and self._used() > self._limit:
            self._unchecked = 0
            self._shrink()

    def _size(self) -> int:
        (size,) = self._db().execute("SELECT COALESCE(SUM(size), 0) FROM answers").fetchone()
        return int(size)

    def _used(self) -> int:
        """Bytes of the pages in use, never less than the rows take; SQLite has them at hand."""
        pages, free, size = (self._db().execute(f"PRAGMA {name}").fetchone()[0] for name in _PAGES)
        return int((pages - free) * size)

    def _shrink(self) -> None:
        excess = self._size() - self._limit
        if excess <= 0:
            return
        excess += self._limit // 10  # some room, so that this is rare
        doomed = []
        for rowid, size in self._db().execute("SELECT rowid, size FROM answers ORDER BY used, rowid"):
            if excess <= 0:
                break
            doomed.append((rowid,))
            excess -= size
        with self._db() as connection:
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany("DELETE FROM answers WHERE rowid = ?", doomed)
        self._db().execute("PRAGMA incremental_vacuum").fetchall()
        log.info("Dropped the %d least recently used answers from %s.", len(doomed), self._path)

    def _guarded(self, action: Callable[[], None]) -> None:
        """Run ``action``; a cache that fails is a cache miss."""
        try:
            action()
        except sqlite3.Error as error:
            code = getattr(error, "sqlite_errorcode", 0) & 0xFF
            if code in _BUSY:
                log.info("%s is busy; skipped.", self._path)
            elif code in _DAMAGED:
                self._set_aside(error)
            else:
                log.warning("%s cannot be used: %s", self._path, error)
        except OSError as error:
            log.warning("%s cannot be used: %s", self._path, error)

    def _set_aside(self, cause: Exception) -> None:
        self.close()
        aside = self._path.with_name(self._path.name + ".damaged")
        log.warning("%s is damaged (%s); set aside as %s, a new one is begun.", self._path, cause, aside.name)
        try:
            self._path.replace(aside)
            for suffix in ("-wal", "-shm"):
                self._path.with_name(self._path.name + suffix).unlink(missing_ok=True)
        except OSError as error:
            log.warning("%s cannot be set aside: %s", self._path, error)


def _row(key: str, body: bytes) -> tuple[str, int, int, int, bytes]:
    return key, int(time.time()), len(body) + _OVERHEAD, zlib.crc32(key.encode() + body), body
