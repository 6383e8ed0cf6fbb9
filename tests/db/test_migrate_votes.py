"""A database of schema 0001 with votes and withdrawals becomes one with a chained log; nothing gets lost."""

from __future__ import annotations

import random
import shutil
import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest

from core.domain.errors import StorageError
from core.domain.vote_log import Act, ActKind, first_broken
from core.domain.voting import Ballot, BattleState, Policy, Verdict, Vote, Voter, VoterKind
from db.connection import Database
from db.migrate import MIGRATIONS, bring_up_to_date
from db.store import SqlStore
from tests.support.stored import NOON, make_battle

VERDICTS = ("left", "right", "equal", "both-bad")


def moment(minutes: float) -> str:
    return (NOON + timedelta(minutes=minutes)).strftime("%Y-%m-%d %H:%M:%S.%f")


def old_database(tmp_path: Path, url: str, *, votes: int) -> Path:
    """A database as the first version left it: vote i cast in minute i, every third withdrawn later."""
    database = Database(url)
    bring_up_to_date(database, tmp_path / "backups", schema="0001")
    database.close()
    file, rng = tmp_path / "runoff.sqlite", random.Random(1)
    with sqlite3.connect(file) as connection:
        connection.execute("INSERT INTO voters VALUES ('ann', 'person', 'Ann')")
        connection.execute(
            "INSERT INTO candidate_lists VALUES ('list', 'col', 'q1', 'x', 'k', '[\"d1\",\"d2\"]', 'bm25', NULL, NULL)"
        )
        for i in range(1, votes + 1):
            state = "retired" if i % 3 == 0 else "voted"
            battle = (f"b{i}", "ann", "list", "col", "q1", "k", "A", "B", state, moment(i - 3), moment(i - 2))
            connection.execute("INSERT INTO battles VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", battle)
            kind = "judge" if i % 5 == 0 else "person"
            said = (i, f"b{i}", kind, rng.choice(VERDICTS), moment(i))
            connection.execute("INSERT INTO votes VALUES (?, ?, ?, ?, ?)", said)
            if i % 3 == 0:
                connection.execute("INSERT INTO withdrawals VALUES (?, ?)", (i, moment(i + rng.randrange(5))))
        open_battle = ("open", "ann", "elsewhere", "col", "q1", "k", "A", "B", "shown", moment(0), moment(1))
        connection.execute("INSERT INTO battles VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", open_battle)
    connection.close()
    return file


def test_votes_and_withdrawals_become_a_log_that_verifies(tmp_path: Path, database_url: str) -> None:
    file = old_database(tmp_path, database_url, votes=30)
    with sqlite3.connect(file) as connection:
        cast = dict(connection.execute("SELECT id, verdict FROM votes").fetchall())
    connection.close()
    store = SqlStore(database_url, tmp_path)
    entries = [entry.entry for entry in store.log()]
    assert first_broken(store.log()) is None
    votes = [entry for entry in entries if isinstance(entry, Vote)]
    assert [(vote.id, str(vote.verdict)) for vote in votes] == sorted(cast.items())
    assert [vote.cast_at for vote in votes] == [NOON + timedelta(minutes=i) for i in range(1, 31)]
    undone = [entry for entry in entries if isinstance(entry, Act)]
    assert {act.battle for act in undone} == {f"b{i}" for i in range(3, 31, 3)}
    assert {(act.kind, act.actor) for act in undone} == {(ActKind.UNDO, "ann")}
    times = [entry.cast_at if isinstance(entry, Vote) else entry.at for entry in entries]
    assert times == sorted(times)
    for act in undone:
        own = next(index for index, entry in enumerate(entries) if entry in votes and entry.battle == act.battle)
        assert own < entries.index(act)
    store.close()


def test_everything_else_is_as_it_was_and_goes_on(tmp_path: Path, database_url: str) -> None:
    file = old_database(tmp_path, database_url, votes=12)
    store = SqlStore(database_url, tmp_path)
    assert store.voter("ann") == Voter(id="ann", name="Ann")
    assert [vote.withdrawn for vote in store.votes(include_withdrawn=True)] == [i % 3 == 0 for i in range(1, 13)]
    assert [store.battle(f"b{i}").state for i in (1, 3)] == [BattleState.VOTED, BattleState.RETIRED]
    assert (store.battle("b1").policy, store.battle("b1").depth, store.battle("open").depth) == (
        Policy.FEWEST_VOTES,
        2,
        0,
    )
    assert {source.collection: dict(source.counts) for source in store.vote_sources()} == {
        "col": {VoterKind.PERSON: 10, VoterKind.JUDGE: 2}
    }
    found = store.comparisons(collection="col", kind=VoterKind.PERSON)
    assert found.vote.tolist() == [1, 2, 3, 4, 6, 7, 8, 9, 11, 12]
    assert set(found.seconds.tolist()) == {120.0}
    vote = store.cast_vote("open", "ann", VoterKind.PERSON, Ballot(verdict=Verdict.LEFT), NOON + timedelta(days=1))
    assert vote.id == 13
    assert first_broken(store.log()) is None
    store.close()
    with sqlite3.connect(file) as connection:
        names = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")}
        assert len(names) == 8
        assert connection.execute("SELECT seq FROM sqlite_sequence WHERE name = 'votes'").fetchall() == [(13,)]
    connection.close()


def test_backup_is_the_old_database(tmp_path: Path, database_url: str) -> None:
    old_database(tmp_path, database_url, votes=6)
    SqlStore(database_url, tmp_path).close()
    (backup,) = (tmp_path / "backups").iterdir()
    assert backup.name.startswith("runoff-schema-0001-")
    with sqlite3.connect(backup) as connection:
        assert connection.execute("SELECT vote FROM withdrawals").fetchall() == [(3,), (6,)]
        assert connection.execute("SELECT count(*) FROM votes").fetchone() == (6,)
    connection.close()


@pytest.mark.parametrize(
    ("loss", "message"),
    [
        ("DELETE FROM acts WHERE vote = 3", "would leave 1 of 2 rows in acts"),
        ("DELETE FROM log WHERE vote = 4", "would leave 7 of 8 entries in the log"),
    ],
)
def test_migration_that_loses_an_entry_changes_nothing(
    tmp_path: Path, database_url: str, loss: str, message: str
) -> None:
    file = old_database(tmp_path, database_url, votes=6)
    copy = tmp_path / "migrations"
    shutil.copytree(MIGRATIONS, copy, ignore=shutil.ignore_patterns("__pycache__"))
    script = copy / "versions" / "v0002_vote_log.py"
    drop = '    op.drop_table("withdrawals")\n'
    assert drop in script.read_text("utf-8")
    script.write_text(script.read_text("utf-8").replace(drop, f"{drop}    op.execute({loss!r})\n"), "utf-8")
    database = Database(database_url)
    with pytest.raises(StorageError, match=message):
        bring_up_to_date(database, tmp_path / "backups", migrations=copy, schema="0002")
    database.close()
    with sqlite3.connect(file) as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchall() == [("0001",)]
        assert connection.execute("SELECT count(*) FROM withdrawals").fetchall() == [(2,)]
    connection.close()


def test_clocks_that_went_back_keep_votes_in_their_order(tmp_path: Path, database_url: str) -> None:
    file = old_database(tmp_path, database_url, votes=4)
    with sqlite3.connect(file) as connection:
        connection.execute("UPDATE votes SET cast_at = ? WHERE id = 2", (moment(-60),))
        connection.execute("UPDATE withdrawals SET withdrawn_at = ? WHERE vote = 3", (moment(-90),))
    connection.close()
    store = SqlStore(database_url, tmp_path)
    battles = [entry.entry.battle for entry in store.log()]
    assert battles == ["b1", "b2", "b3", "b3", "b4"]
    assert first_broken(store.log()) is None
    store.close()


def test_old_database_without_votes(tmp_path: Path, database_url: str) -> None:
    old_database(tmp_path, database_url, votes=0)
    store = SqlStore(database_url, tmp_path)
    assert list(store.log()) == []
    store.add_battle(make_battle("b1", minutes=1))
    assert [battle.id for battle in store.battles("ann")] == ["open", "b1"]
    store.close()
