"""What the database says, translated into errors that a person may read.

``outcome`` names what did not happen ("vote NOT recorded"), so a message never leaves that open.
"""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError, ProgrammingError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from core.domain.errors import StorageBusyError, StorageError, StorageFullError

log = logging.getLogger(__name__)

_BUSY = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
_SERVER_BUSY = {"55P03", "57014", "40001", "40P01"}  # SQLSTATE: lock, timeout, serialization, deadlock
_SERVER_FULL = {"53100"}


class NewerDatabaseError(StorageError):
    """A later program wrote this database; it is not changed by this one."""


def busy(outcome: str) -> StorageBusyError:
    """Somebody else holds the database."""
    return StorageBusyError(f"Database busy; {outcome}. Retry.")


@contextmanager
def translated(outcome: str) -> Iterator[None]:
    """Turn failures of the database inside the block into StorageError and its kinds.

    Broken constraints and wrong SQL pass through: the first mean something to the caller, the second are our bugs.
    """
    try:
        yield
    except PoolTimeoutError as error:
        raise busy(outcome) from error
    except (IntegrityError, ProgrammingError):
        raise
    except DBAPIError as error:
        raise _storage_error(error, outcome) from error


def _storage_error(error: DBAPIError, outcome: str) -> StorageError:
    code = getattr(error.orig, "sqlite_errorcode", None)
    state = getattr(error.orig, "sqlstate", None)
    primary = None if code is None else code & 0xFF
    if primary in _BUSY or state in _SERVER_BUSY:
        return busy(outcome)
    if primary == sqlite3.SQLITE_FULL or state in _SERVER_FULL:
        return StorageFullError(f"Storage full; {outcome}. Free some disk space and retry.")
    log.error("database failure, %s: %s", outcome, error.orig)
    if isinstance(error, OperationalError) or primary is not None:
        return StorageError(f"Database failure ({error.orig}); {outcome}.")
    return StorageError(f"Database failure; {outcome}.")
