"""Which systems can be told apart from the leader: intervals of differences, not overlap of intervals.

The difference of two strengths has the clustered variance sum_g (u_gi - u_gj)^2 G / (G - 1) with u_g = B S_g, the
influence of cluster g (CR1, see sandwich.py); the larger of the two where voters and queries are both clusters.
The leader is chosen by looking, so any of the k (k - 1) / 2 pairs may be the one that is read: all of them are judged
together at 95 % (Bonferroni).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from core.domain.student import two_sided_quantile
from core.ratings.bradley_terry import BradleyTerry
from core.ratings.intervals import ClusterBy, suitable_clusters
from core.ratings.outcomes import Floats, Integers, Outcomes
from core.ratings.sandwich import influences


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """``leader``; ``level_with``: systems that cannot be told apart from it; ``behind``: those that can."""

    leader: str
    level_with: tuple[str, ...]
    behind: tuple[str, ...]


def standing(outcomes: Outcomes, fit: BradleyTerry, *, level: float = 0.95) -> Standing:
    """Compare every system with the one of the highest rating (ties: the first by name)."""
    leader = int(np.argmax(fit.strengths))
    others = [i for i in range(len(fit.systems)) if i != leader]
    errors, degrees = _differences(outcomes, fit, leader)
    pairs = len(fit.systems) * len(others) / 2
    reach = two_sided_quantile(1.0 - (1.0 - level) / pairs, degrees) if others else 0.0
    order = sorted(others, key=lambda i: -fit.strengths[i])
    clear = {i for i in others if fit.strengths[leader] - fit.strengths[i] > reach * errors[i]}
    return Standing(
        leader=fit.systems[leader],
        level_with=tuple(fit.systems[i] for i in order if i not in clear),
        behind=tuple(fit.systems[i] for i in order if i in clear),
    )


def _differences(outcomes: Outcomes, fit: BradleyTerry, leader: int) -> tuple[Floats, float]:
    """Standard errors (k,) of leader minus each system, in strengths, and degrees of freedom; infinite errors
    where one cluster says nothing of how much others would differ."""
    by = suitable_clusters(outcomes)
    columns: list[Integers] = []
    if by in (ClusterBy.QUERY, ClusterBy.BOTH):
        columns.append(outcomes.query)
    if by in (ClusterBy.VOTER, ClusterBy.BOTH):
        columns.append(outcomes.voter)
    variance, degrees = np.zeros(len(fit.systems)), math.inf
    for column in columns:
        names, position = np.unique(column, return_inverse=True)
        groups = len(names)
        if groups < 2:
            return np.full(len(fit.systems), np.inf), 1.0
        parts = influences(outcomes, fit, position, groups)
        squares = ((parts[:, [leader]] - parts) ** 2).sum(axis=0) * groups / (groups - 1)
        variance, degrees = np.maximum(variance, squares), min(degrees, groups - 1.0)
    errors: Floats = np.sqrt(variance)
    return errors, degrees
