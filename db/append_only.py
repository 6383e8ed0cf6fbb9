"""Triggers that refuse to change or delete what is append-only, whoever asks (SQLite only).

They keep mistakes and other programs away from the log; against somebody who wants to falsify it there is the chain.
A migration takes them off and puts them back, since rebuilding a table loses its triggers.
"""

from __future__ import annotations

from sqlalchemy import Connection, text

KEPT = ("votes", "acts", "log")
_VOTED = "old.state IN ('voted', 'retired')"


def guard(connection: Connection) -> None:
    """Make the triggers, where there are the tables."""
    if not _has_log(connection):
        return
    for table in KEPT:
        for deed in ("UPDATE", "DELETE"):
            _refuse(connection, table, deed, deed, f"{table}: rows are only added")
    columns = connection.execute(text("SELECT name FROM pragma_table_info('battles')")).scalars()
    moving = ", ".join(f'"{name}"' for name in columns if name != "state")
    for deed, of in (("UPDATE", f"UPDATE OF {moving}"), ("DELETE", "DELETE")):
        _refuse(connection, "battles", deed, of, "battles: one with a vote stays as it is", _VOTED)


def unguard(connection: Connection) -> None:
    """Take the triggers off, inside the transaction that will make them again."""
    if connection.dialect.name != "sqlite":
        return
    for table in (*KEPT, "battles"):
        for deed in ("UPDATE", "DELETE"):
            connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {_name(table, deed)}")


def _has_log(connection: Connection) -> bool:
    if connection.dialect.name != "sqlite":
        return False
    return connection.execute(text("SELECT 1 FROM sqlite_master WHERE name = 'log'")).first() is not None


def _refuse(connection: Connection, table: str, deed: str, when: str, message: str, condition: str = "1") -> None:
    connection.exec_driver_sql(
        f"CREATE TRIGGER {_name(table, deed)} BEFORE {when} ON {table} WHEN {condition} "
        f"BEGIN SELECT RAISE(ABORT, '{message}'); END"
    )


def _name(table: str, deed: str) -> str:
    return f"keep_{table}_from_{deed.lower()}"
