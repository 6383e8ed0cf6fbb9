"""What must not change ratings, what duplicated votes change, and agreement with evalica, on many random logs."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

import evalica
import numpy as np

from benchmarks.statistics.bars import Bar, share_bar
from benchmarks.statistics.worlds import World, even_strengths, unequal_counts, vote_log
from core.ratings.board import Board, Method, rate
from core.ratings.bradley_terry import fit_bradley_terry
from core.ratings.identifiability import NotIdentifiableError
from core.ratings.intervals import ClusterBy, rating_intervals
from core.ratings.outcomes import Floats, Integers, Outcomes
from core.ratings.pairs import PairTable, pair_table

NAME = "invariance"
WORLD = World(strengths=even_strengths(6), taste=0.3, difficulty=0.3, nu=0.5)
COUNTS = unequal_counts(25, 800)


def suite(seed: int, percent: int) -> Iterator[Bar]:
    """Order, names and sides; duplicated logs; evalica; graphs that are refused."""
    logs = max(10, 2 * percent)
    rng = np.random.default_rng([seed, 5])
    for method in (Method.BRADLEY_TERRY, Method.DAVIDSON, Method.WIN_RATE):
        moved = max(_moved(rng, method) for _ in range(logs))
        yield _largest(
            f"{method}: order, names and sides of votes", "ratings and intervals equal to 1e-6", moved, 1e-6, logs
        )
    duplicated = np.array([_duplicated(rng) for _ in range(logs)])
    plain = float(np.abs(duplicated[:, 0] - math.sqrt(2.0)).max())
    yield _largest("duplicated log, per-vote error", "divided by root 2, to 1e-6", plain, 1e-6, logs, unit="")
    yield _largest(
        "duplicated log, clustered error",
        "unchanged, to 1e-6",
        float(np.abs(duplicated[:, 1] - 1.0).max()),
        1e-6,
        logs,
        unit="",
    )
    yield from _evalica(np.random.default_rng([seed, 6]), max(20, 5 * percent))


def _moved(rng: np.random.Generator, method: Method) -> float:
    """Largest change of a rating or of an end of its interval."""
    outcomes = vote_log(rng, WORLD, COUNTS)
    place = rng.permutation(WORLD.systems)
    before, after = rate(outcomes, method=method), rate(_rearranged(rng, outcomes, place), method=method)
    return max(float(np.abs(a - b[place]).max()) for a, b in zip(_figures(before), _figures(after), strict=True))


def _figures(board: Board) -> tuple[Floats, Floats, Floats]:
    if board.ratings is None or board.low is None or board.high is None:
        raise NotIdentifiableError(board.identifiability)
    return board.ratings, board.low, board.high


def _rearranged(rng: np.random.Generator, outcomes: Outcomes, place: Integers) -> Outcomes:
    """In another order, system i under the name of system ``place[i]``, and half of the votes with sides swapped."""
    rows, swapped = rng.permutation(len(outcomes)), rng.random(len(outcomes)) < 0.5
    moved = outcomes.where(rows)
    left, right = place[moved.left], place[moved.right]
    return replace(
        moved,
        left=np.where(swapped, right, left),
        right=np.where(swapped, left, right),
        share=np.where(swapped, 1.0 - moved.share, moved.share),
    )


def _duplicated(rng: np.random.Generator) -> tuple[float, float]:
    """Error of the log over that of the log twice: per vote, and clustered (of the first system)."""
    once = vote_log(rng, WORLD, COUNTS)
    rows = np.tile(np.arange(len(once)), 2)
    twice = replace(once.where(rows), vote=np.arange(len(rows)))
    first, second = fit_bradley_terry(pair_table(once)), fit_bradley_terry(pair_table(twice))
    ratios = [
        rating_intervals(once, first, by=by).standard_error / rating_intervals(twice, second, by=by).standard_error
        for by in (ClusterBy.VOTE, ClusterBy.BOTH)
    ]
    return float(ratios[0][0]), float(ratios[1][0])


def _evalica(rng: np.random.Generator, graphs: int) -> Iterator[Bar]:
    apart, refused, disconnected = 0.0, 0, 0
    for _ in range(graphs):
        table = _random_graph(rng)
        if not _strong(table):
            disconnected += 1
            refused += _refuses(table)
            table = _with_a_cycle(rng, table)
        apart = max(apart, float(np.abs(fit_bradley_terry(table).ratings - _their_ratings(table)).max()))
    yield _largest("evalica on strongly connected graphs", "within 0.001 points", apart, 1e-3, graphs)
    yield share_bar(NAME, "graphs that are not strongly connected", "refused", refused, disconnected, at_least=1.0)


def _random_graph(rng: np.random.Generator) -> PairTable:
    k = int(rng.integers(2, 13))
    wins = rng.poisson(rng.choice([0.1, 0.3, 1.0, 4.0]), size=(k, k))
    np.fill_diagonal(wins, 0)
    ties = np.triu(rng.poisson(rng.choice([0.0, 0.2, 1.0]), size=(k, k)), 1)
    return PairTable(systems=tuple(f"s{i:02d}" for i in range(k)), wins=wins, ties=ties + ties.T)


def _strong(table: PairTable) -> bool:
    """By depth-first search from system 0, along and against "beats or ties"; with one decided battle at least."""
    scores = table.half_wins > 0
    return bool(table.wins.any()) and all(len(_reached(graph)) == len(scores) for graph in (scores, scores.T))


def _reached(graph: np.ndarray) -> set[int]:
    seen, stack = {0}, [0]
    while stack:
        for other in np.flatnonzero(graph[stack.pop()]).tolist():
            if other not in seen:
                seen.add(other)
                stack.append(other)
    return seen


def _with_a_cycle(rng: np.random.Generator, table: PairTable) -> PairTable:
    order, wins = rng.permutation(len(table.systems)), table.wins.copy()
    wins[order, np.roll(order, 1)] += 1
    return replace(table, wins=wins)


def _refuses(table: PairTable) -> bool:
    try:
        fit_bradley_terry(table)
    except NotIdentifiableError:
        return True
    return False


def _their_ratings(table: PairTable) -> Floats:
    battles = []
    for i, first in enumerate(table.systems):
        for j, second in enumerate(table.systems):
            battles += [(first, second, evalica.Winner.X)] * int(table.wins[i, j])
            battles += [(first, second, evalica.Winner.Draw)] * int(table.ties[i, j] if i < j else 0)
    xs, ys, winners = zip(*battles, strict=True)
    found = evalica.bradley_terry(xs, ys, winners, tolerance=1e-13, limit=1_000_000)
    points: Floats = 400.0 * np.log10(found.scores.loc[list(table.systems)].to_numpy())
    return 1000.0 + points - points.mean()


def _largest(setting: str, bar: str, measured: float, at_most: float, n: int, unit: str = "points") -> Bar:
    """The largest of ``n`` deviations."""
    return Bar(
        suite=NAME,
        setting=setting,
        bar=bar,
        measured=measured,
        low=measured,
        high=measured,
        n=n,
        reached=measured <= at_most,
        unit=unit,
    )
