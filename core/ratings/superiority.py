"""Does one system beat another? Three figures that must not be mixed up.

``win``: the model's probability that the first beats the second in one battle, a tie counting half, with d the
difference of the strengths: 1/2 + sinh(d / 2) / (2 cosh(d / 2) + nu), nu of Davidson's model, 0 in Bradley-Terry,
where it is 1 / (1 + exp(-d)). Its limits are those of d +- t times its clustered standard error, put through the same
function, with nu as it was estimated.
``stronger``: how sure it is that d is above 0, P(T <= d / error) of Student's t.
Head to head: what their own battles say without a model, half wins over battles, with Wilson limits at the effective
number of votes p (1 - p) / V, V the clustered variance of the share, times (z / t)^2 for few clusters (Korn and
Graubard 1998). Not more than the battles; where all went one way, not more than the clusters.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from core.domain.student import two_sided_quantile
from core.domain.wilson import wilson
from core.ratings.contrast_errors import ContrastErrors
from core.ratings.intervals import ClusterBy, suitable_clusters
from core.ratings.outcomes import Floats, Integers, Outcomes
from core.ratings.sandwich import numbered
from core.ratings.score_rows import sums


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
class Advantage:
    """``win`` with its limits ``low`` and ``high``, and ``stronger``: see the module.

    Where the clusters tell nothing of the difference, the limits are 0 and 1 and ``stronger`` is 0.5.
    """

    win: float
    low: float
    high: float
    stronger: float


def advantage(contrasts: ContrastErrors, i: int, j: int, *, nu: float = 0.0, level: float = 0.95) -> Advantage:
    """Of the system at position i over that at j, by the model. ``nu``: of Davidson's ties."""
    difference, error, degrees = (float(of[i, j]) for of in (contrasts.difference, contrasts.error, contrasts.degrees))
    known = error < math.inf and degrees > 0.0
    reach = error * two_sided_quantile(level, degrees) if known else math.inf
    tail = 0.5 * contrasts.tail(i, j) if known else 0.5
    return Advantage(
        win=_win(difference, nu),
        low=_win(difference - reach, nu),
        high=_win(difference + reach, nu),
        stronger=tail if difference < 0.0 else 1.0 - tail,
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


def _win(difference: float, nu: float) -> float:
    """Written with exp(-|d|), which does not overflow."""
    small = math.exp(-abs(difference))
    half = 0.5 * (1.0 - small) / (1.0 + small + nu * math.sqrt(small))
    return 0.5 + math.copysign(half, difference)
