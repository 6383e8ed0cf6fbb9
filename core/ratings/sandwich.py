"""Variances of fitted strengths that allow for votes of one cluster (voter, query) to hang together.

The score of a cluster g is S_g, the sum of its outcomes' scores; for Bradley-Terry (share - P) x with
x = e_left - e_right. H is the observed information, H_g that of one cluster, B the inverse of H on strengths that sum
to zero. The sandwich is sum_g (B S_g)(B S_g)'. The same for every model that has ``score_rows``.

plain: every vote a cluster of its own (a vote over several systems is one), no correction.
CR1: times e / (e - 1), e - 1 degrees of freedom, with e the effective number of a system's clusters,
(sum m)^2 / sum m^2 over the information m that each has about it: G where they are equal, far fewer where one voter
has most of the votes (with G itself the interval of 400 voters of very unequal counts covers 79 %, with e 94 %).
CR2: S_g is replaced by (I - H_g B)^(-1/2) S_g (Bell and McCaffrey 2002; for likelihoods Kauermann and Carroll 2001),
with Bell-McCaffrey degrees of freedom (tr O)^2 / tr(O^2) for each system, O the covariance of the clusters'
contributions under the model. Exact where clusters are few or of unequal size; costs an eigenvalue problem each.

Of a system that one cluster alone has met, clusters tell nothing: its variance is infinite.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.domain.errors import RunoffError
from core.ratings.cluster_parts import LARGEST_TABLE, adjustment, meat
from core.ratings.outcomes import Floats, Integers, Outcomes
from core.ratings.score_rows import Fit, ScoreRows, sums

LARGEST_CR2 = 300
_NOTICEABLE = 1e-6


class TooFewClustersError(RunoffError):
    """One voter or one query says nothing of how much others would differ."""

    def __init__(self, kind: str, count: int) -> None:
        super().__init__(f"No interval from {count} {kind}: at least two are needed.")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Variance:
    """``values``: (k + q,) variances of the strengths (natural logarithms, relative to their mean) and then of the
    model's further parameters; ``degrees``: (k + q,)."""

    values: Floats
    degrees: Floats
    method: str
    clusters: int


def plain(outcomes: Outcomes, fit: Fit) -> Variance:
    """Votes are independent of one another."""
    rows = fit.score_rows(outcomes)
    if outcomes.one_per_vote:
        clusters, values = len(outcomes), _diagonal(rows, rows.meat())
    else:
        position, clusters = numbered(outcomes.vote)
        values = squares(rows, position, clusters)
    return Variance(values=values, degrees=np.full(len(values), np.inf), method="plain", clusters=clusters)


def clustered(outcomes: Outcomes, fit: Fit, cluster: Integers, *, kind: str) -> Variance:
    """CR2 up to 300 clusters, CR1 above. ``cluster``: (n,), any integers. TooFewClustersError under two."""
    return clustered_rows(fit.score_rows(outcomes), cluster, kind=kind)


def clustered_rows(rows: ScoreRows, cluster: Integers, *, kind: str) -> Variance:
    """``clustered`` for scores that are at hand."""
    position, groups = numbered(cluster)
    if groups < 2:
        raise TooFewClustersError(kind, groups)
    return _cr2(rows, position, groups) if groups <= LARGEST_CR2 else cr1(rows, position, groups)


def influences(outcomes: Outcomes, fit: Fit, position: Integers, groups: int) -> Floats:
    """(groups, k): what each cluster gives to every strength. ``position``: (n,) in range(groups)."""
    rows = fit.score_rows(outcomes)
    moved: Floats = rows.cluster_scores(position, groups) @ rows.bread[:, : rows.systems]
    return moved


def numbered(cluster: Integers) -> tuple[Integers, int]:
    """Any integers (n,) as (n,) in range(groups), in their order, and groups."""
    if not len(cluster):
        return cluster, 0
    low, size = int(cluster.min()), int(cluster.max()) - int(cluster.min()) + 1
    if size <= 2 * len(cluster):
        present = np.bincount(cluster - low, minlength=size) > 0
        place = np.cumsum(present) - 1
        return place[cluster - low], int(place[-1]) + 1
    order = np.argsort(cluster)
    place = np.cumsum(np.diff(cluster[order], prepend=cluster[order[0]]) > 0)
    position = np.empty_like(cluster)
    position[order] = place
    return position, int(place[-1]) + 1


def cr1(rows: ScoreRows, position: Integers, groups: int) -> Variance:
    """CR1 for clusters (n,) in range(groups), two or more."""
    degrees = np.full(len(rows.bread), groups - 1.0)
    degrees[: rows.systems] = np.minimum(groups, _effective(rows, position, groups)) - 1.0
    few = np.maximum(degrees, _NOTICEABLE)
    values = squares(rows, position, groups) * (few + 1.0) / few
    values[degrees <= _NOTICEABLE] = np.inf
    return Variance(values=values, degrees=few, method="CR1", clusters=groups)


def _effective(rows: ScoreRows, position: Integers, groups: int) -> Floats:
    """(k,) effective number of clusters of each system."""
    k = rows.systems
    if groups * k <= LARGEST_TABLE:
        start, size = position * k, groups * k
        inside = sums(start + rows.left, rows.curvature, size) + sums(start + rows.right, rows.curvature, size)
        parts = inside.reshape(groups, k)
        effective: Floats = parts.sum(axis=0) ** 2 / np.einsum("gi,gi->i", parts, parts)
        return effective
    effective = np.empty(k)
    for system in range(k):
        mine = (rows.left == system) | (rows.right == system)
        part = sums(position[mine], rows.curvature[mine], groups)
        effective[system] = part.sum() ** 2 / (part**2).sum()
    return effective


def squares(rows: ScoreRows, position: Integers, groups: int) -> Floats:
    """(k + q,) sum over clusters of (B S_g)^2."""
    return _diagonal(rows, meat(rows, position, groups))


def _diagonal(rows: ScoreRows, meat: Floats) -> Floats:
    values: Floats = np.einsum("ij,jk,ik->i", rows.bread, meat, rows.bread, optimize=True)
    return values


def _cr2(rows: ScoreRows, position: Integers, groups: int) -> Variance:
    by = adjustment(rows, position, groups)
    parts = np.einsum("gij,gj->gi", by.adjusted, rows.cluster_scores(position, groups))
    own = np.einsum("gij,gjk,gki->gi", by.adjusted, by.inside, by.adjusted, optimize=True)  # (G, p)
    lost = (by.shared**2).sum(axis=1)  # (G, p)
    mean = (own - lost).sum(axis=0)
    cross = np.einsum("gai,gbi->iab", by.shared, by.shared, optimize=True)
    square = (own**2 - 2.0 * own * lost).sum(axis=0) + (cross**2).sum(axis=(1, 2))
    return Variance(
        values=(parts**2).sum(axis=0) + _undetermined(rows.bread, by.directions),
        degrees=np.maximum(mean**2 / np.maximum(square, np.finfo(np.float64).tiny), _NOTICEABLE),
        method="CR2 with Bell-McCaffrey degrees of freedom",
        clusters=groups,
    )


def _undetermined(bread: Floats, directions: Floats) -> Floats:
    """(k + q,) variance for the directions (d, k + q) that one cluster alone determines (leverage 1, no residual).

    Infinite where more than half of a parameter's model variance lies in them; otherwise that part of it: such a
    parameter only feels them by way of the mean of all systems.
    """
    share = (directions**2).sum(axis=0)
    return np.where(share > 0.5 * np.diag(bread), np.inf, share)
