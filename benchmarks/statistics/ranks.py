"""Rank sets: how often every system's true rank lies in its set, for all systems at once, and how long the sets are.

A system with the same strength as others has a range of true ranks; its set must hold the whole range. So with all
systems equal any pair that is told apart is an error.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from benchmarks.statistics.bars import Bar, share_bar
from benchmarks.statistics.worlds import World, equal_counts, even_strengths, half_win_truth, unequal_counts, vote_log
from core.ratings.bradley_terry import fit_bradley_terry
from core.ratings.identifiability import NotIdentifiableError
from core.ratings.outcomes import Floats, Integers
from core.ratings.pairs import pair_table
from core.ratings.rank_sets import RankSets, rank_sets

NAME = "rank sets"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Setting:
    name: str
    world: World
    counts: Integers


def _equal(systems: int, **more: float) -> World:
    return World(strengths=np.zeros(systems), **more)  # type: ignore[arg-type]  # fields by name


_THREE_LEVELS = np.repeat([0.8, 0.0, -0.8], 4)

SETTINGS = (
    _Setting(
        name="20 equal systems, 2,000 votes of 50 voters of differing taste, 40 queries",
        world=_equal(20, taste=0.3, difficulty=0.2),
        counts=equal_counts(50, 2_000),
    ),
    _Setting(
        name="20 equal systems, 4,000 votes of 100 voters of one taste",
        world=_equal(20),
        counts=equal_counts(100, 4_000),
    ),
    _Setting(
        name="8 equal systems, 1,200 votes of 12 voters, counts strongly unequal",
        world=_equal(8, taste=0.5),
        counts=unequal_counts(12, 1_200),
    ),
    _Setting(
        name="8 equal systems, 800 votes of 5 voters (by query), 20 queries",
        world=_equal(8, difficulty=0.4, queries=20),
        counts=equal_counts(5, 800),
    ),
    _Setting(
        name="20 equal systems, 4,000 votes of 400 voters, counts unequal, 200 queries",
        world=_equal(20, taste=0.3, queries=200),
        counts=unequal_counts(400, 4_000, 0.5),
    ),
    _Setting(
        name="three levels of four systems, 3,000 votes of 50 voters of differing taste",
        world=World(strengths=_THREE_LEVELS, taste=0.3, difficulty=0.2),
        counts=equal_counts(50, 3_000),
    ),
    _Setting(
        name="20 systems evenly spread, ties, 10,000 votes of 50 voters of differing taste",
        world=World(strengths=even_strengths(20, 2.0), taste=0.3, difficulty=0.2, nu=0.6),
        counts=equal_counts(50, 10_000),
    ),
)


def suite(seed: int, percent: int) -> Iterator[Bar]:
    """Coverage of every setting, then the mean length of its sets."""
    for number, setting in enumerate(SETTINGS):
        rng = np.random.default_rng([seed, 31, number])
        low, high = _true_ranks(half_win_truth(setting.world))
        held, lengths = [], []
        for _ in range(max(20, 10 * percent)):
            found = _replicate(rng, setting)
            if found is not None:
                held.append(bool(((found.lowest <= low) & (high <= found.highest)).all()))
                lengths.append(float((found.highest - found.lowest + 1).mean()))
        yield share_bar(NAME, setting.name, "at least 95 %", sum(held), len(held), at_least=0.95)
        mean, error = float(np.mean(lengths)), float(np.std(lengths)) / len(lengths) ** 0.5
        yield Bar(
            suite=NAME,
            setting=setting.name,
            bar="mean length",
            measured=mean,
            low=mean - 1.96 * error,
            high=mean + 1.96 * error,
            n=len(lengths),
            reached=None,
            unit=f"of {setting.world.systems} ranks",
        )


def _replicate(rng: np.random.Generator, setting: _Setting) -> RankSets | None:
    outcomes = vote_log(rng, setting.world, setting.counts)
    try:
        fit = fit_bradley_terry(pair_table(outcomes))
    except NotIdentifiableError:
        return None
    return rank_sets(outcomes, fit, seed=int(rng.integers(2**32)))


def _true_ranks(strengths: Floats) -> tuple[Integers, Integers]:
    """(k,) each: 1 + systems truly above, k - systems truly below."""
    ahead = strengths[:, None] > strengths[None, :] + 1e-9
    return 1 + ahead.sum(axis=0), len(strengths) - ahead.sum(axis=1)
