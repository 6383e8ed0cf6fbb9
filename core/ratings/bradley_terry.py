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

from core.ratings.identifiability import NotIdentifiableError, examine
from core.ratings.newton import maximise
from core.ratings.outcomes import Floats, Outcomes
from core.ratings.pairs import Counts, PairTable, pair_table
from core.ratings.score_rows import ScoreRows

POINTS = 400.0 / math.log(10.0)
MEAN_RATING = 1000.0
ESTIMAND = "half-win Bradley-Terry"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BradleyTerry:
    """``strengths``: (k,) natural logarithms, sum zero. ``step``: what the last iteration changed at most.

    ``tolerance``: the largest such step that ends the iteration, in the unit of the strengths.
    ``battles``: the weight of all outcomes, their number where nothing is weighted.
    """

    systems: tuple[str, ...]
    strengths: Floats
    battles: float
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

    def score_rows(self, outcomes: Outcomes) -> ScoreRows:
        """Score (share - P) x and information P (1 - P) x x' of every outcome, times its weight."""
        k, probability = len(self.systems), self.win_probability
        cell = outcomes.left * k + outcomes.right
        bread = inverse_information(information(pair_table(outcomes).met, self.strengths))
        slope, curvature = outcomes.share - probability.ravel()[cell], (probability * probability.T).ravel()[cell]
        if not outcomes.weighted_equally:
            slope, curvature = outcomes.weight * slope, outcomes.weight * curvature
        return ScoreRows(
            left=outcomes.left,
            right=outcomes.right,
            slope=slope,
            curvature=curvature,
            further=np.empty((len(outcomes), 0)),
            bread=bread,
        )


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
    battles = float(met.sum()) / 2.0
    found = maximise(
        "Bradley-Terry",
        np.zeros(len(pairs.systems)),
        lambda strengths: log_likelihood(half_wins, strengths),
        lambda strengths: _newton_step(half_wins, met, strengths),
        weight=battles,
        tolerance=tolerance,
        max_iterations=max_iterations,
    )
    return BradleyTerry(
        systems=pairs.systems,
        strengths=found.parameters,
        battles=battles,
        log_likelihood=found.value,
        iterations=found.iterations,
        step=found.step,
        tolerance=tolerance,
    )


def log_likelihood(half_wins: Floats, strengths: Floats) -> float:
    """sum_ij W_ij log P(i beats j), natural logarithm."""
    difference = strengths[:, None] - strengths[None, :]
    return float(-(half_wins * np.logaddexp(0.0, -difference)).sum())


def information(met: Counts, strengths: Floats) -> Floats:
    """(k, k) observed information: the Laplacian of battles times P (1 - P); its null space is the constant."""
    probability = win_probability(strengths)
    return laplacian(met * probability * probability.T)


def laplacian(weights: Floats) -> Floats:
    """(k, k) sum over pairs of weight times x x', x = e_i - e_j. ``weights``: (k, k), symmetric."""
    found: Floats = np.diag(weights.sum(axis=1)) - weights
    return found


def inverse_information(matrix: Floats, further: int = 0) -> Floats:
    """(k + q, k + q) inverse on the strengths that sum to zero; ``further``: q, parameters after the k strengths."""
    k = len(matrix) - further
    constant = np.zeros(matrix.shape)
    constant[:k, :k] = 1.0 / k
    scale = float(np.trace(matrix[:k, :k])) / k
    inverse: Floats = np.linalg.inv(matrix + scale * constant) - constant / scale
    return inverse


def _newton_step(half_wins: Floats, met: Counts, strengths: Floats) -> tuple[Floats, Floats]:
    expected = met * win_probability(strengths)
    gradient = (half_wins - expected).sum(axis=1)
    step = inverse_information(information(met, strengths)) @ gradient
    return gradient, step - step.mean()
