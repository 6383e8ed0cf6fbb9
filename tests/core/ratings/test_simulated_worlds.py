"""The worlds of the suites: what is said to be true there is what very many votes show."""

from __future__ import annotations

import math

import numpy as np
import pytest

from benchmarks.statistics.worlds import (
    World,
    davidson_truth,
    equal_counts,
    even_strengths,
    half_win_truth,
    tastes_of,
    unequal_counts,
    vote_log,
)
from core.ratings.bradley_terry import fit_bradley_terry
from core.ratings.davidson import fit_davidson
from core.ratings.pairs import pair_table

STRANGE = World(
    strengths=even_strengths(4), taste=0.6, difficulty=0.4, queries=20_000, side=0.3, nu=0.7, lapse=0.05
)  # fmt: skip


def test_without_differences_the_truth_is_the_strengths() -> None:
    plain, tied = World(strengths=even_strengths(6)), World(strengths=even_strengths(6), nu=0.9)
    assert half_win_truth(plain) == pytest.approx(plain.strengths)
    assert davidson_truth(plain) == pytest.approx(plain.strengths)
    assert davidson_truth(tied) == pytest.approx(tied.strengths)
    assert np.ptp(half_win_truth(tied)) < np.ptp(tied.strengths)


def test_a_probability_of_the_mixture_by_hand() -> None:
    """Two systems ln 3 apart, voters of whom half see them 2 further apart and half 2 nearer."""
    world = World(strengths=np.array([0.5, -0.5]) * math.log(3))
    tastes = np.array([[1.0, -1.0], [-1.0, 1.0]])
    chance = 0.5 * (1 / (1 + math.exp(-math.log(3) - 2)) + 1 / (1 + math.exp(-math.log(3) + 2)))
    found = half_win_truth(world, tastes=tastes)
    assert found[0] - found[1] == pytest.approx(math.log(chance / (1 - chance)))
    one = half_win_truth(world, tastes=tastes, weights=np.array([1.0, 0.0]))
    assert one[0] - one[1] == pytest.approx(math.log(3) + 2)


def test_very_many_votes_show_the_truth() -> None:
    outcomes = vote_log(np.random.default_rng(1), STRANGE, equal_counts(20_000, 600_000))
    table = pair_table(outcomes)
    assert fit_bradley_terry(table).strengths == pytest.approx(half_win_truth(STRANGE), abs=0.02)
    assert fit_davidson(table).strengths == pytest.approx(davidson_truth(STRANGE), abs=0.02)


def test_very_many_votes_of_some_voters_show_theirs() -> None:
    rng = np.random.default_rng(2)
    tastes, counts = tastes_of(rng, STRANGE, 5), unequal_counts(5, 600_000)
    outcomes = vote_log(rng, STRANGE, counts, tastes=tastes)
    own = half_win_truth(STRANGE, tastes=tastes, weights=counts.astype(float))
    assert fit_bradley_terry(pair_table(outcomes)).strengths == pytest.approx(own, abs=0.02)
    assert own != pytest.approx(half_win_truth(STRANGE), abs=0.1)


def test_counts() -> None:
    assert equal_counts(3, 10).tolist() == [4, 3, 3]
    assert unequal_counts(3, 11).tolist() == [6, 3, 2]
    assert unequal_counts(4, 100, 3.0).min() == 1
