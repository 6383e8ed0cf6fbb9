"""Simultaneous rank sets: with 95 % probability every system's rank lies in its set, for all systems together.

Of all pairs the largest |t| is compared with its distribution when no two systems differ (Gaussian multiplier
bootstrap: the clusters' contributions times independent N(0, 1); being linear, they sum to draws from
N(0, covariance), which is how they are drawn). Pairs beyond the quantile are told apart and the rest is judged again
without them (step-down, Romano and Wolf 2005), each pair as two one-sided hypotheses so that the direction is
covered, too (Mogstad, Romano, Shaikh and Wilhelm 2024, Inference for ranks). The rank set of a system is
[1 + systems clearly above, k - systems clearly below].

Few clusters: every t is put on the normal scale by its own degrees of freedom, Phi^-1 of Student's tail, and the
draws have errors of their own, estimated from as many draws of N(0, covariance) as there are degrees of freedom (the
median of the pairs): errors that vary apart spread the largest |t| further than one common error would. Four fifths
of the error allowed are spent on the quantile, the rest is left for what is approximate: degrees of freedom as if
votes were normal, correlations as estimated, a finite number of draws.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from core.domain.student import two_sided_tail
from core.ratings.cluster_covariance import of_differences
from core.ratings.contrast_errors import ContrastErrors, contrast_errors
from core.ratings.intervals import ClusterBy
from core.ratings.outcomes import Floats, Integers, Outcomes
from core.ratings.score_rows import Fit

_BEYOND = 38.0  # normal quantile of the smallest tail that a float holds
_CHUNK = 100
_SPENT = 0.8
_MANY = 100  # degrees of freedom from which errors are as good as known


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RankSets:
    """``lowest``, ``highest``: (k,) ranks from 1, the best. ``separated``: (k, k), the row's system is clearly ahead
    of the column's. ``critical``: the normal quantile that separates, after the last step. ``by``: what hangs together.
    """

    systems: tuple[str, ...]
    lowest: Integers
    highest: Integers
    separated: NDArray[np.bool_]
    critical: float
    level: float
    by: ClusterBy


def rank_sets(
    outcomes: Outcomes,
    fit: Fit,
    *,
    by: ClusterBy | None = None,
    level: float = 0.95,
    draws: int = 1000,
    seed: int = 0,
) -> RankSets:
    """Of a fit of the same outcomes. Where clusters tell nothing of a difference, nothing is told apart.

    ``by`` None: ``suitable_clusters``.
    """
    return rank_sets_of(contrast_errors(outcomes, fit, by=by), level=level, draws=draws, seed=seed)


def rank_sets_of(contrasts: ContrastErrors, *, level: float = 0.95, draws: int = 1000, seed: int = 0) -> RankSets:
    """``rank_sets`` where the contrasts are at hand. ``draws``: of the bootstrap. ``seed``: of its generator."""
    k = len(contrasts.systems)
    first, second = np.triu_indices(k, 1)
    ahead = contrasts.difference[first, second] >= 0.0
    above, below = np.where(ahead, first, second), np.where(ahead, second, first)
    known = np.isfinite(contrasts.error[first, second])
    degrees = float(np.median(contrasts.degrees[first, second][known])) if known.any() else math.inf
    quantiles = np.array([_normal_quantile(contrasts.tail(i, j)) for i, j in zip(above, below, strict=True)])
    drawn = _draws(contrasts.covariance, degrees, above, below, draws, np.random.default_rng(seed))
    clear, critical = _step_down(quantiles, drawn, degrees, level)
    separated = np.zeros((k, k), dtype=np.bool_)
    separated[above[clear], below[clear]] = True
    return RankSets(
        systems=contrasts.systems,
        lowest=1 + separated.sum(axis=0),
        highest=k - separated.sum(axis=1),
        separated=separated,
        critical=critical,
        level=level,
        by=contrasts.by,
    )


def _draws(
    covariance: Floats, degrees: float, above: Integers, below: Integers, draws: int, rng: np.random.Generator
) -> NDArray[np.float32]:
    """(draws, pairs) t of every difference when no two systems differ."""
    values, vectors = np.linalg.eigh(covariance)
    root = (vectors * np.sqrt(np.maximum(values, 0.0))).T
    found = np.empty((draws, len(above)), dtype=np.float32)
    for start in range(0, draws, _CHUNK):
        some = min(_CHUNK, draws - start)
        strengths = rng.standard_normal((some, len(root))) @ root
        squares = covariance[None]
        if degrees < _MANY:
            clusters = max(1, round(degrees))
            given = rng.standard_normal((some, clusters, len(root))) @ root
            squares = np.swapaxes(given, 1, 2) @ given / clusters
        error = np.sqrt(of_differences(squares)[:, above, below])
        scale = np.divide(1.0, error, out=np.zeros_like(error), where=error > 0.0)
        found[start : start + some] = (strengths[:, above] - strengths[:, below]) * scale
    return found


def _step_down(
    quantiles: Floats, drawn: NDArray[np.float32], degrees: float, level: float
) -> tuple[NDArray[np.bool_], float]:
    """(pairs,) which are told apart, and the last critical value. ``drawn``: (draws, pairs) with ``degrees``."""
    clear = np.zeros(len(quantiles), dtype=np.bool_)
    if not len(quantiles):
        return clear, 0.0
    place = min(len(drawn), math.ceil((len(drawn) + 1) * (1.0 - _SPENT * (1.0 - level)))) - 1
    wrong_way = -drawn.min(axis=1)  # the hypothesis "not below" of every pair stays
    while True:
        largest = np.maximum(wrong_way, drawn[:, ~clear].max(axis=1, initial=0.0))
        t = float(np.partition(largest, place)[place])
        critical = t if degrees >= _MANY else _normal_quantile(two_sided_tail(t, max(1.0, round(degrees))))
        found = quantiles > critical
        if bool((found <= clear).all()):
            return clear, critical
        clear |= found


def _normal_quantile(tail: float) -> float:
    """The |z| with this two-sided tail."""
    half = 0.5 * tail  # zero also where the tail is the smallest that a float holds
    return -NormalDist().inv_cdf(half) if half > 0.0 else _BEYOND
