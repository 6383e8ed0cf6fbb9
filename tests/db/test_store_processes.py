"""Several programs on one database: nothing lost, nothing double, and kill -9 keeps what was acknowledged."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

from sqlalchemy import text

from core.domain.vote_log import first_broken
from core.domain.voting import BattleState, VoterKind
from db.store import SqlStore
from tests.support.stored import NOON, make_battle

PROJECT = Path(__file__).resolve().parents[2]


def start(database: Path, voter: str, first: int, count: int, *flags: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.support.vote_process", str(database), voter, str(first), str(count), *flags]
    process = subprocess.Popen(command, cwd=PROJECT, stdin=-1, stdout=-1, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def go(*processes: subprocess.Popen[str]) -> None:
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()


def lines(process: subprocess.Popen[str]) -> list[str]:
    return process.communicate(timeout=60)[0].splitlines()


def test_two_processes_lose_nothing(sqlite_store: SqlStore, tmp_path: Path) -> None:
    file = tmp_path / "runoff.sqlite"
    processes = [start(file, voter, 0, 60) for voter in ("ann", "bob")]
    go(*processes)
    acknowledged = [line for process in processes for line in lines(process)]
    assert len(acknowledged) == 120
    assert sorted(vote.battle for vote in sqlite_store.votes()) == sorted(acknowledged)
    entries = list(sqlite_store.log())
    assert len(entries) == 120
    assert first_broken(entries) is None
    found = sqlite_store.comparisons(collection="col", kind=VoterKind.PERSON)
    assert sorted(found.voters) == ["ann", "bob"]
    assert len(found) == 120


def test_two_processes_on_the_same_battles_make_one_vote_each(sqlite_store: SqlStore, tmp_path: Path) -> None:
    for index in range(40):
        sqlite_store.add_battle(make_battle(f"shared-{index}"))
        sqlite_store.show_battle(f"shared-{index}", "ann", NOON)
    processes = [start(tmp_path / "runoff.sqlite", "ann", 0, 40, "--shared") for _ in range(2)]
    go(*processes)
    outcomes = sorted(line for process in processes for line in lines(process))
    expected = [f"shared-{i} {o}" for i in range(40) for o in ("AlreadyVotedError", "recorded")]
    assert outcomes == sorted(expected)
    assert len(sqlite_store.votes()) == 40


def test_kill_keeps_every_acknowledged_vote(tmp_path: Path, database_url: str) -> None:
    acknowledged: set[str] = set()
    for cycle in range(5):
        process = start(tmp_path / "runoff.sqlite", "ann", 10_000 * cycle, 10_000)
        go(process)
        time.sleep(0.1 + 0.07 * cycle)
        process.kill()
        said = process.communicate(timeout=30)[0]
        acknowledged.update(said[: said.rfind("\n") + 1].splitlines())
        store = SqlStore(database_url, tmp_path)
        votes = store.votes()
        recorded = {vote.battle for vote in votes}
        voted = {battle.id for battle in store.battles("ann") if battle.state is BattleState.VOTED}
        with store.database.read() as connection:
            assert connection.execute(text("PRAGMA integrity_check")).scalar_one() == "ok"
        entries = list(store.log())
        packed = store.comparisons(collection="col", kind=VoterKind.PERSON)
        store.close()
        assert first_broken(entries) is None
        assert len(entries) == len(packed) == len(votes)
        assert len(recorded) == len(votes)
        assert acknowledged <= recorded
        assert voted == recorded
        assert len(recorded - acknowledged) <= cycle + 1  # at most one in flight for each kill
    assert len(acknowledged) >= 5
