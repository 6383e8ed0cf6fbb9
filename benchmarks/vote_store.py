"""How many votes the store acknowledges, and how soon: python -m benchmarks.vote_store [--seconds 20].

Every thread of every process casts votes on battles of its own, one after the other, through ``SqlStore.cast_vote``;
a vote counts when the call has returned, that is after its commit. The bar (two cores): 1,000 votes per second and
a 99th percentile under 50 ms, without an error. Afterwards the log is read back and every acknowledged vote must be
in it once, the chain whole. A table goes to stderr, JSON to stdout.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from sqlalchemy import insert

from core.domain.errors import StorageError
from core.domain.vote_log import first_broken
from core.domain.voting import SHARES, Ballot, Battle, BattleState, VoterKind
from db.schema import battles
from db.store import SqlStore
from db.vote_rows import battle_row

COLLECTION = "c" * 64
PROJECT = Path(__file__).resolve().parent.parent
BALLOTS = tuple(Ballot(verdict=verdict) for verdict in SHARES)


@dataclass(slots=True, kw_only=True)
class Log:
    """What one thread saw: ids of acknowledged battles, milliseconds of each call, messages of errors."""

    acknowledged: list[str] = field(default_factory=list)
    wall_ms: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


def main() -> None:
    """Parse, run, report; exit status 1 where the bar is missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--threads", type=int, default=4, help="per process")
    parser.add_argument("--battles", type=int, default=0, help="prepared per thread; 0: 600 for each second")
    parser.add_argument("--directory", type=Path, default=None, help="where the database lies; its disk is what counts")
    parser.add_argument("--worker", nargs=2, metavar=("DATABASE", "FIRST"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.battles == 0:
        options.battles = int(600 * options.seconds) + 100
    if options.worker:
        _work(Path(options.worker[0]), int(options.worker[1]), options)
        return
    with tempfile.TemporaryDirectory(dir=options.directory) as directory:
        result = measure(Path(directory), options)
    sys.stderr.write(_table(result))
    sys.stdout.write(json.dumps(result) + "\n")
    sys.exit(0 if result["bar_reached"] else 1)


def measure(directory: Path, options: argparse.Namespace) -> dict[str, object]:
    """Run all processes at once over one database in ``directory``."""
    file = directory / "votes.sqlite"
    store = SqlStore(f"sqlite:///{file}", directory)
    _prepare_battles(store, options.processes * options.threads, options.battles)
    sync_ms = _sync_ms(directory / "sync")
    command = [sys.executable, "-m", "benchmarks.vote_store", "--seconds", str(options.seconds)]
    command += ["--threads", str(options.threads), "--battles", str(options.battles)]
    children = [
        subprocess.Popen([*command, "--worker", str(file), str(index * options.threads)], cwd=PROJECT, stdout=-1)
        for index in range(options.processes)
    ]
    reports = [json.loads(child.communicate()[0]) for child in children]
    acknowledged = [battle for report in reports for battle in report["acknowledged"]]
    wall_ms = np.array([ms for report in reports for ms in report["wall_ms"]])
    recorded = [vote.battle for vote in store.votes()]
    broken = first_broken(store.log())
    packed = len(store.comparisons(collection=COLLECTION, kind=VoterKind.PERSON))
    store.close()
    rate = sum(len(report["acknowledged"]) / report["seconds"] for report in reports)
    p50, p99, most = (float(x) for x in np.percentile(wall_ms, [50, 99, 100]))
    errors = [error for report in reports for error in report["errors"]]
    lost = len(set(acknowledged) - set(recorded))
    double = len(recorded) - len(set(recorded))
    whole = not errors and lost == 0 and double == 0 and broken is None and packed == len(recorded)
    return {
        "processes": options.processes,
        "threads": options.threads,
        "seconds": options.seconds,
        "votes": len(acknowledged),
        "votes_per_second": round(rate, 1),
        "p50_ms": round(p50, 2),
        "p99_ms": round(p99, 2),
        "max_ms": round(most, 2),
        "errors": len(errors),
        "first_error": errors[0] if errors else "",
        "lost": lost,
        "double": double,
        "chain": "whole" if broken is None else f"broken at {broken}",
        "disk_sync_ms": round(sync_ms, 3),
        "sqlite": sqlite3.sqlite_version,
        "python": platform.python_version(),
        "cores": os.cpu_count(),
        "bar_reached": rate >= 1000 and p99 < 50 and whole,
    }


def _work(file: Path, first: int, options: argparse.Namespace) -> None:
    """One process: its threads start together; its report goes to stdout."""
    store = SqlStore(f"sqlite:///{file}", file.parent)
    logs = [Log() for _ in range(options.threads)]
    start = threading.Barrier(options.threads + 1)
    threads = [
        threading.Thread(target=_vote, args=(store, first + index, options, start, log))
        for index, log in enumerate(logs)
    ]
    for thread in threads:
        thread.start()
    start.wait()
    began = time.perf_counter()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - began
    store.close()
    report = {
        "seconds": seconds,
        "acknowledged": [battle for log in logs for battle in log.acknowledged],
        "wall_ms": [ms for log in logs for ms in log.wall_ms],
        "errors": [error for log in logs for error in log.errors],
    }
    sys.stdout.write(json.dumps(report))


def _vote(store: SqlStore, voter: int, options: argparse.Namespace, start: threading.Barrier, log: Log) -> None:
    start.wait()
    end = time.perf_counter() + options.seconds
    for index in range(options.battles):
        battle = _battle_id(voter, index)
        began = time.perf_counter()
        if began >= end:
            return
        ballot = BALLOTS[index % len(BALLOTS)]
        try:
            store.cast_vote(battle, f"voter-{voter}", VoterKind.PERSON, ballot, datetime.now(UTC))
        except StorageError as error:
            log.errors.append(str(error))
            continue
        log.wall_ms.append(1000 * (time.perf_counter() - began))
        log.acknowledged.append(battle)


def _prepare_battles(store: SqlStore, voters: int, each: int) -> None:
    now = datetime.now(UTC)
    for voter in range(voters):
        rows = [
            battle_row(_battle(voter, index, now), _battle_id(voter, index), BattleState.SHOWN) for index in range(each)
        ]
        with store.database.write("battles NOT prepared") as connection:
            connection.execute(insert(battles), rows)
    store.database.checkpoint()


def _battle(voter: int, index: int, now: datetime) -> Battle:
    return Battle(
        id=_battle_id(voter, index),
        voter=f"voter-{voter}",
        candidates=f"{index % 42:064x}",
        collection=COLLECTION,
        query_id=f"q{index % 42}",
        category="keyword",
        left=f"{index % 5:064x}",
        right=f"{(index + 1) % 5:064x}",
        state=BattleState.SHOWN,
        issued_at=now,
        shown_at=now,
    )


def _battle_id(voter: int, index: int) -> str:
    return f"{voter:04d}-{index * 2654435761 % 2**32:08x}-{index:08d}"


def _sync_ms(file: Path) -> float:
    """Median of writing and syncing one page on this disk, for comparison."""
    times = []
    with file.open("wb") as handle:
        for _ in range(200):
            began = time.perf_counter()
            handle.write(b"x" * 4096)
            handle.flush()
            os.fsync(handle.fileno())
            times.append(1000 * (time.perf_counter() - began))
    return float(np.median(times))


def _table(result: dict[str, object]) -> str:
    return "".join(f"{name:>18}  {value}\n" for name, value in result.items())


if __name__ == "__main__":
    main()
