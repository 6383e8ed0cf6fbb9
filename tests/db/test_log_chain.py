"""The log of the store: every vote and act in it once, chained; a byte changed anywhere behind its back shows."""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path

import pytest

from core.domain.vote_log import GENESIS, Act, ActKind, chained, first_broken
from core.domain.voting import Ballot, Verdict, Vote, VoterKind
from db.store import SqlStore
from tests.support.random_log import fill
from tests.support.stored import NOON, make_battle


def test_log_holds_every_vote_and_act_in_order(store: SqlStore) -> None:
    cast = fill(store, 0, votes=20, acts=25)
    entries = list(store.log())
    assert [entry.entry for entry in entries if isinstance(entry.entry, Vote)] == cast
    acts = [(entry.number, entry.entry) for entry in entries if isinstance(entry.entry, Act)]
    assert acts == [(decision.number, decision.act) for decision in store.decisions()]
    assert {act.kind for _, act in acts} == set(ActKind)
    assert [entry.number for entry in entries] == list(range(1, len(entries) + 1))
    assert entries[0].hash == chained(GENESIS, cast[0])
    assert first_broken(entries) is None


def test_undo_is_an_act_of_the_voter(store: SqlStore) -> None:
    store.add_battle(make_battle("b1"))
    store.show_battle("b1", "ann", NOON)
    store.cast_vote("b1", "ann", VoterKind.PERSON, Ballot(verdict=Verdict.LEFT), NOON)
    store.withdraw_vote("b1", "ann", NOON)
    (decision,) = store.decisions()
    assert decision.act == Act(kind=ActKind.UNDO, actor="ann", reason="", at=NOON, battle="b1")
    assert (decision.number, decision.vote) == (2, 1)


def test_log_is_one_snapshot(sqlite_store: SqlStore) -> None:
    fill(sqlite_store, 0, votes=5)
    reading = sqlite_store.log()
    first = next(reading)
    fill(sqlite_store, 1, votes=3)
    assert [entry.number for entry in (first, *reading)] == [1, 2, 3, 4, 5]
    assert len(list(sqlite_store.log())) == 8


def test_rows_of_the_log_cannot_be_changed(sqlite_store: SqlStore, tmp_path: Path) -> None:
    fill(sqlite_store, 0, votes=4, acts=8)
    other = sqlite3.connect(tmp_path / "runoff.sqlite")
    for table, column in (("votes", "verdict"), ("acts", "reason"), ("log", "hash"), ("battles", "left_system")):
        for statement in (f"UPDATE {table} SET {column} = {column} || 'x'", f"DELETE FROM {table}"):
            with pytest.raises(sqlite3.IntegrityError, match=f"{table}: "):
                other.execute(statement)
    other.close()
    assert first_broken(sqlite_store.log()) is None


CHANGES = [
    "UPDATE votes SET verdict = CASE verdict WHEN 'left' THEN 'right' ELSE 'left' END WHERE id = 3",
    "UPDATE votes SET voter_kind = CASE voter_kind WHEN 'judge' THEN 'person' ELSE 'judge' END WHERE id = 3",
    "UPDATE votes SET cast_at = replace(cast_at, '2026', '2025') WHERE id = 3",
    'UPDATE votes SET reasons = \'["order","duplicates","order"]\' WHERE id = 3',
    "UPDATE votes SET marks = '[[\"d9\",true]]' WHERE id = 3",
    *(
        f"UPDATE battles SET {column} = {column} || 'x' WHERE id = (SELECT battle FROM votes WHERE id = 3)"
        for column in ("voter", "candidates", "collection", "query_id", "category", "left_system", "right_system")
    ),
    *(
        f"UPDATE battles SET {column} = {column} + 1 WHERE id = (SELECT battle FROM votes WHERE id = 3)"
        for column in ("probability", "seed", "depth")
    ),
    "UPDATE battles SET shown_at = NULL WHERE id = (SELECT battle FROM votes WHERE id = 3)",
    "UPDATE log SET hash = substr(hash, 1, 63) || CASE substr(hash, 64) WHEN '0' THEN '1' ELSE '0' END "
    "WHERE number = 3",
    "DELETE FROM log WHERE number = 3",
    "UPDATE acts SET reason = reason || '.' WHERE number = (SELECT min(number) FROM acts)",
    "UPDATE acts SET actor = 'somebody' WHERE number = (SELECT min(number) FROM acts)",
    "UPDATE acts SET kind = CASE kind WHEN 'exclude' THEN 'readmit' ELSE 'exclude' END, verdict = NULL "
    "WHERE number = (SELECT min(number) FROM acts)",
]


def test_one_changed_byte_breaks_the_chain(sqlite_store: SqlStore, tmp_path: Path) -> None:
    fill(sqlite_store, 0, votes=6, acts=10)
    numbers = {entry.number for entry in sqlite_store.log() if isinstance(entry.entry, Act)}
    other = sqlite3.connect(tmp_path / "runoff.sqlite", isolation_level=None)
    for (name,) in other.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        other.execute(f"DROP TRIGGER {name}")
    for change in CHANGES:
        copy = tmp_path / "copy.sqlite"
        copy.unlink(missing_ok=True)
        other.execute("VACUUM INTO ?", (str(copy),))
        tampered = sqlite3.connect(copy)
        assert tampered.execute(change).rowcount == 1
        tampered.commit()
        tampered.close()
        store = SqlStore(f"sqlite:///{copy}", tmp_path)
        assert first_broken(store.log()) == (min(numbers) if "acts" in change else 3), change
        store.close()
    other.close()
    assert first_broken(sqlite_store.log()) is None


def test_threads_keep_one_chain(store: SqlStore) -> None:
    for index in range(48):
        store.add_battle(make_battle(f"b{index}", f"v{index % 8}"))
        store.show_battle(f"b{index}", f"v{index % 8}", NOON)
    start = threading.Barrier(8)

    def vote(voter: int) -> None:
        start.wait()
        for index in range(voter, 48, 8):
            store.cast_vote(f"b{index}", f"v{voter}", VoterKind.PERSON, Ballot(verdict=Verdict.LEFT), NOON)
            if index % 3 == 0:
                store.withdraw_vote(f"b{index}", f"v{voter}", NOON)
            else:
                store.record_acts([Act(kind=ActKind.EXCLUDE, actor="op", reason="", at=NOON, voter=f"v{voter}")])

    threads = [threading.Thread(target=vote, args=(voter,)) for voter in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    entries = list(store.log())
    assert len(entries) == 96
    assert first_broken(entries) is None
    assert len(store.comparisons(collection="col", kind=VoterKind.PERSON)) == 48
