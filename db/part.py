"""What the parts of the store share: the database, and the two ways to insert a row that may be there already."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite

from core.domain.errors import InvalidInputError
from db.connection import Database

Row = Mapping[str, object]

CHUNK = 500  # names per statement; SQLite allows 999 variables in old builds


class StorePart:
    """Base of one sub-port's implementation."""

    def __init__(self, database: Database) -> None:
        self.database = database


def keep_first(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Insert; a row whose primary key is there stays as it is."""
    if rows:
        connection.execute(_insert(connection, table).on_conflict_do_nothing(index_elements=_key(table)), rows)


def replace(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Insert; a row whose primary key is there takes the new values."""
    if not rows:
        return
    statement = _insert(connection, table)
    key = _key(table)
    changed = {name: statement.excluded[name] for name in rows[0] if name not in key}
    connection.execute(statement.on_conflict_do_update(index_elements=key, set_=changed), rows)


def in_chunks(names: Sequence[str]) -> Iterator[list[str]]:
    """The different ones among ``names``, CHUNK at a time."""
    different = list(dict.fromkeys(names))
    for start in range(0, len(different), CHUNK):
        yield different[start : start + CHUNK]


def _key(table: Table) -> list[str]:
    return [column.name for column in table.primary_key.columns]


def _insert(connection: Connection, table: Table) -> sqlite.Insert | postgresql.Insert:
    # Two dialects spell "on conflict" alike; SQLAlchemy has no common construct for it.
    name = connection.dialect.name
    if name == "sqlite":
        return sqlite.insert(table)
    if name == "postgresql":
        return postgresql.insert(table)
    raise InvalidInputError(f"Databases of kind {name!r} are not supported. Allowed: sqlite, postgresql.")
