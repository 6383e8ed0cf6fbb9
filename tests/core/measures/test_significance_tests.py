"""Randomisation, t, bootstrap and Holm against scipy, against all permutations, and by hand."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from core.domain.errors import InvalidInputError
from core.measures.significance.bootstrap import bootstrap_intervals
from core.measures.significance.holm import holm
from core.measures.significance.randomisation import EXACT, enumerated, randomisation_test
from core.measures.significance.t_test import paired_t
from core.measures.significance.values import paired_values


def _values(seed: int, systems: int, n: int, steps: int | None = None) -> np.ndarray:
    rng = np.random.default_rng(seed)
    found = np.clip(
        rng.beta(0.8, 1.2, n) + 0.3 * rng.normal(size=(systems, n)) + 0.05 * np.arange(systems)[:, None], 0, 1
    )
    return found if steps is None else np.round(found * steps) / steps


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("n", [2, 7, 60])
def test_t_equals_scipy(seed: int, n: int) -> None:
    first, second = _values(seed, 2, n)
    found = paired_t(first - second, 0.9)
    expected = stats.ttest_rel(first, second)
    interval = expected.confidence_interval(0.9)
    assert found.p == pytest.approx(expected.pvalue, rel=1e-9)
    assert (found.low, found.high) == pytest.approx((interval.low, interval.high))
    assert found.effect == pytest.approx(expected.statistic / math.sqrt(n))


def test_t_by_hand() -> None:
    found = paired_t(np.array([0.1, 0.2, 0.3]))
    assert (found.mean, found.deviation, found.effect) == pytest.approx((0.2, 0.1, 2.0))
    assert found.p == pytest.approx(0.0741799, abs=1e-6)  # t = 3.4641, two degrees of freedom


@pytest.mark.parametrize(("value", "p"), [(0.0, 1.0), (0.3, 0.0)])
def test_t_of_equal_differences(value: float, p: float) -> None:
    found = paired_t(np.full(7, value))
    assert (found.p, found.low, found.high, found.effect) == (p, found.mean, found.mean, None)


def test_t_of_a_single_query_knows_nothing() -> None:
    found = paired_t(np.array([0.3]))
    assert (found.p, found.low, found.high, found.effect) == (1.0, -math.inf, math.inf, None)


def _brute_force(differences: np.ndarray) -> float:
    """Every flip in exact arithmetic: differences are whole numbers."""
    whole = [int(value) for value in differences]
    flips = list(itertools.product((-1, 1), repeat=len(whole)))
    sums = [abs(sum(sign * value for sign, value in zip(signs, whole, strict=True))) for signs in flips]
    return sum(value >= abs(sum(whole)) for value in sums) / len(flips)


@given(st.lists(st.integers(-6, 6), min_size=1, max_size=9))
def test_enumeration_equals_brute_force(whole: list[int]) -> None:
    differences = np.array(whole) / 7.0
    expected = _brute_force(np.array(whole))
    assert enumerated(differences) == pytest.approx(expected)
    assert randomisation_test(paired_values([differences, np.zeros(len(whole))]), 10, 0).alone[0] == pytest.approx(
        expected
    )


@pytest.mark.parametrize("seed", range(5))
def test_enumeration_equals_scipy(seed: int) -> None:
    first, second = _values(seed, 2, 11)
    expected = stats.permutation_test(
        (first, second), lambda x, y, axis: np.mean(x - y, axis=axis), permutation_type="samples", vectorized=True,
        n_resamples=np.inf,
    )  # fmt: skip
    found = randomisation_test(paired_values([first, second]), 1_000, seed)
    assert found.alone[0] == pytest.approx(expected.pvalue)
    assert found.family[0] == pytest.approx(expected.pvalue)  # one pair is a family of one


@pytest.mark.parametrize("steps", [None, 5])
def test_draws_agree_with_scipy(steps: int | None) -> None:
    values = _values(3, 3, 80, steps)
    found = randomisation_test(paired_values(values), 40_000, 1)
    for pair, (one, other) in enumerate([(0, 1), (0, 2), (1, 2)]):
        expected = stats.permutation_test(
            (values[one], values[other]), lambda x, y, axis: np.mean(x - y, axis=axis), permutation_type="samples",
            vectorized=True, n_resamples=40_000, batch=10_000, rng=2,
        )  # fmt: skip
        spread = math.sqrt(expected.pvalue * (1 - expected.pvalue) / 20_000)
        assert found.alone[pair] == pytest.approx(expected.pvalue, abs=5 * spread + 1e-4)


def test_many_ties_are_enumerated_exactly() -> None:
    first = np.zeros(500)
    first[:10] = 1.0
    assert randomisation_test(paired_values([first, np.zeros(500)]), 50, 0).alone[0] == 2 / 2**10
    assert EXACT >= 10


def test_random_draws_never_give_zero() -> None:
    values = np.vstack([np.linspace(0.5, 1.0, 40), np.zeros(40)])
    found = randomisation_test(paired_values(values), 999, 0)
    assert found.alone[0] == found.family[0] == 1 / 1_000


def test_the_family_equals_brute_force_step_down() -> None:
    values = np.round(_values(5, 4, 8) * 20)
    paired = paired_values(values)
    differences = paired.differences
    flips = np.array(list(itertools.product((-1, 1), repeat=8)))
    scale = np.sqrt((differences**2).sum(axis=1))
    drawn, seen = np.abs(flips @ differences.T) / scale, np.abs(differences.sum(axis=1)) / scale
    expected, left, last = np.zeros(6), list(range(6)), 0.0
    while left:  # the textbook: test the largest, take it out of the family, go on
        pair = max(left, key=lambda at: seen[at])
        last = max(last, float(np.mean(drawn[:, left].max(axis=1) >= seen[pair] - 1e-9)))
        expected[pair] = last
        left.remove(pair)
    assert randomisation_test(paired, 10, 0).family == pytest.approx(expected)


@pytest.mark.parametrize("seed", range(5))
def test_the_family_lies_between_alone_and_bonferroni(seed: int) -> None:
    found = randomisation_test(paired_values(_values(seed, 6, 50)), 2_000, seed)
    assert (found.family >= found.alone).all()
    assert found.family.min() <= min(1.0, 15 * found.alone.min()) + 1e-12


def test_blocks_do_not_change_the_draws_that_are_made() -> None:
    found = randomisation_test(paired_values(_values(1, 2, 3_000)), 2_001, 0)
    assert found.draws == 2_001
    assert found.alone[0] * 2_002 == pytest.approx(round(found.alone[0] * 2_002))


def test_bootstrap_agrees_with_scipy() -> None:
    values = _values(2, 3, 60)
    found = bootstrap_intervals(paired_values(values), 20_000, 0, 0.9)
    for pair, (one, other) in enumerate([(0, 1), (0, 2), (1, 2)]):
        expected = stats.bootstrap(
            (values[one] - values[other],),
            np.mean,
            n_resamples=20_000,
            confidence_level=0.9,
            method="percentile",
            rng=1,
        ).confidence_interval
        assert (found.low[pair], found.high[pair]) == pytest.approx((expected.low, expected.high), abs=0.002)


def test_bootstrap_of_equal_differences_and_of_one_query() -> None:
    found = bootstrap_intervals(paired_values([[0.5, 0.7, 0.9], [0.25, 0.45, 0.65]]), 100, 0)
    assert (found.low[0], found.high[0]) == pytest.approx((0.25, 0.25))
    alone = bootstrap_intervals(paired_values([[0.5], [0.2]]), 100, 0)
    assert (alone.low[0], alone.high[0]) == (-math.inf, math.inf)


def test_holm_by_hand() -> None:
    assert holm(np.array([0.01, 0.04, 0.03, 0.005])) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm(np.array([0.6, 0.5])) == pytest.approx([1.0, 1.0])
    assert holm(np.empty(0)).shape == (0,)
    with pytest.raises(InvalidInputError):
        holm(np.array([math.nan]))


@pytest.mark.parametrize(
    ("values", "fault"),
    [
        ([[0.1, math.nan], [0.2, 0.3]], "System 1 has nan on query 2"),
        ([[math.inf]], "inf"),
        ([], "table"),
        ([[]], "table"),
    ],
)
def test_unknown_is_an_error(values: list[list[float]], fault: str) -> None:
    with pytest.raises(InvalidInputError, match=fault):
        paired_values(values)


def test_rounding_is_no_difference() -> None:
    assert paired_values([[0.1 + 0.2], [0.3]]).differences[0, 0] == 0.0
