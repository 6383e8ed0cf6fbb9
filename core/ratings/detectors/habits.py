"""How often honest voters do something (take the left side, call a tie, hurry), and how much they differ in it.

Counts are beta-binomial: voter v does it in a share of its own, drawn with mean m_v and variance rho m_v (1 - m_v)
(Williams 1982; rho is the correlation of two votes of one voter). The mean is a weighted one, rho a median one
(between.py), and a stated prior takes part in both as if it were some further voters.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from core.ratings.detectors.between import between_variance
from core.ratings.outcomes import Floats, Integers

FloatsOrOne = TypeVar("FloatsOrOne", float, Floats)
_PASSES = 6
_LARGEST_RHO = 0.5
_SMALLEST_RHO = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class Prior:
    """What is believed before any vote: ``mean`` as if seen in ``mean_voters`` voters, ``rho`` in ``rho_voters``."""

    mean: float
    mean_voters: float
    rho: float
    rho_voters: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Habit:
    """``mean``: of the voters' shares. ``rho``: correlation of two votes of one voter."""

    mean: float
    rho: float


def habit_of(hits: Floats, trials: Integers, prior: Prior) -> Habit:
    """The habit of these voters. ``hits``, ``trials``: (voters,)."""
    known = trials > 0
    hits, trials = hits[known], trials[known]
    mean, rho = prior.mean, prior.rho
    for _ in range(_PASSES):
        worth = trials / (1.0 + (trials - 1.0) * rho)
        weight = prior.mean_voters / max(rho, 0.01)  # a voter of very many votes is worth 1 / rho of them
        mean = (float((worth * hits / trials).sum()) + weight * prior.mean) / (float(worth.sum()) + weight)
        rho = spread_of(hits, trials, np.full(len(hits), mean), prior)
    return Habit(mean=mean, rho=rho)


def spread_of(hits: Floats, trials: Integers, expected: Floats, prior: Prior) -> float:
    """rho where each voter has an ``expected`` share of its own. All (voters,), with a trial each."""
    n, variance = trials.astype(np.float64), expected * (1.0 - expected)
    square, one = (hits / n - expected) ** 2, np.ones(len(n))
    rho = between_variance(
        square, variance / n, variance * (1.0 - 1.0 / n), one, prior=prior.rho, voters=prior.rho_voters
    )
    return min(rho, _LARGEST_RHO)


def upper_tail(hits: float, trials: int, mean: float, rho: float) -> float:
    """P(at least ``hits`` of ``trials``) of a beta-binomial; between two whole numbers, in between. 1 for hits <= 0."""
    if hits <= 0.0 or mean >= 1.0:
        return 1.0
    if mean <= 0.0 or hits > trials:
        return 0.0
    whole = math.floor(hits)
    masses = _masses(whole, trials, mean, min(max(rho, _SMALLEST_RHO), _LARGEST_RHO))
    return min(1.0, float(masses.sum()) - (hits - whole) * float(masses[0]))


def looked_at_from(level: FloatsOrOne) -> FloatsOrOne:
    """Standard deviations below which no tail is as small as ``level``, so that it need not be computed.

    A share at its bound has -log P <= z^2 (n q / p = z^2 and P = p^n), and every other tail is longer.
    """
    found: FloatsOrOne = np.sqrt(-np.log(level))
    return found


def correlation(variance: float, trials: int, mean: float) -> float:
    """rho of a beta-binomial share of this variance; 0 where a binomial varies as much or more."""
    if trials < 2:
        return 0.0
    return max(0.0, (variance * trials / (mean * (1.0 - mean)) - 1.0) / (trials - 1.0))


def _masses(start: int, trials: int, mean: float, rho: float) -> Floats:
    """P(start), ..., P(trials), the first by the gamma function and the others by their ratio."""
    worth = 1.0 / rho - 1.0
    a, b = worth * mean, worth * (1.0 - mean)
    first = (
        math.lgamma(trials + 1)
        - math.lgamma(start + 1)
        - math.lgamma(trials - start + 1)
        + math.lgamma(start + a)
        + math.lgamma(trials - start + b)
        - math.lgamma(trials + worth)
        + math.lgamma(worth)
        - math.lgamma(a)
        - math.lgamma(b)
    )
    hits = np.arange(start, trials, dtype=np.float64)
    ratios = (trials - hits) / (hits + 1.0) * (hits + a) / (trials - hits - 1.0 + b)
    masses: Floats = np.exp(first + np.concatenate([[0.0], np.cumsum(np.log(ratios))]))
    return masses


def beta_binomial(trials: int, habit: Habit) -> Floats:
    """(trials + 1,) P(0), ..., P(trials)."""
    return _masses(0, trials, habit.mean, min(max(habit.rho, _SMALLEST_RHO), _LARGEST_RHO))
