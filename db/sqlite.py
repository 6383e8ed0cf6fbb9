"""SQLite's side of the connection: pragmas, where transactions begin, checkpoints, closing under the lock."""

from __future__ import annotations

import logging
import sqlite3
from typing import cast

from sqlalchemy import URL, Connection, Engine, create_engine, event

from db.compact import compact_json
from db.lock import FileLock

log = logging.getLogger(__name__)

POOL_SIZE = 16


def sqlite_engine(url: URL, lock: FileLock, busy_seconds: float) -> Engine:
    """Write-ahead log, synchronous=FULL, foreign keys, and no checkpoint of SQLite's own accord."""

    class LockedClose(sqlite3.Connection):
        """Closing the last connection checkpoints, so it waits for the lock."""

        def close(self) -> None:
            try:
                with lock.held(busy_seconds):
                    super().close()
            except TimeoutError:
                log.warning("database connection left open: the lock was not free within %s s", busy_seconds)

    engine = create_engine(
        url,
        json_serializer=compact_json,
        connect_args={"timeout": busy_seconds, "factory": LockedClose},
        pool_size=POOL_SIZE,
        max_overflow=0,
        pool_use_lifo=True,
        pool_timeout=max(busy_seconds, 0.1),
    )
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


def use_write_ahead_log(connection: Connection) -> None:
    """Set the journal mode, which stays in the file; call it under the lock, outside a transaction."""
    _driver(connection).execute("PRAGMA journal_mode=WAL")


def empty_write_ahead_log(connection: Connection, busy_seconds: float) -> bool:
    """Checkpoint and truncate, under the lock, outside a transaction.

    False where a reader still needs the log or the disk refused; nothing is lost then, the log only stays longer.
    """
    driver = _driver(connection)
    driver.execute("PRAGMA busy_timeout=0")  # with patience for readers, writers would be kept waiting
    try:
        blocked, _pages, _moved = driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    except sqlite3.OperationalError as error:
        log.warning("checkpoint failed, will be tried again: %s", error)
        return False
    finally:
        driver.execute(f"PRAGMA busy_timeout={int(busy_seconds * 1000)}")
    return not blocked


def enforce_foreign_keys(connection: Connection, enforce: bool) -> None:
    """Outside a transaction only; SQLite ignores it inside one."""
    _driver(connection).execute(f"PRAGMA foreign_keys={int(enforce)}")


def _driver(connection: Connection) -> sqlite3.Connection:
    return cast(sqlite3.Connection, connection.connection.driver_connection)


def _prepare(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # transactions begin where SQLAlchemy says, in _begin
    connection.execute("PRAGMA wal_autocheckpoint=0")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA foreign_keys=ON")


def _begin(connection: Connection) -> None:
    write = connection.get_execution_options().get("write", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")
