"""Platt's curve against its likelihood equations and a grid; the isotonic curve against its min-max formula."""

import numpy as np
import pytest

from core.strategies.aggregation.isotonic import fit_isotonic
from core.strategies.aggregation.platt import Platt, fit_platt


def targets_of(relevant):
    hits, misses = sum(relevant), len(relevant) - sum(relevant)
    return np.where(relevant, (hits + 1) / (hits + 2), 1 / (misses + 2))


def loss(slope, intercept, scores, relevant):
    chances = 1 / (1 + np.exp(-(slope * scores + intercept)))
    targets = targets_of(relevant)
    return -(targets * np.log(chances) + (1 - targets) * np.log(1 - chances)).sum()


def sample(seed, n, scale=1.0, shift=0.0):
    generator = np.random.default_rng(seed)
    scores = generator.normal(size=n)
    relevant = generator.uniform(size=n) < 1 / (1 + np.exp(-(1.5 * scores - 0.5)))
    return scores * scale + shift, relevant


@pytest.mark.parametrize(("scale", "shift"), [(1.0, 0.0), (1e-3, 5.0), (1e4, -3e5)])
def test_platt_solves_the_likelihood_equations(scale, shift):
    """At the optimum the curve's mean is the targets' mean, and so it is weighted by the scores."""
    scores, relevant = sample(1, 60, scale, shift)
    curve = fit_platt(scores, relevant)
    missing = curve(scores) - targets_of(relevant)
    assert abs(missing.sum()) < 1e-8
    assert abs((missing * (scores - shift) / scale).sum()) < 1e-8


def test_platt_is_not_beaten_on_a_grid():
    scores, relevant = sample(2, 40)
    curve = fit_platt(scores, relevant)
    best = loss(curve.slope, curve.intercept, scores, relevant)
    grid = [loss(a, b, scores, relevant) for a in np.linspace(-1, 5, 61) for b in np.linspace(-3, 3, 61)]
    assert best <= min(grid)
    assert min(grid) - best < 0.01


def test_platt_of_two_balanced_scores_by_hand():
    """Two hits at 1, two misses at 0: targets 3/4 and 1/4, met exactly, so b = -ln 3 and a = 2 ln 3."""
    curve = fit_platt(np.array([1.0, 1, 0, 0]), np.array([True, True, False, False]))
    assert curve.slope == pytest.approx(2 * np.log(3), abs=1e-8)
    assert curve.intercept == pytest.approx(-np.log(3), abs=1e-8)
    assert curve(np.array([0.5]))[0] == pytest.approx(0.5, abs=1e-9)


def test_platt_of_equal_scores_and_of_scores_that_point_the_wrong_way_does_not_rise():
    flat = fit_platt(np.full(6, 2.0), np.array([True, False, False, False, False, False]))
    assert not flat.rising
    assert flat(np.array([2.0]))[0] == pytest.approx(targets_of([True] + [False] * 5).mean(), abs=1e-8)
    assert not fit_platt(np.array([1.0, 2, 3, 4]), np.array([True, True, False, False])).rising


def test_platt_does_not_overflow():
    chances = Platt(slope=1e3, intercept=0.0)(np.array([-1e6, 0.0, 1e6]))
    assert chances.tolist() == [0.0, 0.5, 1.0]


def slow_isotonic(scores, relevant):
    """max over a ≤ i of min over b ≥ i of the mean of what scores between a and b."""
    values = sorted(set(scores))
    mean = lambda low, high: np.mean([r for s, r in zip(scores, relevant, strict=True) if low <= s <= high])  # noqa: E731
    return [
        max(min(mean(low, high) for high in values[place:]) for low in values[: place + 1])
        for place in range(len(values))
    ]


@pytest.mark.parametrize("seed", range(6))
def test_isotonic_is_the_min_max_formula(seed):
    generator = np.random.default_rng(seed)
    scores = generator.integers(0, 7, size=14).astype(float)  # some are equal
    relevant = generator.uniform(size=14) < 0.5
    curve = fit_isotonic(scores, relevant)
    assert curve.places.tolist() == sorted(set(scores.tolist()))
    assert curve.heights.tolist() == pytest.approx(slow_isotonic(scores.tolist(), relevant.tolist()), abs=1e-12)


def test_isotonic_by_hand_between_and_beyond_what_was_seen():
    curve = fit_isotonic(np.array([1.0, 2, 3, 4]), np.array([False, True, False, True]))
    assert curve.heights.tolist() == [0, 0.5, 0.5, 1]
    assert curve(np.array([0.0, 1.5, 2.5, 3.5, 9.0])).tolist() == [0, 0.25, 0.5, 0.75, 1]
    assert curve.rising


def test_isotonic_of_scores_that_point_the_wrong_way_is_flat():
    curve = fit_isotonic(np.array([1.0, 2, 3]), np.array([True, False, False]))
    assert curve.heights.tolist() == pytest.approx([1 / 3] * 3)
    assert not curve.rising
