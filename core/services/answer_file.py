"""The answer cache as a file: how large it is, and emptying it. What is in it is the engine's (core/worker/disk_cache).

No result is lost with it: what is asked again is computed again.
"""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

from core.domain.errors import StorageError

NAME = "answers.sqlite"
_PARTS = ("", "-wal", "-shm")
_WAIT_S = 5.0  # for an engine that is writing
_BUSY = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
_NO_CACHE = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR}  # the last: it has no such table


def size(cache_dir: Path) -> int:
    """Bytes on disk, with what is not yet written back into the main file; 0 where there is none."""
    total = 0
    for part in _parts(cache_dir):
        with contextlib.suppress(FileNotFoundError):
            total += part.stat().st_size
    return total


def empty(cache_dir: Path) -> int:
    """Drop every answer on disk, also while engines use the file; the bytes that are free now.

    An engine that runs keeps what it holds in memory until it ends. StorageError where the file is in use too long or
    cannot be written; one that is damaged, or no cache at all, is removed.
    """
    before = size(cache_dir)
    if not before:
        return 0
    try:
        with contextlib.closing(sqlite3.connect(cache_dir / NAME, timeout=_WAIT_S, isolation_level=None)) as connection:
            connection.execute("DELETE FROM answers")
            connection.execute("VACUUM")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    except sqlite3.DatabaseError as error:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if code in _BUSY:
            raise StorageError("The answer cache is in use and was not emptied. Try again.") from error
        if code not in _NO_CACHE:  # a full disk, say; an engine may have the file open, so it must stay
            raise StorageError(f"The answer cache was not emptied: {error}.") from error
        for part in _parts(cache_dir):
            part.unlink(missing_ok=True)
    return max(0, before - size(cache_dir))


def _parts(cache_dir: Path) -> list[Path]:
    return [cache_dir / f"{NAME}{part}" for part in _PARTS]
