"""SQLite's settings, and checkpoints that only ever happen under the lock."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import text

import db.connection
from db.store import SqlStore
from tests.support.stored import make_candidates


def log_bytes(directory: Path) -> int:
    file = directory / "runoff.sqlite-wal"
    return file.stat().st_size if file.exists() else 0


def write_much(store: SqlStore, name: str) -> None:
    store.save_candidates([make_candidates(f"{name}-{i}", documents=200) for i in range(10)])


def test_pragmas(sqlite_store: SqlStore) -> None:
    with sqlite_store.database.read() as connection:
        found = {
            name: connection.execute(text(f"PRAGMA {name}")).scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys", "wal_autocheckpoint", "busy_timeout")
        }
    expected = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "wal_autocheckpoint": 0}
    assert found == {**expected, "busy_timeout": 1000}


def test_log_grows_until_it_is_due_and_is_emptied_then(
    sqlite_store: SqlStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_much(sqlite_store, "a")
    grown = log_bytes(tmp_path)
    assert grown > 30_000
    monkeypatch.setattr(db.connection, "CHECKPOINT_BYTES", grown)
    write_much(sqlite_store, "b")
    assert log_bytes(tmp_path) == 0
    assert sqlite_store.candidates_record(make_candidates("a-3", documents=200).hash).query_id == "a-3"


def test_reader_delays_a_checkpoint_but_nobody_else(
    sqlite_store: SqlStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(db.connection, "CHECKPOINT_BYTES", 1)
    with sqlite_store.database.read() as connection:
        before = connection.execute(text("SELECT count(*) FROM candidate_lists")).scalar_one()
        write_much(sqlite_store, "a")
        assert log_bytes(tmp_path) > 0
        assert sqlite_store.database.checkpoint() is False
        assert connection.execute(text("SELECT count(*) FROM candidate_lists")).scalar_one() == before
    assert sqlite_store.database.checkpoint() is True
    assert log_bytes(tmp_path) == 0


def test_closing_leaves_one_whole_file(tmp_path: Path, database_url: str) -> None:
    store = SqlStore(database_url, tmp_path)
    write_much(store, "a")
    store.close()
    assert log_bytes(tmp_path) == 0
    again = SqlStore(database_url, tmp_path)
    assert again.candidates_record(make_candidates("a-3", documents=200).hash).query_id == "a-3"
    again.close()
