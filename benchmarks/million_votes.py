"""A million votes from the database to rank sets in a new process: python -m benchmarks.million_votes.

Thirty systems, 20,000 voters of very unequal diligence, 500 queries, ties; one vote in 200 and fifty voters excluded.
The database is made once through ``import_log`` (some minutes) and kept in --folder. Then every
round starts a new process that opens it, reads the columns, takes out what does not count, fits Bradley-Terry, and
makes two-way clustered intervals and simultaneous rank sets. The line: 3 s from the start of the process, and 0.1 s
to read on after another vote. Then the real application runs over the same database: the leaderboard in Chromium for
the first visitor and for the next, and the board asked of the service again, which has 0.1 s. The table goes to stdout;
--json and --write keep it.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise
from pathlib import Path

import numpy as np

from benchmarks.report import Figure, as_json, markdown, median_of
from core.domain.comparisons import FOREIGN
from core.domain.vote_log import Act, ActKind
from core.domain.voting import Verdict, Vote, VoterKind

PROJECT = Path(__file__).resolve().parent.parent
COLLECTION = FOREIGN + "million"
SYSTEMS, VOTERS, QUERIES, SEED = 30, 20_000, 500, 30
PART = 100_000  # entries imported at once
EXCLUDED = 50  # voters
START = datetime(2026, 1, 1, tzinfo=UTC)
VERDICTS = (Verdict.LEFT, Verdict.RIGHT, Verdict.EQUAL, Verdict.BOTH_BAD)
FRESH = "a new browser, nothing cached"
STEPS = ("start and imports", "open the database", "read", "decide what counts", "fit", "intervals", "rank sets")


def main() -> int:
    """Measure, print, keep; 1 where a line was missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "runoff-million-votes")
    parser.add_argument("--votes", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", type=Path, help="keep the figures in this file")
    parser.add_argument("--write", type=Path, help="keep the table in this Markdown file")
    parser.add_argument("--measure", nargs=2, metavar=("FILE", "BEGAN"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        sys.stdout.write(json.dumps(_rate(Path(options.measure[0]), float(options.measure[1]))))
        return 0
    load = os.getloadavg()[0]
    found = figures(options.folder, votes=options.votes, rounds=options.rounds)
    found += page_figures(options.folder, votes=options.votes, rounds=options.rounds)
    table = markdown(found, load)
    sys.stdout.write(table)
    if options.write:
        options.write.write_text(
            f"# A million votes\n\nWritten by `python -m benchmarks.million_votes`.\n\n{table}", "utf-8"
        )
    if options.json:
        options.json.write_text(json.dumps(as_json(found, load), indent=1) + "\n", "utf-8")
    return 0 if all(figure.reached for figure in found) else 1


def figures(folder: Path, *, votes: int = 1_000_000, rounds: int = 5) -> list[Figure]:
    """The whole way and its steps, in seconds."""
    file = prepared(folder, votes)
    runs = [_new_process(file) for _ in range(rounds)]
    note = f"{runs[0]['rows']:,.0f} comparisons counted, {runs[0]['memory_mb']:.0f} MB at most"
    total = [sum(run[step] for step in STEPS) for run in runs]
    newer = [run["read on"] for run in runs]
    return [
        median_of(f"{votes:,} votes from the database to rank sets, new process", "s", total, line=3.0, note=note),
        *(median_of(f"of which: {step}", "s", [run[step] for run in runs]) for step in STEPS),
        median_of("reading on after another vote", "s", newer, line=0.1),
    ]


def page_figures(folder: Path, *, votes: int, rounds: int) -> list[Figure]:
    """The leaderboard of the running application over the same database, in seconds."""
    from benchmarks import browser as front
    from benchmarks.server import Server
    from core.services.board.boards import BoardRequest

    home = folder / "home"
    home.mkdir(parents=True, exist_ok=True)
    (home / "runoff.toml").write_text(f'database_url = "sqlite:///{prepared(folder, votes)}"\n', "utf-8")
    with front.chromium() as browser, Server(home) as server:
        first = front.open_board(browser, server, COLLECTION)
        later = [front.open_board(browser, server, COLLECTION) for _ in range(rounds)]
        memory = server.memory_mb()
    with server.app() as app:
        request = BoardRequest(collection=COLLECTION)
        app.leaderboard.board(request)
        again = [_seconds(lambda: app.leaderboard.board(request)) for _ in range(rounds)]
    return [
        median_of("leaderboard page over them, first visitor: address to chart painted", "s", [first], note=FRESH),
        median_of("the same, the next visitors", "s", later, note=FRESH),
        median_of("the board asked of the service again", "s", again, line=0.1),
        median_of("memory of the web process with them", "MB", [memory]),
    ]


def _seconds(action: Callable[[], object]) -> float:
    began = time.perf_counter()
    action()
    return time.perf_counter() - began


def prepared(folder: Path, votes: int) -> Path:
    """The database, made where it is not there."""
    from db.store import SqlStore

    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"votes-{votes}.sqlite"
    if not file.exists():
        making = file.with_suffix(".making")
        for left in folder.glob(making.name + "*"):
            left.unlink()
        store = SqlStore(f"sqlite:///{making}", folder)
        coming = entries(votes)
        while part := list(islice(coming, PART)):
            store.import_log(part, {})
        store.database.checkpoint()
        store.close()
        making.rename(file)
    return file


def entries(count: int) -> Iterator[Vote | Act]:
    """Votes by chance from Bradley-Terry strengths with ties, then the acts."""
    rng = np.random.default_rng(SEED)
    strengths = rng.normal(0.0, 0.6, SYSTEMS)
    diligence = rng.pareto(1.2, VOTERS) + 1.0
    left = rng.integers(SYSTEMS, size=count)
    right = (left + rng.integers(1, SYSTEMS, size=count)) % SYSTEMS
    voter = rng.choice(VOTERS, size=count, p=diligence / diligence.sum())
    wins = rng.random(count) < 1.0 / (1.0 + np.exp(strengths[right] - strengths[left]))
    verdict = np.where(rng.random(count) < 0.15, rng.integers(2, 4, size=count), np.where(wins, 0, 1))
    columns = (left, right, voter, rng.integers(QUERIES, size=count), verdict)
    for number, row in enumerate(zip(*(column.tolist() for column in columns), strict=True)):
        yield _vote(number, *row)
    for number in range(0, count, 200):
        yield _exclusion(battle=_battle_id(number))
    people = np.unique(voter)
    for one in people[:: max(1, len(people) // EXCLUDED)].tolist():
        yield _exclusion(voter=f"voter-{one}")


def _exclusion(*, battle: str = "", voter: str = "") -> Act:
    return Act(kind=ActKind.EXCLUDE, actor="operator", reason="benchmark", at=START, battle=battle, voter=voter)


def _vote(number: int, left: int, right: int, voter: int, query: int, verdict: int) -> Vote:
    at = START + timedelta(seconds=number)
    return Vote(
        id=0,
        battle=_battle_id(number),
        voter=f"voter-{voter}",
        voter_kind=VoterKind.PERSON,
        candidates=f"{query:064x}",
        collection=COLLECTION,
        query_id=f"query-{query}",
        category="keyword",
        left=f"{left:064x}",
        right=f"{right:064x}",
        verdict=VERDICTS[verdict],
        cast_at=at,
        depth=20,
        issued_at=at - timedelta(seconds=30),
        shown_at=at - timedelta(seconds=20),
    )


def _battle_id(number: int) -> str:
    return f"{number * 2654435761 % 2**32:08x}{number:024x}"


def _new_process(file: Path) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.million_votes", "--measure", str(file), repr(time.time())]
    done = subprocess.run(command, cwd=PROJECT, stdout=subprocess.PIPE, check=True)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def _rate(file: Path, began: float) -> dict[str, float]:
    """The new process. ``began``: when it was started. Seconds of each step, by name."""
    from core.domain.decisions import Decisions
    from core.ratings.bradley_terry import fit_bradley_terry
    from core.ratings.intervals import ClusterBy, rating_intervals
    from core.ratings.outcomes import from_comparisons
    from core.ratings.pairs import pair_table
    from core.ratings.rank_sets import rank_sets
    from db.store import SqlStore

    marks = [began, time.time()]
    store = SqlStore(f"sqlite:///{file}", file.parent)
    marks.append(time.time())
    comparisons = store.comparisons(collection=COLLECTION, kind=VoterKind.PERSON)
    marks.append(time.time())
    outcomes = from_comparisons(Decisions(store.decisions()).apply(comparisons))
    marks.append(time.time())
    fit = fit_bradley_terry(pair_table(outcomes))
    marks.append(time.time())
    rating_intervals(outcomes, fit, by=ClusterBy.BOTH)
    marks.append(time.time())
    rank_sets(outcomes, fit)
    marks.append(time.time())
    steps = {step: later - earlier for step, (earlier, later) in zip(STEPS, pairwise(marks), strict=True)}
    one_more = replace(_vote(0, 0, 1, 0, 0, 0), battle=uuid.uuid4().hex)
    store.import_log([one_more], {})
    again = time.time()
    newer = store.comparisons(collection=COLLECTION, kind=VoterKind.PERSON, after=int(comparisons.vote[-1]))
    steps["read on"] = time.time() - again
    store.close()
    if len(newer) != 1:
        raise RuntimeError(f"{len(newer)} comparisons after one more vote.")
    memory_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {**steps, "rows": len(outcomes), "memory_mb": memory_mb}


if __name__ == "__main__":
    sys.exit(main())
