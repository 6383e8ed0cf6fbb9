"""The store of the application: every sub-port over one database (domain.ports.Store)."""

from __future__ import annotations

from pathlib import Path

from core.domain.errors import InvalidInputError
from db.battles import SqlBattles
from db.benchmarks import SqlBenchmarks
from db.collections import SqlCollections
from db.connection import BUSY_SECONDS, Database
from db.jobs import SqlJobs
from db.migrate import bring_up_to_date
from db.models import SqlModels
from db.precision import SqlPrecision
from db.rankings import SqlRankings
from db.vote_import import SqlVoteImport
from db.vote_log import SqlVoteLog
from db.vote_search import SqlVoteSearch
from db.votes import SqlVotes

SUPPORTED = ("sqlite", "postgresql")


class SqlStore(
    SqlCollections,
    SqlRankings,
    SqlJobs,
    SqlBattles,
    SqlVotes,
    SqlVoteLog,
    SqlVoteSearch,
    SqlVoteImport,
    SqlModels,
    SqlBenchmarks,
    SqlPrecision,
):
    """Opens, creates or migrates the database at ``url``; backups go to ``home``/backups.

    Safe to share between threads; several processes may have the same database open.
    InvalidInputError for an address or place that cannot be used; StorageError where the database cannot be opened.
    """

    def __init__(self, url: str, home: Path, *, busy_seconds: float = BUSY_SECONDS) -> None:
        super().__init__(Database(url, busy_seconds=busy_seconds))
        name = self.database.engine.dialect.name
        if name not in SUPPORTED:
            raise InvalidInputError(f"Databases of kind {name!r} are not supported. Allowed: {', '.join(SUPPORTED)}.")
        try:
            bring_up_to_date(self.database, home / "backups")
        except BaseException:
            self.database.close()
            raise

    @property
    def read_only_reason(self) -> str:
        """Why writes are refused (a newer program wrote the database); empty where they are not."""
        return self.database.read_only_reason

    def close(self) -> None:
        """Close every connection; the store must not be used afterwards."""
        self.database.close()
