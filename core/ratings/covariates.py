"""Bradley-Terry with covariates: what the side, the length or the first stage does to votes, and ratings without it.

logit P(left beats right) = theta_left - theta_right + z' beta, ties half a win to each side. ``z`` is a difference,
left minus right, so a rating is that of a battle in which both sides are alike (z = 0). Fitted by Newton's method with
the cluster-robust variances of sandwich.py; controls for style in arenas are of this kind (Chiang et al. 2024,
Chatbot Arena).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from core.domain.errors import InvalidInputError, RunoffError
from core.ratings.bradley_terry import MEAN_RATING, POINTS, fit_bradley_terry, inverse_information
from core.ratings.intervals import reaches
from core.ratings.newton import ConvergenceError, maximise
from core.ratings.outcomes import Floats, Outcomes
from core.ratings.pairs import pair_table
from core.ratings.sandwich import Variance
from core.ratings.score_rows import ScoreRows, sums

_CERTAIN = 25.0
_DETERMINED = 1e-9


class Covariate(StrEnum):
    """What may sway a vote besides the order of the documents."""

    SIDE = "side"  # 1 where the left system stood on the left, 0 where there was no side (interleaved)
    LENGTH = "length"  # log of the words of the shown top documents to the base 2, left minus right
    FIRST_STAGE = "first-stage"  # overlap of the shown top with the first stage's, left minus right


class CovariatesNotIdentifiableError(RunoffError):
    """The votes do not determine what the covariates do."""

    def __init__(self, names: tuple[str, ...], why: str) -> None:
        super().__init__(f"The effect of {', '.join(names)} is not identifiable: {why} Leave it out.")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Design:
    """``names``: q columns. ``values``: (n, q), left minus right, a row for each outcome."""

    names: tuple[str, ...]
    values: Floats

    def __post_init__(self) -> None:
        if self.values.ndim != 2 or self.values.shape[1] != len(self.names):
            raise InvalidInputError(f"{len(self.names)} covariates need values (n, {len(self.names)}).")
        if not bool(np.isfinite(self.values).all()):
            raise InvalidInputError("Covariates must be finite.")

    def where(self, mask: NDArray[np.bool_]) -> Design:
        """The rows where ``mask`` (n,) is true, as Outcomes.where."""
        return Design(names=self.names, values=self.values[mask])


@dataclass(frozen=True, slots=True, kw_only=True)
class CovariateEffect:
    """What one unit of a covariate adds to the left side, in points of rating, with its interval (None where there
    are too few clusters), clustered as the ratings are."""

    name: str
    points: float
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CovariateFit:
    """``strengths``: (k,) natural logarithms, sum zero, both sides alike. ``coefficients``: (q,) log odds for the left
    per unit. ``unadjusted``: (k,) strengths without covariates."""

    systems: tuple[str, ...]
    strengths: Floats
    coefficients: Floats
    unadjusted: Floats
    design: Design
    log_likelihood: float
    iterations: int
    step: float
    tolerance: float

    @property
    def ratings(self) -> Floats:
        """(k,) points, mean 1000."""
        return MEAN_RATING + POINTS * self.strengths

    @property
    def estimand(self) -> str:
        """What the ratings estimate, in words."""
        return f"half-win Bradley-Terry with both sides alike in {', '.join(self.design.names)}"

    def score_rows(self, outcomes: Outcomes) -> ScoreRows:
        """Scores of (strengths, coefficients)."""
        values = self.design.values
        chance = _chance(outcomes, values, np.concatenate([self.strengths, self.coefficients]))
        slope = outcomes.weight * (outcomes.share - chance)
        curvature = outcomes.weight * chance * (1.0 - chance)
        matrix = _information(outcomes, values, curvature)
        return ScoreRows(
            left=outcomes.left,
            right=outcomes.right,
            slope=slope,
            curvature=curvature,
            further=slope[:, None] * values,
            bread=inverse_information(matrix, values.shape[1]),
            cross=lambda a: curvature * values[:, a],
            corner=lambda a, b: curvature * values[:, a] * values[:, b],
        )


def fit_covariates(
    outcomes: Outcomes, design: Design, *, tolerance: float = 1e-9, max_iterations: int = 100
) -> CovariateFit:
    """Strengths and coefficients together.

    NotIdentifiableError as for Bradley-Terry; CovariatesNotIdentifiableError where a column follows from the systems
    or decides votes alone; InvalidInputError for a design of another length.
    """
    if len(design.values) != len(outcomes):
        raise InvalidInputError(f"{len(design.values)} rows of covariates for {len(outcomes)} outcomes.")
    plain = fit_bradley_terry(pair_table(outcomes))
    start = np.append(plain.strengths, np.zeros(len(design.names)))
    _check_determined(outcomes, design, plain.strengths)
    try:
        found = maximise(
            "Bradley-Terry with covariates",
            start,
            lambda parameters: _log_likelihood(outcomes, design.values, parameters),
            lambda parameters: _newton_step(outcomes, design.values, parameters),
            weight=plain.battles,
            tolerance=tolerance,
            max_iterations=max_iterations,
        )
    except (ConvergenceError, np.linalg.LinAlgError) as error:
        raise CovariatesNotIdentifiableError(design.names, "its likelihood has no maximum.") from error
    k = len(outcomes.systems)
    if bool((np.abs(_logit(outcomes, design.values, found.parameters)) > _CERTAIN).any()):
        raise CovariatesNotIdentifiableError(design.names, "it decides some of the votes alone.")
    return CovariateFit(
        systems=outcomes.systems,
        strengths=found.parameters[:k],
        coefficients=found.parameters[k:],
        unadjusted=plain.strengths,
        design=design,
        log_likelihood=found.value,
        iterations=found.iterations,
        step=found.step,
        tolerance=tolerance,
    )


def effects(fit: CovariateFit, variance: Variance | None, *, level: float = 0.95) -> tuple[CovariateEffect, ...]:
    """Every coefficient in points. ``variance``: of the fit; None where there are too few clusters for one."""
    points = POINTS * fit.coefficients
    if variance is None:
        found = zip(fit.design.names, points, strict=True)
        return tuple(CovariateEffect(name=name, points=float(value), low=None, high=None) for name, value in found)
    k = len(fit.systems)
    reach = POINTS * np.sqrt(variance.values[k:]) * reaches(level, variance.degrees[k:])
    return tuple(
        CovariateEffect(name=name, points=float(value), low=float(value - width), high=float(value + width))
        for name, value, width in zip(fit.design.names, points, reach, strict=True)
    )


def _logit(outcomes: Outcomes, values: Floats, parameters: Floats) -> Floats:
    k = len(outcomes.systems)
    strengths = parameters[:k]
    logit: Floats = strengths[outcomes.left] - strengths[outcomes.right] + values @ parameters[k:]
    return logit


def _chance(outcomes: Outcomes, values: Floats, parameters: Floats) -> Floats:
    return 0.5 * (1.0 + np.tanh(0.5 * _logit(outcomes, values, parameters)))


def _log_likelihood(outcomes: Outcomes, values: Floats, parameters: Floats) -> float:
    logit = _logit(outcomes, values, parameters)
    each = outcomes.share * logit - np.logaddexp(0.0, logit)
    return float((outcomes.weight * each).sum())


def _information(outcomes: Outcomes, values: Floats, curvature: Floats) -> Floats:
    """(k + q, k + q)."""
    k, q = len(outcomes.systems), values.shape[1]
    cells = sums(outcomes.left * k + outcomes.right, curvature, k * k).reshape(k, k)
    weights = cells + cells.T
    matrix = np.empty((k + q, k + q))
    matrix[:k, :k] = np.diag(weights.sum(axis=1)) - weights
    for a in range(q):
        column = curvature * values[:, a]
        mixed = sums(outcomes.left, column, k) - sums(outcomes.right, column, k)
        matrix[:k, k + a] = matrix[k + a, :k] = mixed
    matrix[k:, k:] = values.T @ (curvature[:, None] * values)
    return matrix


def _newton_step(outcomes: Outcomes, values: Floats, parameters: Floats) -> tuple[Floats, Floats]:
    k = len(outcomes.systems)
    chance = _chance(outcomes, values, parameters)
    slope = outcomes.weight * (outcomes.share - chance)
    gradient = np.append(sums(outcomes.left, slope, k) - sums(outcomes.right, slope, k), values.T @ slope)
    matrix = _information(outcomes, values, outcomes.weight * chance * (1.0 - chance))
    step: Floats = inverse_information(matrix, values.shape[1]) @ gradient
    step[:k] -= step[:k].mean()
    return gradient, step


def _check_determined(outcomes: Outcomes, design: Design, strengths: Floats) -> None:
    """A column that the systems, or the other columns, already determine has no information of its own."""
    k, values = len(outcomes.systems), design.values
    chance = _chance(outcomes, values, np.append(strengths, np.zeros(values.shape[1])))
    matrix = _information(outcomes, values, outcomes.weight * chance * (1.0 - chance))
    size = np.sqrt(np.diag(matrix)[k:])
    if bool((size == 0.0).any()):
        raise CovariatesNotIdentifiableError(design.names, "a column is 0 in every vote.")
    inside = np.linalg.pinv(matrix[:k, :k])
    own = matrix[k:, k:] - matrix[k:, :k] @ inside @ matrix[:k, k:]
    if float(np.linalg.eigvalsh(own / np.outer(size, size))[0]) <= _DETERMINED:
        raise CovariatesNotIdentifiableError(design.names, "it follows from which systems met.")
