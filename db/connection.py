"""The database as the rest of db/ sees it: read transactions, locked write transactions, checkpoints.

On SQLite every write transaction, every checkpoint and every closing of a connection is taken under the file lock
of db/lock.py. A server behind another URL does its own locking.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from sqlalchemy import Connection, create_engine

from core.domain.errors import StorageError
from db.compact import compact_json
from db.errors import NewerDatabaseError, busy, translated
from db.location import database_file, parse_url, refuse_network
from db.lock import FileLock
from db.sqlite import empty_write_ahead_log, sqlite_engine

CHECKPOINT_BYTES = 16_000_000
BUSY_SECONDS = 4.0


class Database:
    """One database, shared by all threads of the process.

    ``busy_seconds``: patience with other holders. ``file``: None for a server.
    ``read_only_reason``: why writes are refused; empty where they are not.
    """

    def __init__(self, url: str, *, busy_seconds: float = BUSY_SECONDS) -> None:
        parsed = parse_url(url)
        self.file: Path | None = database_file(parsed)
        self.read_only_reason = ""
        self._busy_seconds = busy_seconds
        self._lock: FileLock | None = None
        self._log_kept = 0  # bytes of the write-ahead log that the last checkpoint could not remove
        if self.file is None:
            self.engine = create_engine(parsed, json_serializer=compact_json, pool_pre_ping=True)
            return
        refuse_network(self.file)
        try:
            self.file.parent.mkdir(parents=True, exist_ok=True)
            self._lock = FileLock(self.file)
        except OSError as error:
            raise StorageError(f"Cannot keep the database in {self.file.parent}: {error.strerror}.") from error
        self.engine = sqlite_engine(parsed.set(database=str(self.file)), self._lock, busy_seconds)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A consistent snapshot; writers are not disturbed."""
        with translated("nothing was read"), self.engine.connect() as connection:
            if self.file is None:
                connection.execution_options(isolation_level="REPEATABLE READ")
            yield connection

    @contextmanager
    def write(self, outcome: str) -> Iterator[Connection]:
        """One transaction, on disk before the block is left. ``outcome``: what a failure means to a person.

        StorageBusyError, StorageFullError or another StorageError when nothing was kept.
        """
        if self.read_only_reason:
            raise NewerDatabaseError(f"{self.read_only_reason} Here: {outcome}.")
        with translated(outcome), self.engine.connect() as connection, self.locked(outcome):
            connection.execution_options(write=True)
            with connection.begin():
                yield connection
            self._checkpoint_when_due(connection)

    @contextmanager
    def locked(self, outcome: str) -> Iterator[None]:
        """The file lock, where there is one; StorageBusyError when another process keeps it."""
        with ExitStack() as stack:
            if self._lock is not None:
                try:
                    stack.enter_context(self._lock.held(self._busy_seconds))
                except TimeoutError as error:
                    raise busy(outcome) from error
            yield

    def checkpoint(self) -> bool:
        """Move the write-ahead log into the database file; False while a reader still needs it."""
        if self.file is None:
            return True
        with translated("no checkpoint"), self.engine.connect() as connection, self.locked("no checkpoint"):
            return empty_write_ahead_log(connection, self._busy_seconds)

    def close(self) -> None:
        """Close every connection; the database must not be used afterwards."""
        self.engine.dispose()
        if self._lock is not None:
            self._lock.close()

    def _checkpoint_when_due(self, connection: Connection) -> None:
        if self.file is None:
            return
        size = _size(self.file.with_name(self.file.name + "-wal"))
        if size < self._log_kept:
            self._log_kept = 0  # another process has emptied it
        if size - self._log_kept >= CHECKPOINT_BYTES:
            done = empty_write_ahead_log(connection, self._busy_seconds)
            self._log_kept = 0 if done else size


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except FileNotFoundError:
        return 0
