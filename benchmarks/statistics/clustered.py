"""Voters of differing taste and queries of differing difficulty: intervals as the board clusters, and plain.

8 systems, tastes of standard deviation 0.5 and queries of 0.3 for each system (natural logarithms), 40 queries, 2,000
votes. The target is what votes of ever more such voters on ever more such queries tend to. Under ten voters the board
clusters by query and says "for these voters": then the target is what ever more votes of those voters tend to.
Strongly unequal: votes of the voters proportional to 1, 1/2, 1/3, ... (or a steeper power), real: as many votes as each
voter of the log llmfao gave (8,931 of 124).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from benchmarks.statistics._coverage import Coverage, coverage
from benchmarks.statistics.bars import Bar
from benchmarks.statistics.worlds import (
    LLMFAO,
    World,
    equal_counts,
    even_strengths,
    half_win_truth,
    real_counts,
    tastes_of,
    unequal_counts,
    vote_log,
)
from core.ratings.bradley_terry import fit_bradley_terry
from core.ratings.intervals import ClusterBy, Intervals, rating_intervals
from core.ratings.outcomes import Floats, Integers
from core.ratings.pairs import pair_table

NAME = "clustered intervals"
WORLD = World(strengths=even_strengths(8), taste=0.5, difficulty=0.3)
CROWD = half_win_truth(WORLD)
TEN_QUERIES = World(strengths=even_strengths(8), taste=0.3, difficulty=0.5, queries=10)
TEN_QUERIES_TRUTH = half_win_truth(TEN_QUERIES)
VOTES = 2_000
EQUAL, UNEQUAL = (0.93, 0.97), (0.91, 0.98)


def suite(seed: int, percent: int) -> Iterator[Bar]:
    """Equal, unequal and real counts of votes; plain intervals for contrast."""
    logs = max(20, 10 * percent)
    for number, (setting, counts, limits) in enumerate(_settings()):
        found = coverage(np.random.default_rng([seed, 3, number]), logs, lambda rng, c=counts: _crowd(rng, c))
        yield _row(found["board"], setting, limits)
        yield found["plain"].told(NAME, f"{setting}, plain")
    found = coverage(np.random.default_rng([seed, 7]), logs, _few_queries)
    yield _row(found["board"], "50 voters, 10 queries of very different difficulty", EQUAL)
    yield found["voter"].told(NAME, "50 voters, 10 queries of very different difficulty, by voter only")
    for number, (setting, counts, limits) in enumerate(
        (
            ("5 voters, equal counts, for these voters", equal_counts(5, VOTES), EQUAL),
            ("5 voters, strongly unequal, for these voters", unequal_counts(5, VOTES), UNEQUAL),
        )
    ):
        found = coverage(np.random.default_rng([seed, 4, number]), logs, lambda rng, c=counts: _these(rng, c))
        yield _row(found["board"], setting, limits)
        yield found["crowd"].told(NAME, f"{setting}, against other voters")
    if real_counts() is None:
        yield _absent()


def _settings() -> Iterator[tuple[str, Integers, tuple[float, float]]]:
    for voters in (10, 20, 50):
        yield f"{voters} voters, equal counts", equal_counts(voters, VOTES), EQUAL
        yield f"{voters} voters, strongly unequal", unequal_counts(voters, VOTES), UNEQUAL
    yield "20 voters, one with half of the votes", unequal_counts(20, VOTES, 1.5), UNEQUAL
    yield "400 voters, strongly unequal", unequal_counts(400, VOTES), UNEQUAL
    yield "400 voters, one with 40 % of the votes", unequal_counts(400, VOTES, 1.5), UNEQUAL
    real = real_counts()
    if real is not None:
        yield "124 voters, counts of llmfao", real, UNEQUAL


def _row(found: Coverage, setting: str, limits: tuple[float, float]) -> Bar:
    bar = f"{100 * limits[0]:.0f} to {100 * limits[1]:.0f} %"
    return found.pooled(NAME, setting, bar, at_least=limits[0], at_most=limits[1])


def _crowd(rng: np.random.Generator, counts: Integers) -> Mapping[str, tuple[Intervals, Floats]]:
    outcomes = vote_log(rng, WORLD, counts)
    fit = fit_bradley_terry(pair_table(outcomes))
    return {
        "board": (rating_intervals(outcomes, fit), CROWD),
        "plain": (rating_intervals(outcomes, fit, by=ClusterBy.VOTE), CROWD),
    }


def _few_queries(rng: np.random.Generator) -> Mapping[str, tuple[Intervals, Floats]]:
    outcomes = vote_log(rng, TEN_QUERIES, equal_counts(50, VOTES))
    fit = fit_bradley_terry(pair_table(outcomes))
    return {
        "board": (rating_intervals(outcomes, fit), TEN_QUERIES_TRUTH),
        "voter": (rating_intervals(outcomes, fit, by=ClusterBy.VOTER), TEN_QUERIES_TRUTH),
    }


def _these(rng: np.random.Generator, counts: Integers) -> Mapping[str, tuple[Intervals, Floats]]:
    tastes = tastes_of(rng, WORLD, len(counts))
    outcomes = vote_log(rng, WORLD, counts, tastes=tastes)
    intervals = rating_intervals(outcomes, fit_bradley_terry(pair_table(outcomes)))
    own = half_win_truth(WORLD, tastes=tastes, weights=counts.astype(np.float64))
    return {"board": (intervals, own), "crowd": (intervals, CROWD)}


def _absent() -> Bar:
    return Bar(
        suite=NAME,
        setting="counts of llmfao",
        bar="91 to 98 %",
        measured=float("nan"),
        low=float("nan"),
        high=float("nan"),
        n=0,
        reached=None,
        note=f"skipped: {LLMFAO.name} is not beside the project",
    )
