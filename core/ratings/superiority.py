"""Does one system beat another? Three figures that must not be mixed up.

``win``: the model's probability that the first beats the second in one battle, 1 / (1 + exp(-d)) with d the
difference of the strengths; its limits are those of d +- t times its clustered standard error, put through the same
function. In Bradley-Terry with half wins a tie counts half, in Davidson's model it is the share of decided battles.
``direct``: what their own battles say without a model, half wins over battles, with Wilson limits (1927) at the
effective number of votes p (1 - p) / V, V the clustered variance of the share, times (z / t)^2 for few clusters
(Korn and Graubard 1998). Not more than the battles; where all went one way, not more than the clusters.
``stronger``: how sure it is that d is above 0, P(T <= d / error) of Student's t.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from core.domain.errors import UnknownNameError
from core.domain.student import two_sided_quantile
from core.ratings.contrast_errors import ContrastErrors, contrast_errors
from core.ratings.intervals import ClusterBy, suitable_clusters
from core.ratings.outcomes import Floats, Integers, Outcomes
from core.ratings.sandwich import numbered
from core.ratings.score_rows import Fit, sums


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadToHead:
    """Battles of these two only. ``share``: half wins of the first over battles, with its limits. ``effective``: the
    number of independent votes that would say as much."""

    share: float
    low: float
    high: float
    battles: int
    effective: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Superiority:
    """``win``, ``stronger``, ``direct``: see the module. ``direct`` is None where the two never met.

    Where the clusters tell nothing of the difference, the limits are 0 and 1 and ``stronger`` is 0.5.
    """

    first: str
    second: str
    win: float
    win_low: float
    win_high: float
    stronger: float
    direct: HeadToHead | None
    level: float
    by: ClusterBy


def superiority(
    outcomes: Outcomes,
    fit: Fit,
    first: str,
    second: str,
    *,
    level: float = 0.95,
    contrasts: ContrastErrors | None = None,
) -> Superiority:
    """Of a fit of the same outcomes. ``contrasts``: of it, where at hand. UnknownNameError for a system that is not
    rated."""
    contrasts = contrast_errors(outcomes, fit) if contrasts is None else contrasts
    i, j = (_position(fit, name) for name in (first, second))
    difference, error = float(contrasts.difference[i, j]), float(contrasts.error[i, j])
    reach = error * two_sided_quantile(level, float(contrasts.degrees[i, j])) if error < math.inf else math.inf
    tail = 0.5 * contrasts.tail(i, j)
    return Superiority(
        first=first,
        second=second,
        win=_logistic(difference),
        win_low=_logistic(difference - reach),
        win_high=_logistic(difference + reach),
        stronger=tail if difference < 0.0 else 1.0 - tail,
        direct=head_to_head(outcomes, i, j, level=level),
        level=level,
        by=contrasts.by,
    )


def head_to_head(outcomes: Outcomes, first: int, second: int, *, level: float = 0.95) -> HeadToHead | None:
    """Of the systems at these positions, None where they never met. Clusters are chosen for the whole board."""
    forward = (outcomes.left == first) & (outcomes.right == second)
    met = np.flatnonzero(forward | ((outcomes.left == second) & (outcomes.right == first)))
    if not len(met):
        return None
    mine = np.where(forward[met], outcomes.share[met], 1.0 - outcomes.share[met])
    weight = outcomes.weight[met]
    share = float((weight * mine).sum() / weight.sum())
    effective = _effective(outcomes, met, weight * (mine - share) / weight.sum(), share, level)
    low, high = wilson(share, effective, level)
    return HeadToHead(share=share, low=low, high=high, battles=len(met), effective=effective)


def wilson(share: float, n: float, level: float) -> tuple[float, float]:
    """Limits of a share of ``n`` independent trials, which need not be whole."""
    z = two_sided_quantile(level, math.inf)
    square = z * z / n
    middle = (share + square / 2.0) / (1.0 + square)
    reach = z / (1.0 + square) * math.sqrt(share * (1.0 - share) / n + square / (4.0 * n))
    return max(0.0, middle - reach), min(1.0, middle + reach)


def _effective(outcomes: Outcomes, met: Integers, part: Floats, share: float, level: float) -> float:
    """``part``: (m,) what each battle adds to the error of the share."""
    by = suitable_clusters(outcomes)
    columns = {ClusterBy.VOTER: [outcomes.voter], ClusterBy.QUERY: [outcomes.query]}.get(
        by, [outcomes.voter, outcomes.query]
    )
    clusters = [numbered(column[met]) for column in columns]
    fewest = min(count for _, count in clusters)
    if fewest < 2:
        return 1.0
    single = [_variance(part, position, count) for position, count in clusters]
    variance = max(single)
    if len(columns) == 2:
        cell = numbered(outcomes.voter[met] * len(outcomes.queries) + outcomes.query[met])
        variance = max(variance, sum(single) - _variance(part, *cell))
    if variance <= 0.0:
        return float(fewest)
    few = (two_sided_quantile(level, math.inf) / two_sided_quantile(level, fewest - 1.0)) ** 2
    return max(1.0, few * min(float(len(met)), share * (1.0 - share) / variance))


def _variance(part: Floats, position: Integers, count: int) -> float:
    return float((sums(position, part, count) ** 2).sum()) * count / max(1, count - 1)


def _position(fit: Fit, name: str) -> int:
    if name not in fit.systems:
        raise UnknownNameError("system", name, fit.systems)
    return fit.systems.index(name)


def _logistic(difference: float) -> float:
    return 0.5 * (1.0 + math.tanh(0.5 * difference))
