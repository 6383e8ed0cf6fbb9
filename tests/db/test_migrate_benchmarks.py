"""A database of schema 0002 becomes one with plans and probes; what was there stays, and a copy of it is kept."""

from __future__ import annotations

import sqlite3
from dataclasses import asdict
from pathlib import Path

from db.connection import Database
from db.migrate import bring_up_to_date
from db.store import SqlStore
from tests.db.test_store_benchmarks import make_plan, make_probe
from tests.support.stored import make_ranking


def old_database(tmp_path: Path, url: str) -> Path:
    """As the second version left it, with one ranking."""
    database = Database(url)
    bring_up_to_date(database, tmp_path / "backups", schema="0002")
    database.close()
    file, ranking = tmp_path / "runoff.sqlite", asdict(make_ranking())
    assert ranking["candidates"] == "list-q1"
    with sqlite3.connect(file) as connection:
        connection.execute(
            "INSERT INTO rankings VALUES ('list-q1', 'A', '[\"d2\",\"d1\"]', '[2.0,1.0]', '[]', '[]', "
            "'{\"calls\":2}', '{\"seconds\":0.5,\"calls\":2}', 'cpu')"
        )
        tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    connection.close()
    assert not {"plans", "probes"} & tables
    return file


def test_what_was_there_stays_and_plans_can_be_kept(tmp_path: Path, database_url: str) -> None:
    old_database(tmp_path, database_url)
    store = SqlStore(database_url, tmp_path)
    (ranking,) = store.rankings(["list-q1"])
    assert (ranking.order, ranking.logical.calls, ranking.executed.seconds) == (("d2", "d1"), 2, 0.5)
    store.save_plan(make_plan("p1"))
    store.save_probe(make_probe("A"))
    assert store.plans() == (make_plan("p1"),)
    assert store.probes(["A"]) == (make_probe("A"),)
    store.close()


def test_backup_is_the_old_database(tmp_path: Path, database_url: str) -> None:
    old_database(tmp_path, database_url)
    SqlStore(database_url, tmp_path).close()
    (backup,) = (tmp_path / "backups").iterdir()
    assert backup.name.startswith("runoff-schema-0002-")
    with sqlite3.connect(backup) as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchall() == [("0002",)]
        assert connection.execute("SELECT count(*) FROM rankings").fetchall() == [(1,)]
    connection.close()
