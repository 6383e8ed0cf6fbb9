"""Votes with Davidson's ties: what each model covers, and what it does not claim to.

8 systems, nu 0.8 (two equal systems tie in 29 % of their battles), 4,000 votes of 60 voters on 40 queries, everybody
of one taste. Davidson's model estimates the strengths; half-win Bradley-Terry estimates a pseudo-true value that lies
closer together.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from benchmarks.statistics._coverage import coverage
from benchmarks.statistics.bars import Bar
from benchmarks.statistics.worlds import World, equal_counts, even_strengths, half_win_truth, vote_log
from core.ratings.bradley_terry import fit_bradley_terry
from core.ratings.davidson import fit_davidson
from core.ratings.intervals import ClusterBy, Intervals, rating_intervals
from core.ratings.outcomes import Floats
from core.ratings.pairs import pair_table

NAME = "Davidson ties"
WORLD = World(strengths=even_strengths(8), nu=0.8)
HALF_WINS = half_win_truth(WORLD)
COUNTS = equal_counts(60, 4_000)


def suite(seed: int, percent: int) -> Iterator[Bar]:
    """Both models, plain and as the board clusters; half wins against the strengths for contrast."""
    found = coverage(np.random.default_rng([seed, 2]), max(20, 15 * percent), _replicate)
    for key, setting in (
        ("davidson plain", "Davidson, the true strengths, plain"),
        ("davidson", "Davidson, the true strengths, as the board clusters"),
        ("half wins plain", "half wins, their pseudo-true value, plain"),
        ("half wins", "half wins, their pseudo-true value, as the board clusters"),
    ):
        yield found[key].pooled(NAME, setting, "93 to 97 %", at_least=0.93, at_most=0.97)
    yield found["half wins, strengths"].told(NAME, "half wins, the true strengths, plain")


def _replicate(rng: np.random.Generator) -> Mapping[str, tuple[Intervals, Floats]]:
    outcomes = vote_log(rng, WORLD, COUNTS)
    pairs = pair_table(outcomes)
    davidson, half = fit_davidson(pairs), fit_bradley_terry(pairs)
    plain = rating_intervals(outcomes, half, by=ClusterBy.VOTE)
    return {
        "davidson plain": (rating_intervals(outcomes, davidson, by=ClusterBy.VOTE), WORLD.strengths),
        "davidson": (rating_intervals(outcomes, davidson), WORLD.strengths),
        "half wins plain": (plain, HALF_WINS),
        "half wins": (rating_intervals(outcomes, half), HALF_WINS),
        "half wins, strengths": (plain, WORLD.strengths),
    }
