"""Bradley-Terry strengths by maximum likelihood, a tie counting half a win to each side.

P(i beats j) = 1 / (1 + exp(theta_j - theta_i)). The log-likelihood of half wins W,
sum_ij W_ij log P(i beats j), is concave; Newton's method on the pair counts finds its maximum with theta summing to
zero. Ratings are 1000 + 400 / ln(10) * theta, so 400 points are odds of ten to one.

With ties this estimates its own pseudo-true value, not the strengths of a model with ties (Davidson 1970); the
result names its estimand. Bradley and Terry 1952, Rank analysis of incomplete block designs; existence: Ford 1957.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from core.domain.errors import RunoffError
from core.ratings.identifiability import NotIdentifiableError, examine
from core.ratings.outcomes import Floats, Integers
from core.ratings.pairs import PairTable

POINTS = 400.0 / math.log(10.0)
MEAN_RATING = 1000.0
ESTIMAND = "half-win Bradley-Terry"
_ROUNDING = 4.0 * float(np.finfo(np.float64).eps)


class ConvergenceError(RunoffError):
    """The iteration ended before the tolerance was reached; no rating is reported."""

    def __init__(self, iterations: int, step: float, tolerance: float) -> None:
        super().__init__(
            f"Bradley-Terry did not converge: step {step:.3g} after {iterations} iterations, allowed {tolerance:.3g}. "
            "Allow more iterations, or report the votes as a bug."
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BradleyTerry:
    """``strengths``: (k,) natural logarithms, sum zero. ``step``: what the last iteration changed at most.

    ``tolerance``: the largest such step that ends the iteration, in the unit of the strengths.
    """

    systems: tuple[str, ...]
    strengths: Floats
    battles: int
    log_likelihood: float
    iterations: int
    step: float
    tolerance: float
    estimand: str = ESTIMAND
    solver: str = "Newton on pair counts"

    @property
    def ratings(self) -> Floats:
        """(k,) points, mean 1000."""
        return MEAN_RATING + POINTS * self.strengths

    @property
    def win_probability(self) -> Floats:
        """(k, k), probability that the row's system beats the column's, a tie counting half."""
        return win_probability(self.strengths)


def win_probability(strengths: Floats) -> Floats:
    """(k, k) from strengths (k,); does not overflow."""
    difference = strengths[:, None] - strengths[None, :]
    return 0.5 * (1.0 + np.tanh(0.5 * difference))


def fit_bradley_terry(pairs: PairTable, *, tolerance: float = 1e-9, max_iterations: int = 200) -> BradleyTerry:
    """Strengths of all systems. NotIdentifiableError where they do not exist, ConvergenceError where not found."""
    identifiability = examine(pairs)
    if not identifiability.identifiable:
        raise NotIdentifiableError(identifiability)
    half_wins, met = pairs.half_wins, pairs.met
    battles = int(met.sum()) // 2
    strengths = np.zeros(len(pairs.systems))
    value, size = log_likelihood(half_wins, strengths), math.inf
    for iteration in range(1, max_iterations + 1):
        gradient, step = _newton_step(half_wins, met, strengths)
        size = float(np.abs(step).max())
        if size <= tolerance or float(np.abs(gradient).max()) <= _ROUNDING * battles:
            return BradleyTerry(
                systems=pairs.systems,
                strengths=strengths + step,
                battles=battles,
                log_likelihood=value,
                iterations=iteration,
                step=size,
                tolerance=tolerance,
            )
        strengths, value = _uphill(half_wins, strengths, step, value)
    raise ConvergenceError(max_iterations, size, tolerance)


def log_likelihood(half_wins: Floats, strengths: Floats) -> float:
    """sum_ij W_ij log P(i beats j), natural logarithm."""
    difference = strengths[:, None] - strengths[None, :]
    return float(-(half_wins * np.logaddexp(0.0, -difference)).sum())


def information(met: Integers, strengths: Floats) -> Floats:
    """(k, k) observed information: the Laplacian of battles times P (1 - P); its null space is the constant."""
    probability = win_probability(strengths)
    weights: Floats = met * probability * probability.T
    laplacian: Floats = np.diag(weights.sum(axis=1)) - weights
    return laplacian


def inverse_information(laplacian: Floats) -> Floats:
    """(k, k) inverse on the strengths that sum to zero."""
    constant = np.full(laplacian.shape, 1.0 / len(laplacian))
    scale = float(np.trace(laplacian)) / len(laplacian)
    inverse: Floats = np.linalg.inv(laplacian + scale * constant) - constant / scale
    return inverse


def _newton_step(half_wins: Floats, met: Integers, strengths: Floats) -> tuple[Floats, Floats]:
    expected = met * win_probability(strengths)
    gradient = (half_wins - expected).sum(axis=1)
    step = inverse_information(information(met, strengths)) @ gradient
    return gradient, step - step.mean()


def _uphill(half_wins: Floats, strengths: Floats, step: Floats, value: float) -> tuple[Floats, float]:
    """The Newton step, halved until it does not lower the likelihood (beyond rounding)."""
    slack = 1e-12 * abs(value)
    for _ in range(60):
        moved = strengths + step
        reached = log_likelihood(half_wins, moved)
        if reached >= value - slack:
            return moved, reached
        step = 0.5 * step
    return strengths, value
