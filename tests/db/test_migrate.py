"""Fresh, current, older, newer and foreign databases."""

from __future__ import annotations

import shutil
import sqlite3
import threading
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from core.domain.errors import StorageError
from core.domain.voting import Ballot, Verdict, VoterKind
from db.connection import Database
from db.errors import NewerDatabaseError
from db.migrate import MIGRATIONS, bring_up_to_date
from db.schema import metadata
from db.store import SqlStore
from db.version import APPLICATION, SCHEMA
from tests.support.stored import NOON, make_battle

LATER = "0999"
HEADER = f"import sqlalchemy as sa\nfrom alembic import op\nrevision = '{LATER}'\ndown_revision = '{SCHEMA}'\n"
ADD_COLUMN = "    op.add_column('voters', sa.Column('colour', sa.Text()))\n"


def with_votes(url: str, home: Path) -> None:
    store = SqlStore(url, home)
    for id in ("b1", "b2"):
        store.add_battle(make_battle(id))
        store.show_battle(id, "ann", NOON)
        store.cast_vote(id, "ann", VoterKind.PERSON, Ballot(verdict=Verdict.LEFT), NOON)
    store.close()


def later_migrations(directory: Path, body: str) -> Path:
    """Our migrations and one more of the given body."""
    copy = directory / "migrations"
    shutil.copytree(MIGRATIONS, copy, ignore=shutil.ignore_patterns("__pycache__"))
    (copy / "versions" / "v0999_test.py").write_text(f"{HEADER}\n\ndef upgrade():\n{body}", "utf-8")
    return copy


def migrate(url: str, home: Path, migrations: Path) -> Path | None:
    database = Database(url)
    try:
        return bring_up_to_date(database, home / "backups", migrations=migrations, schema=LATER)
    finally:
        database.close()


def rows(file: Path, sql: str) -> list[tuple[object, ...]]:
    connection = sqlite3.connect(file)
    try:
        return connection.execute(sql).fetchall()
    finally:
        connection.close()


def test_version_constant_is_the_head() -> None:
    assert ScriptDirectory(str(MIGRATIONS)).get_current_head() == SCHEMA


def test_migrations_make_the_tables_of_the_schema(store: SqlStore) -> None:
    with store.database.read() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_fresh_database_is_signed_and_opens_again_without_backup(tmp_path: Path, database_url: str) -> None:
    with_votes(database_url, tmp_path)
    assert rows(tmp_path / "runoff.sqlite", "SELECT * FROM meta") == [("written_by", APPLICATION)]
    store = SqlStore(database_url, tmp_path)
    assert len(store.votes()) == 2
    store.close()
    assert not (tmp_path / "backups").exists()


def test_start_on_a_current_database_does_not_run_migrations(
    tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_votes(database_url, tmp_path)
    monkeypatch.setattr("db.migrate.MIGRATIONS", tmp_path / "nowhere")
    SqlStore(database_url, tmp_path).close()


def test_two_starts_at_once_create_one_database(tmp_path: Path, database_url: str) -> None:
    failures: list[Exception] = []

    def open_one() -> None:
        try:
            SqlStore(database_url, tmp_path, busy_seconds=20).close()
        except StorageError as error:
            failures.append(error)

    threads = [threading.Thread(target=open_one) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert rows(tmp_path / "runoff.sqlite", "SELECT version_num FROM alembic_version") == [(SCHEMA,)]


def test_older_database_is_copied_and_migrated(tmp_path: Path, database_url: str) -> None:
    with_votes(database_url, tmp_path)
    backup = migrate(database_url, tmp_path, later_migrations(tmp_path, ADD_COLUMN))
    assert backup is not None
    assert backup.name.startswith(f"runoff-schema-{SCHEMA}-")
    assert rows(backup, "SELECT battle FROM votes") == [("b1",), ("b2",)]
    assert rows(backup, "SELECT version_num FROM alembic_version") == [(SCHEMA,)]
    file = tmp_path / "runoff.sqlite"
    assert rows(file, "SELECT version_num FROM alembic_version") == [(LATER,)]
    assert rows(file, "SELECT battle FROM votes") == [("b1",), ("b2",)]
    assert rows(file, "SELECT colour FROM voters") == []


def test_table_that_others_refer_to_can_be_rebuilt(tmp_path: Path, database_url: str) -> None:
    with_votes(database_url, tmp_path)
    rebuild = "    with op.batch_alter_table('battles', recreate='always') as batch:\n"
    rebuild += "        batch.add_column(sa.Column('note', sa.Text()))\n"
    migrate(database_url, tmp_path, later_migrations(tmp_path, rebuild))
    assert rows(tmp_path / "runoff.sqlite", "SELECT id, note FROM battles ORDER BY id") == [("b1", None), ("b2", None)]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (ADD_COLUMN + "    op.execute('DELETE FROM votes WHERE id = 1')\n", "leave 1 of 2 rows in votes"),
        (ADD_COLUMN + "    op.drop_table('votes')\n", "leave 0 of 2 rows in votes"),
        (ADD_COLUMN + "    op.execute(\"UPDATE votes SET battle = 'gone' WHERE id = 1\")\n", "break references"),
        (ADD_COLUMN + "    op.execute('UPDATE votes SET battle = NULL')\n", "failed and changed nothing"),
        (ADD_COLUMN + "    op.execute('SELECT nonsense')\n", "nonsense"),
    ],
)
def test_migration_that_fails_changes_nothing(tmp_path: Path, database_url: str, body: str, message: str) -> None:
    with_votes(database_url, tmp_path)
    with pytest.raises(StorageError, match=message):
        migrate(database_url, tmp_path, later_migrations(tmp_path, body))
    file = tmp_path / "runoff.sqlite"
    assert rows(file, "SELECT version_num FROM alembic_version") == [(SCHEMA,)]
    assert "colour" not in [name for _, name, *_ in rows(file, "PRAGMA table_info(voters)")]
    store = SqlStore(database_url, tmp_path)
    assert len(store.votes()) == 2
    store.close()


def make_newer(file: Path, *statements: str) -> None:
    connection = sqlite3.connect(file)
    for statement in (
        *statements,
        "UPDATE alembic_version SET version_num = '9009'",
        "UPDATE meta SET value = 'Runoff 7.5'",
    ):
        connection.execute(statement)
    connection.commit()
    connection.close()


def test_newer_database_is_read_only_and_says_who_wrote_it(tmp_path: Path, database_url: str) -> None:
    with_votes(database_url, tmp_path)
    make_newer(tmp_path / "runoff.sqlite", "ALTER TABLE votes ADD COLUMN mood TEXT")
    store = SqlStore(database_url, tmp_path)
    assert len(store.votes()) == 2
    assert "written by Runoff 7.5 (schema 9009)" in store.read_only_reason
    with pytest.raises(NewerDatabaseError, match=r"Runoff 7\.5.*read-only.*battle NOT saved"):
        store.add_battle(make_battle("b3"))
    store.close()
    assert rows(tmp_path / "runoff.sqlite", "SELECT count(*) FROM battles") == [(2,)]


def test_newer_database_that_cannot_be_read_is_refused(tmp_path: Path, database_url: str) -> None:
    with_votes(database_url, tmp_path)
    make_newer(tmp_path / "runoff.sqlite", "ALTER TABLE votes RENAME COLUMN verdict TO choice")
    with pytest.raises(NewerDatabaseError, match=r"Runoff 7\.5.*Update the program"):
        SqlStore(database_url, tmp_path)


def test_database_of_another_program_is_refused(tmp_path: Path, database_url: str) -> None:
    connection = sqlite3.connect(tmp_path / "runoff.sqlite")
    connection.execute("CREATE TABLE recipes (x)")
    connection.close()
    with pytest.raises(StorageError, match="tables of another program"):
        SqlStore(database_url, tmp_path)
    assert rows(tmp_path / "runoff.sqlite", "SELECT name FROM sqlite_master") == [("recipes",)]
