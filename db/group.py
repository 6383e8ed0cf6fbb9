"""Group commit: threads that write at the same time share one transaction and one wait for the disk.

With synchronous=FULL every commit waits for the disk (4 ms on a busy machine), one after the other. Here the first
thread that comes leads: it takes the lock, runs what has gathered until then, each operation in a savepoint of its
own, commits, and only then does any of them return. Nobody waits for company.
"""

from __future__ import annotations

import copy
import threading
from collections.abc import Callable
from typing import Generic, TypeVar, cast

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError, IntegrityError, StatementError

from core.domain.errors import RunoffError
from db.connection import Database

T = TypeVar("T")

LARGEST_GROUP = 64


class _Ticket(Generic[T]):
    """One operation on its way; ``error`` or ``result`` is set before ``done``."""

    def __init__(self, operation: Callable[[Connection], T]) -> None:
        self.operation = operation
        self.result: T | None = None
        self.error: Exception | None = None
        self.done = False

    def run(self, connection: Connection) -> None:
        """Do it in a savepoint. Failures of this operation alone are kept; those of the database are raised."""
        try:
            with connection.begin_nested():
                self.result = self.operation(connection)
        except (RunoffError, IntegrityError) as error:
            self.error = error
        except DBAPIError:
            raise
        except StatementError as error:
            self.error = error


class GroupCommit:
    """Runs operations in common transactions. ``outcome``: what a failure means ("vote NOT recorded")."""

    def __init__(self, database: Database, outcome: str) -> None:
        self._database = database
        self._outcome = outcome
        self._changed = threading.Condition()
        self._waiting: list[_Ticket[object]] = []
        self._led = False

    def run(self, operation: Callable[[Connection], T]) -> T:
        """The result of ``operation`` once it is on disk; its own error, or StorageError when nothing was kept."""
        ticket = _Ticket(operation)
        with self._changed:
            self._waiting.append(cast(_Ticket[object], ticket))
        while self._must_lead(cast(_Ticket[object], ticket)):
            self._lead()
        if ticket.error is not None:
            raise ticket.error
        return cast(T, ticket.result)

    def _must_lead(self, ticket: _Ticket[object]) -> bool:
        """Wait until the ticket is done (False) or nobody leads (True)."""
        with self._changed:
            self._changed.wait_for(lambda: ticket.done or not self._led)
            if not ticket.done:
                self._led = True
            return not ticket.done

    def _lead(self) -> None:
        group: list[_Ticket[object]] = []
        failure: Exception | None = RuntimeError(f"Interrupted; {self._outcome}.")
        try:
            with self._database.write(self._outcome) as connection:
                group = self._gather()
                for ticket in group:
                    ticket.run(connection)
            failure = None
        except (RunoffError, DBAPIError) as error:
            failure = error
        finally:
            self._finish(group or self._gather(), failure)

    def _gather(self) -> list[_Ticket[object]]:
        with self._changed:
            group, self._waiting = self._waiting[:LARGEST_GROUP], self._waiting[LARGEST_GROUP:]
            return group

    def _finish(self, group: list[_Ticket[object]], failure: Exception | None) -> None:
        with self._changed:
            for ticket in group:
                if failure is not None:
                    ticket.error = copy.copy(failure)  # each thread raises its own, or tracebacks would mix
                ticket.done = True
            self._led = False
            self._changed.notify_all()
