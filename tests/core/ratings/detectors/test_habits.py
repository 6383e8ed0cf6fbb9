"""Counts that vary between voters."""

import numpy as np
import pytest
from scipy.stats import betabinom, binom

from core.ratings.detectors.habits import Habit, Prior, beta_binomial, correlation, habit_of, looked_at_from, upper_tail

PRIOR = Prior(mean=0.5, mean_voters=5.0, rho=0.02, rho_voters=10.0)


@pytest.mark.parametrize(("trials", "mean", "rho"), [(1, 0.3, 0.1), (7, 0.5, 0.02), (40, 0.08, 0.3), (900, 0.6, 0.01)])
def test_tails_are_those_of_the_beta_binomial(trials: int, mean: float, rho: float) -> None:
    worth = 1 / rho - 1
    oracle = betabinom(trials, worth * mean, worth * (1 - mean))
    assert beta_binomial(trials, Habit(mean=mean, rho=rho)) == pytest.approx(
        oracle.pmf(np.arange(trials + 1)), rel=1e-8
    )
    for hits in {0, 1, trials // 3, trials - 1, trials}:
        assert upper_tail(hits, trials, mean, rho) == pytest.approx(oracle.sf(hits - 1), rel=1e-8)


def test_without_correlation_it_is_the_binomial() -> None:
    assert upper_tail(9, 10, 0.5, 0.0) == pytest.approx(binom(10, 0.5).sf(8), rel=1e-4)
    assert upper_tail(60, 80, 0.6, 0.0) == pytest.approx(binom(80, 0.6).sf(59), rel=1e-3)


def test_between_whole_numbers_the_tail_lies_between() -> None:
    low, middle, high = (upper_tail(hits, 12, 0.4, 0.05) for hits in (8.0, 7.5, 7.0))
    assert middle == pytest.approx((low + high) / 2)


@pytest.mark.parametrize(
    ("hits", "mean", "tail"), [(0.0, 0.2, 1.0), (-1.0, 0.2, 1.0), (11.0, 0.2, 0.0), (3.0, 0.0, 0.0), (3.0, 1.0, 1.0)]
)
def test_ends(hits: float, mean: float, tail: float) -> None:
    assert upper_tail(hits, 10, mean, 0.1) == tail


def test_correlation_gives_the_variance_back() -> None:
    worth = 1 / 0.07 - 1
    variance = betabinom(30, worth * 0.2, worth * 0.8).var() / 30**2
    assert correlation(variance, 30, 0.2) == pytest.approx(0.07)
    assert correlation(0.5 * variance, 2, 0.2) == 0.0
    assert correlation(1.0, 1, 0.2) == 0.0


@pytest.mark.parametrize("level", [1e-5, 1e-3, 0.02])
def test_nobody_nearer_than_the_look_has_so_small_a_tail(level: float) -> None:
    look = looked_at_from(level)
    for trials in (1, 2, 5, 20, 100, 400):
        for mean in (0.02, 0.1, 0.3, 0.5, 0.7, 0.9, 0.98):
            hits = np.arange(trials + 1)
            near = hits - trials * mean <= look * np.sqrt(trials * mean * (1 - mean))
            assert (binom(trials, mean).sf(hits - 1)[near] > level).all()


def crowd(rng: np.random.Generator, voters: int, mean: float, rho: float) -> tuple[np.ndarray, np.ndarray]:
    worth = 1 / rho - 1
    trials = rng.integers(10, 150, size=voters)
    return rng.binomial(trials, rng.beta(worth * mean, worth * (1 - mean), size=voters)).astype(float), trials


def test_a_habit_is_found_again() -> None:
    found = habit_of(*crowd(np.random.default_rng(3), 2000, 0.3, 0.08), PRIOR)
    assert found.mean == pytest.approx(0.3, abs=0.01)
    assert found.rho == pytest.approx(0.08, abs=0.012)


def test_a_few_cheats_hardly_change_it() -> None:
    hits, trials = crowd(np.random.default_rng(3), 200, 0.3, 0.04)
    hits[:10] = trials[:10]
    found = habit_of(hits, trials, PRIOR)
    assert found.mean < 0.36
    assert found.rho < 0.09


def test_without_voters_the_prior_stands() -> None:
    nobody = habit_of(np.zeros(3), np.zeros(3, dtype=np.int64), PRIOR)
    assert (nobody.mean, nobody.rho) == pytest.approx((PRIOR.mean, PRIOR.rho))
    one = habit_of(np.array([50.0]), np.array([50]), PRIOR)
    assert one.mean < 0.6
    assert one.rho < 0.06
