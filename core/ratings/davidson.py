"""Davidson's model of battles with ties, by maximum likelihood.

With d = theta_i - theta_j the weights of "i wins", "tie", "j wins" are exp(d / 2), nu, exp(-d / 2): two equal systems
tie with probability nu / (2 + nu). The log-likelihood is concave in (theta, log nu), a canonical exponential family;
Newton's method on the pair counts finds its maximum with theta summing to zero. Davidson 1970, On extending the
Bradley-Terry model to accommodate ties, JASA 65.

Without any tie the maximum is nu = 0 and the strengths are Bradley-Terry's. With ties it exists exactly when "beats
or ties" is strongly connected and there is a cycle of systems along which wins (in the direction of the cycle)
outnumber ties; where no cycle has that, strengths and nu can grow together without end. (The likelihood has no
direction of recession: nobody can be moved by delta and log nu by epsilon = 1 / 2 such that delta_i - delta_j >= 1 for
every win and |delta_i - delta_j| <= 1 for every tie. These are difference constraints, which are infeasible exactly
where their graph has a negative cycle.)
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from core.domain.errors import RunoffError
from core.ratings.bradley_terry import MEAN_RATING, POINTS, fit_bradley_terry, inverse_information, laplacian
from core.ratings.identifiability import NotIdentifiableError, examine
from core.ratings.newton import maximise
from core.ratings.outcomes import Floats, Outcomes
from core.ratings.pairs import PairTable, pair_table
from core.ratings.score_rows import ScoreRows

ESTIMAND = "Davidson strengths (ties modelled)"


class TiesTooManyError(RunoffError):
    """Bradley-Terry strengths exist, Davidson's do not."""

    def __init__(self) -> None:
        super().__init__(
            "Davidson's ratings are not identifiable: in no cycle of systems do wins outnumber ties. "
            "More decided battles are needed, or Bradley-Terry with half wins."
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Davidson:
    """``strengths``: (k,) natural logarithms, sum zero. ``nu``: the tie parameter, 0 where there are no ties.

    ``battles``, ``step``, ``tolerance``: as in BradleyTerry.
    """

    systems: tuple[str, ...]
    strengths: Floats
    nu: float
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
    def even_tie(self) -> float:
        """Probability that two equal systems tie."""
        return self.nu / (2.0 + self.nu)

    @property
    def win_probability(self) -> Floats:
        """(k, k), probability that the row's system beats the column's, a tie counting half."""
        win, tie = chances(self.strengths, self._log_nu)
        return win + 0.5 * tie

    @property
    def _log_nu(self) -> float:
        return math.log(self.nu) if self.nu > 0.0 else -math.inf

    def score_rows(self, outcomes: Outcomes) -> ScoreRows:
        """Scores of (theta, log nu); of theta alone where nu is 0."""
        win, tie = chances(self.strengths, self._log_nu)
        mean, spread, mixed, corner = _moments(win, tie)
        cell = outcomes.left * len(self.systems) + outcomes.right
        weight = outcomes.weight
        slope = weight * (outcomes.share - 0.5 - mean.ravel()[cell])
        further = (weight * ((outcomes.share == 0.5) - tie.ravel()[cell]))[:, None]
        extra = int(self.nu > 0.0)
        matrix = _information(pair_table(outcomes).met.astype(np.float64), win, tie)
        size = len(self.systems) + extra
        return ScoreRows(
            left=outcomes.left,
            right=outcomes.right,
            slope=slope,
            curvature=weight * spread.ravel()[cell],
            further=further[:, :extra],
            bread=inverse_information(matrix[:size, :size], extra),
            cross=lambda _: weight * mixed.ravel()[cell],
            corner=lambda _, __: weight * corner.ravel()[cell],
        )


def fit_davidson(pairs: PairTable, *, tolerance: float = 1e-9, max_iterations: int = 200) -> Davidson:
    """Strengths and nu. NotIdentifiableError and TiesTooManyError where they do not exist, ConvergenceError where
    they were not found."""
    identifiability = examine(pairs)
    if not identifiability.identifiable:
        raise NotIdentifiableError(identifiability)
    if not pairs.ties.any():
        return _without_ties(pairs, tolerance, max_iterations)
    if not wins_outnumber_ties(pairs):
        raise TiesTooManyError
    k, battles = len(pairs.systems), float(pairs.met.sum()) / 2.0
    share = float(pairs.ties.sum()) / 2.0 / battles
    found = maximise(
        "Davidson's model",
        np.append(np.zeros(k), math.log(2.0 * share / (1.0 - share))),
        lambda parameters: log_likelihood(pairs, parameters[:k], float(parameters[k])),
        lambda parameters: _newton_step(pairs, parameters),
        weight=battles,
        tolerance=tolerance,
        max_iterations=max_iterations,
    )
    return Davidson(
        systems=pairs.systems,
        strengths=found.parameters[:k],
        nu=math.exp(float(found.parameters[k])),
        battles=battles,
        log_likelihood=found.value,
        iterations=found.iterations,
        step=found.step,
        tolerance=tolerance,
    )


def _without_ties(pairs: PairTable, tolerance: float, max_iterations: int) -> Davidson:
    fit = fit_bradley_terry(pairs, tolerance=tolerance, max_iterations=max_iterations)
    return Davidson(
        systems=fit.systems,
        strengths=fit.strengths,
        nu=0.0,
        battles=fit.battles,
        log_likelihood=fit.log_likelihood,
        iterations=fit.iterations,
        step=fit.step,
        tolerance=fit.tolerance,
    )


def wins_outnumber_ties(pairs: PairTable) -> bool:
    """Whether there is a cycle of systems with more wins than ties: a negative cycle where a win costs -1 and a tie,
    in either direction, 1 (Floyd and Warshall)."""
    cost = np.where(pairs.wins > 0, -1.0, np.where(pairs.ties > 0, 1.0, np.inf))
    np.fill_diagonal(cost, 0.0)
    for via in range(len(cost)):
        cost = np.minimum(cost, cost[:, via, None] + cost[None, via, :])
        if bool((np.diag(cost) < 0.0).any()):
            return True
    return False


def chances(strengths: Floats, log_nu: float) -> tuple[Floats, Floats]:
    """(k, k) probability that the row's system beats the column's, and that they tie; do not overflow."""
    half = 0.5 * (strengths[:, None] - strengths[None, :])
    total = _log_total(half, log_nu)
    return np.exp(half - total), np.exp(log_nu - total)


def log_likelihood(pairs: PairTable, strengths: Floats, log_nu: float) -> float:
    """Natural logarithm, without constants."""
    half = 0.5 * (strengths[:, None] - strengths[None, :])
    total = _log_total(half, log_nu)
    each = pairs.wins * (half - total) + 0.5 * pairs.ties * (log_nu - total)
    return float(each.sum())


def _log_total(half: Floats, log_nu: float) -> Floats:
    total: Floats = np.logaddexp(np.logaddexp(half, -half), log_nu)
    return total


def _moments(win: Floats, tie: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    """(k, k) each, of the result (1/2, 0, -1/2) and of "tie" (0, 1): mean and variance of the result, covariance of
    the two, variance of "tie"."""
    mean = 0.5 * (win - win.T)
    return mean, 0.25 * (win + win.T) - mean**2, -mean * tie, tie * (1.0 - tie)


def _information(met: Floats, win: Floats, tie: Floats) -> Floats:
    """(k + 1, k + 1) of (theta, log nu)."""
    k = len(met)
    _, spread, mixed, corner = _moments(win, tie)
    matrix = np.empty((k + 1, k + 1))
    matrix[:k, :k] = laplacian(met * spread)
    matrix[:k, k] = matrix[k, :k] = (met * mixed).sum(axis=1)
    matrix[k, k] = 0.5 * float((met * corner).sum())
    return matrix


def _newton_step(pairs: PairTable, parameters: Floats) -> tuple[Floats, Floats]:
    k = len(pairs.systems)
    met = pairs.met.astype(np.float64)
    win, tie = chances(parameters[:k], float(parameters[k]))
    results = 0.5 * (pairs.wins - pairs.wins.T) - met * 0.5 * (win - win.T)
    gradient = np.append(results.sum(axis=1), 0.5 * float((pairs.ties - met * tie).sum()))
    step = inverse_information(_information(met, win, tie), 1) @ gradient
    step[:k] -= step[:k].mean()
    return gradient, step
