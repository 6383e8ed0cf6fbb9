"""Bring a database to the schema of this program.

Empty: created. Older: copied aside with VACUUM INTO, migrated in one transaction, row counts compared before the
commit. Newer: left alone; read-only where everything this program reads is still there, refused otherwise.
All of it under the file lock, so that two programs that start at once do not migrate twice.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection, String, column, func, insert, inspect, select, table, update
from sqlalchemy.exc import DBAPIError, IntegrityError, ProgrammingError

from core.domain.errors import StorageError
from db.append_only import guard, unguard
from db.connection import Database
from db.errors import NewerDatabaseError, translated
from db.schema import meta, metadata
from db.sqlite import enforce_foreign_keys, use_write_ahead_log
from db.version import APPLICATION, SCHEMA

log = logging.getLogger(__name__)

MIGRATIONS = Path(__file__).resolve().parent / "migrations"
OUTCOME = "the database was not opened"
WRITTEN_BY = "written_by"
MOVED = {"withdrawals": "acts"}  # tables whose rows a migration put into another one
REVISIONS = table("alembic_version", column("version_num", String))


def bring_up_to_date(
    database: Database, backups: Path, *, migrations: Path = MIGRATIONS, schema: str = SCHEMA
) -> Path | None:
    """Create or migrate; the backup where one was made.

    NewerDatabaseError where a later program wrote it and it cannot even be read; StorageError where it is no
    database of ours or a migration failed (nothing is changed then).
    """
    with translated(OUTCOME), database.locked(OUTCOME), database.engine.connect() as connection:
        if database.file is not None:
            use_write_ahead_log(connection)
        found = _revision(connection, database)
        if found == schema:
            return None
        if found is not None and found not in _known(migrations):
            database.read_only_reason = _reason_to_only_read(connection, database, found, schema)
            return None
        connection.rollback()  # what was begun by reading
        backup = None if found is None else _backup(connection, database, backups, found)
        try:
            _migrate(connection, database, migrations, schema)
        except (IntegrityError, ProgrammingError) as error:
            raise StorageError(
                f"Migrating {_place(database)} from schema {found} to {schema} failed and changed nothing: {error.orig}"
            ) from error
        return backup


def _revision(connection: Connection, database: Database) -> str | None:
    """The schema of the database, None where it is empty."""
    names = inspect(connection).get_table_names()
    if not names:
        return None
    if REVISIONS.name not in names:
        raise StorageError(f"{_place(database)} holds tables of another program. Name another database.")
    return str(connection.execute(select(REVISIONS.c.version_num)).scalar_one())


def _known(migrations: Path) -> set[str]:
    from alembic.script import ScriptDirectory  # late: a start on a current database does without Alembic

    return {script.revision for script in ScriptDirectory(str(migrations)).walk_revisions()}


def _reason_to_only_read(connection: Connection, database: Database, found: str, schema: str) -> str:
    """What to say on every write to a newer database; NewerDatabaseError where it cannot be read."""
    reason = f"{_place(database)} has schema {found}; this program knows {schema}."
    try:
        writer = connection.execute(select(meta.c.value).where(meta.c.key == WRITTEN_BY)).scalar_one_or_none()
        reason = f"{_place(database)} was written by {writer} (schema {found}); this is {APPLICATION} ({schema})."
        for known in metadata.sorted_tables:
            connection.execute(select(known).limit(0))
    except DBAPIError as error:
        raise NewerDatabaseError(f"{reason} Update the program, or name another database.") from error
    log.warning("%s Opened read-only.", reason)
    return f"{reason} It is read-only until the program is updated."


def _backup(connection: Connection, database: Database, backups: Path, found: str) -> Path | None:
    if database.file is None:
        log.warning("migrating %s: backups of a database server are its operator's", _place(database))
        return None
    backups.mkdir(parents=True, exist_ok=True)
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%fZ")
    target = backups / f"{database.file.stem}-schema-{found}-{stamp}.sqlite"
    with closing(connection.connection.cursor()) as cursor:
        cursor.execute("VACUUM INTO ?", (str(target),))
    log.info("database copied to %s before its migration", target)
    return target


def _migrate(connection: Connection, database: Database, migrations: Path, schema: str) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(migrations).replace("%", "%%"))
    config.attributes["connection"] = connection
    connection.execution_options(write=True)
    sqlite = database.file is not None
    if sqlite:
        enforce_foreign_keys(connection, False)  # tables are rebuilt; what they say is checked before the commit
    try:
        with connection.begin():
            before = _counts(connection)
            unguard(connection)
            command.upgrade(config, schema)
            _compare(before, _counts(connection), database)
            if sqlite and connection.exec_driver_sql("PRAGMA foreign_key_check").first() is not None:
                raise StorageError(f"Migrating {_place(database)} would break references; nothing was changed.")
            guard(connection)
            _sign(connection)
    finally:
        if sqlite:
            enforce_foreign_keys(connection, True)


def _counts(connection: Connection) -> dict[str, int]:
    names = inspect(connection).get_table_names()
    ours = [name for name in names if name not in (REVISIONS.name, meta.name)]
    return {name: connection.execute(select(func.count()).select_from(table(name))).scalar_one() for name in ours}


def _compare(before: Mapping[str, int], after: Mapping[str, int], database: Database) -> None:
    for name, rows in before.items():
        now = name if name in after else MOVED.get(name, name)
        kept = after.get(now, 0) - (0 if now == name else before.get(now, 0))
        if rows and kept != rows:
            raise StorageError(
                f"Migrating {_place(database)} would leave {kept} of {rows} rows in {now}; nothing was changed."
            )
    entries = after.get("votes", 0) + after.get("acts", 0)
    if "log" in after and after["log"] != entries:
        raise StorageError(
            f"Migrating {_place(database)} would leave {after['log']} of {entries} entries in the log; "
            "nothing was changed."
        )


def _sign(connection: Connection) -> None:
    if connection.execute(update(meta).where(meta.c.key == WRITTEN_BY).values(value=APPLICATION)).rowcount == 0:
        connection.execute(insert(meta).values(key=WRITTEN_BY, value=APPLICATION))


def _place(database: Database) -> str:
    return str(database.file) if database.file is not None else database.engine.url.render_as_string()
