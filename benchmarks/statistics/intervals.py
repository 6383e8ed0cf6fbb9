"""Intervals without ties: 20 systems, 10,000 votes of 100 voters on 40 queries, everybody of one taste.

Votes are independent, so the plain interval is exact but for chance. The board cannot know that and clusters by voter
and by query; it must not lose by it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from benchmarks.statistics._coverage import coverage
from benchmarks.statistics.bars import Bar
from benchmarks.statistics.worlds import World, equal_counts, even_strengths, vote_log
from core.ratings.bradley_terry import fit_bradley_terry
from core.ratings.intervals import ClusterBy, Intervals, rating_intervals
from core.ratings.outcomes import Floats
from core.ratings.pairs import pair_table

NAME = "intervals, no ties"
WORLD = World(strengths=even_strengths(20, 2.0))
COUNTS = equal_counts(100, 10_000)


def suite(seed: int, percent: int) -> Iterator[Bar]:
    """Pooled, and the systems that are held least and most often."""
    found = coverage(np.random.default_rng([seed, 1]), max(20, 15 * percent), _replicate)
    for way, setting in (("plain", "20 systems, 10,000 votes, plain"), ("board", "the same, as the board clusters")):
        yield found[way].pooled(NAME, setting, "93 to 97 %", at_least=0.93, at_most=0.97)
        yield from found[way].each(NAME, setting, "90 to 99 %", at_least=0.90, at_most=0.99)


def _replicate(rng: np.random.Generator) -> Mapping[str, tuple[Intervals, Floats]]:
    outcomes = vote_log(rng, WORLD, COUNTS)
    fit = fit_bradley_terry(pair_table(outcomes))
    return {
        "plain": (rating_intervals(outcomes, fit, by=ClusterBy.VOTE), WORLD.strengths),
        "board": (rating_intervals(outcomes, fit), WORLD.strengths),
    }
