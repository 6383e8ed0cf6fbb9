"""Database busy, disk full, lock held: the caller hears that nothing was recorded, and the next call works."""

from __future__ import annotations

import fcntl
import sqlite3
import threading
import time
from pathlib import Path

import pytest
from sqlalchemy import event

from core.domain.errors import InvalidInputError, StorageBusyError, StorageError, StorageFullError
from core.domain.voting import Ballot, BattleState, Verdict, VoterKind
from db.store import SqlStore
from tests.support.stored import NOON, make_battle, make_candidates


@pytest.fixture
def impatient(tmp_path: Path, database_url: str):
    store = SqlStore(database_url, tmp_path, busy_seconds=0.2)
    yield store
    store.close()


def show(store: SqlStore, id: str) -> None:
    store.add_battle(make_battle(id))
    store.show_battle(id, "ann", NOON)


def vote(store: SqlStore, id: str) -> None:
    store.cast_vote(id, "ann", VoterKind.PERSON, Ballot(verdict=Verdict.LEFT), NOON)


def test_vote_while_another_program_writes(impatient: SqlStore, tmp_path: Path) -> None:
    show(impatient, "b1")
    other = sqlite3.connect(tmp_path / "runoff.sqlite", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StorageBusyError, match=r"^Database busy; vote NOT recorded\. Retry\.$"):
        vote(impatient, "b1")
    with pytest.raises(StorageBusyError, match="battle NOT saved"):
        impatient.add_battle(make_battle("b2"))
    assert impatient.battle("b1").state is BattleState.SHOWN  # reading goes on
    other.execute("ROLLBACK")
    other.close()
    vote(impatient, "b1")
    assert len(impatient.votes()) == 1


@pytest.mark.parametrize("suffix", [".lock", ".turn"])
def test_vote_while_another_process_keeps_the_file_lock(impatient: SqlStore, tmp_path: Path, suffix: str) -> None:
    show(impatient, "b1")
    with (tmp_path / f"runoff.sqlite{suffix}").open("r+") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        began = time.monotonic()
        with pytest.raises(StorageBusyError, match="vote NOT recorded"):
            vote(impatient, "b1")
        assert time.monotonic() - began < 2
    vote(impatient, "b1")
    assert len(impatient.votes()) == 1


def test_everybody_who_waits_hears_of_a_held_lock(impatient: SqlStore, tmp_path: Path) -> None:
    for index in range(6):
        show(impatient, f"b{index}")
    outcomes: list[type[Exception]] = []

    def click(id: str) -> None:
        try:
            vote(impatient, id)
        except StorageError as error:
            outcomes.append(type(error))

    threads = [threading.Thread(target=click, args=(f"b{index}",)) for index in range(6)]
    with (tmp_path / "runoff.sqlite.lock").open("r+") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert outcomes == [StorageBusyError] * 6
    assert impatient.votes() == ()
    for index in range(6):
        vote(impatient, f"b{index}")
    assert len(impatient.votes()) == 6


def vote_on(store: SqlStore, battles: int, recorded: list[int]) -> None:
    for index in range(battles):
        vote(store, f"b{index}")
        recorded.append(index)


def limit_pages(store: SqlStore, pages: int) -> None:
    """Simulate a disk with no room for more: SQLite answers a page too many as it answers a full disk."""

    def limit(connection: sqlite3.Connection, *_: object) -> None:
        connection.execute(f"PRAGMA max_page_count={pages}")

    event.listen(store.database.engine, "checkout", limit)


def test_disk_full(impatient: SqlStore) -> None:
    for index in range(200):
        show(impatient, f"b{index}")
    limit_pages(impatient, 1)  # SQLite takes the present size as the least
    recorded: list[int] = []
    with pytest.raises(StorageFullError, match=r"^Storage full; vote NOT recorded\."):
        vote_on(impatient, 200, recorded)
    assert len(impatient.votes()) == len(recorded)
    assert impatient.battle(f"b{len(recorded)}").state is BattleState.SHOWN
    with pytest.raises(StorageFullError, match="candidates NOT saved"):
        impatient.save_candidates([make_candidates(f"q{i}", documents=50) for i in range(30)])
    limit_pages(impatient, 1_000_000)
    vote(impatient, f"b{len(recorded)}")
    assert len(impatient.votes()) == len(recorded) + 1


def test_place_that_cannot_hold_a_database(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StorageError, match="Cannot keep the database"):
        SqlStore(f"sqlite:///{tmp_path / 'file' / 'runoff.sqlite'}", tmp_path)


def test_file_that_is_no_database(tmp_path: Path, database_url: str) -> None:
    (tmp_path / "runoff.sqlite").write_bytes(b"certainly not a database\n" * 1000)
    with pytest.raises(StorageError, match="the database was not opened"):
        SqlStore(database_url, tmp_path)


def test_kinds_of_database_that_are_not_supported(tmp_path: Path) -> None:
    for url, message in [
        ("sqlite://", "in memory"),
        ("sqlite:///:memory:", "in memory"),
        ("no url at all", "not a database URL"),
    ]:
        with pytest.raises(InvalidInputError, match=message):
            SqlStore(url, tmp_path)
