"""Group commit: threads that write at the same time share one transaction and one wait for the disk.

With synchronous=FULL every commit waits for the disk (4 ms on a busy machine), one after the other. Here the first
thread that comes leads: it takes the lock, runs what has gathered until then, each operation in a savepoint of its
own, then once what they have in common, commits, and only then does any of them return. Nobody waits for company.
"""

from __future__ import annotations

import copy
import threading
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError, IntegrityError, StatementError

from core.domain.errors import RunoffError
from db.connection import Database

T = TypeVar("T")

LARGEST_GROUP = 64


class _Ticket(Generic[T]):
    """One operation on its way; ``error`` or ``result``, a list of one, is set before ``done``."""

    def __init__(self, operation: Callable[[Connection], T]) -> None:
        self.operation = operation
        self.result: list[T] = []
        self.error: Exception | None = None
        self.done = False

    def run(self, connection: Connection) -> None:
        """Do it in a savepoint. Failures of this operation alone are kept; those of the database are raised."""
        # Savepoints by hand: SQLAlchemy compiles each of its own anew, which took a third of the time of a vote.
        connection.exec_driver_sql("SAVEPOINT operation")
        try:
            self.result = [self.operation(connection)]
        except (RunoffError, IntegrityError) as error:
            self.error = error
        except DBAPIError:
            raise
        except StatementError as error:
            self.error = error
        if self.error is not None:
            connection.exec_driver_sql("ROLLBACK TO SAVEPOINT operation")
        connection.exec_driver_sql("RELEASE SAVEPOINT operation")


Finish = Callable[[Connection, Sequence[T]], Callable[[], None]]


class GroupCommit(Generic[T]):
    """Runs operations in common transactions. ``outcome``: what a failure means ("vote NOT recorded").

    ``finish`` gets the results of a group in their order, to do once for all what follows from them in the same
    transaction; if it fails, all fail. What it returns is called after the commit.
    """

    def __init__(self, database: Database, outcome: str, finish: Finish[T] | None = None) -> None:
        self._database = database
        self._outcome = outcome
        self._finish = finish
        self._changed = threading.Condition()
        self._waiting: list[_Ticket[T]] = []
        self._led = False

    def run(self, operation: Callable[[Connection], T]) -> T:
        """The result of ``operation`` once it is on disk; its own error, or StorageError when nothing was kept."""
        ticket = _Ticket(operation)
        with self._changed:
            self._waiting.append(ticket)
        while self._must_lead(ticket):
            self._lead()
        if ticket.error is not None:
            raise ticket.error
        return ticket.result[0]

    def _must_lead(self, ticket: _Ticket[T]) -> bool:
        """Wait until the ticket is done (False) or nobody leads (True)."""
        with self._changed:
            self._changed.wait_for(lambda: ticket.done or not self._led)
            if not ticket.done:
                self._led = True
            return not ticket.done

    def _lead(self) -> None:
        group: list[_Ticket[T]] = []
        failure: Exception | None = RuntimeError(f"Interrupted; {self._outcome}.")
        try:
            with self._database.write(self._outcome) as connection:
                group = self._gather()
                for ticket in group:
                    ticket.run(connection)
                after = self._finish_all(connection, [result for ticket in group for result in ticket.result])
            failure = None
            after()
        except (RunoffError, DBAPIError) as error:
            failure = error
        finally:
            self._end(group or self._gather(), failure)

    def _finish_all(self, connection: Connection, results: Sequence[T]) -> Callable[[], None]:
        if self._finish is None or not results:
            return lambda: None
        return self._finish(connection, results)

    def _gather(self) -> list[_Ticket[T]]:
        with self._changed:
            group, self._waiting = self._waiting[:LARGEST_GROUP], self._waiting[LARGEST_GROUP:]
            return group

    def _end(self, group: list[_Ticket[T]], failure: Exception | None) -> None:
        with self._changed:
            for ticket in group:
                if failure is not None:
                    ticket.error = copy.copy(failure)  # each thread raises its own, or tracebacks would mix
                ticket.done = True
            self._led = False
            self._changed.notify_all()
