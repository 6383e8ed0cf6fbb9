"""Covariance of all strengths from clusters, and degrees of freedom of every difference of two.

As in core/ratings/sandwich.py, CR2 with Bell-McCaffrey degrees of freedom up to 300 clusters and CR1 above, but the
whole (k, k) matrix, because the variance of a difference needs it. Two cases tell nothing of how much other clusters
would differ, and make every difference with such a system unknown (infinite variance):
CR2: a direction that one cluster alone determines (leverage 1).
CR1: a system that one cluster alone met. Since CR1 itself allows for few clusters only as a whole, a system's
effective number of clusters e = (sum_g m_g)^2 / sum_g m_g^2, m_g the cluster's battles of it, bounds the degrees of
freedom by e - 1 and inflates the variance by e / (e - 1).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.ratings.cluster_parts import Adjustment, adjustment, meat
from core.ratings.outcomes import Floats, Integers
from core.ratings.sandwich import LARGEST_CR2, numbered
from core.ratings.score_rows import ScoreRows

_NOTICEABLE = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ClusterCovariance:
    """``values``: (k, k) of the strengths, sum zero. ``variance``, ``degrees``: (k, k) of the row's minus the
    column's; infinite variance where the clusters tell nothing. ``clusters``: how many."""

    values: Floats
    variance: Floats
    degrees: Floats
    clusters: int


def cluster_covariance(rows: ScoreRows, cluster: Integers) -> ClusterCovariance:
    """``cluster``: (n,), any integers. Under two clusters every variance is infinite."""
    position, groups = numbered(cluster)
    if groups < 2:
        return _unknown(rows.systems, groups)
    return _cr2(rows, position, groups) if groups <= LARGEST_CR2 else _cr1(rows, position, groups)


def cr1_covariance(rows: ScoreRows, cluster: Integers) -> Floats:
    """(k, k) of the strengths by CR1, also of many small clusters. ``cluster``: (n,), any integers, two or more."""
    position, groups = numbered(cluster)
    side = rows.bread[:, : rows.systems]
    found: Floats = side.T @ meat(rows, position, groups) @ side
    return found * groups / (groups - 1)


def of_differences(matrices: Floats) -> Floats:
    """(..., k, k) from symmetric (..., k, k): m_ii + m_jj - 2 m_ij, never below 0."""
    diagonal = np.diagonal(matrices, axis1=-2, axis2=-1)
    found: Floats = diagonal[..., :, None] + diagonal[..., None, :] - 2.0 * matrices
    return np.maximum(found, 0.0)


def _unknown(k: int, groups: int) -> ClusterCovariance:
    variance = np.full((k, k), np.inf)
    np.fill_diagonal(variance, 0.0)
    return ClusterCovariance(values=np.zeros((k, k)), variance=variance, degrees=np.ones((k, k)), clusters=groups)


def _cr1(rows: ScoreRows, position: Integers, groups: int) -> ClusterCovariance:
    k = rows.systems
    values = cr1_covariance(rows, position)
    battles = np.bincount(position * k + rows.left, minlength=groups * k)
    battles = (battles + np.bincount(position * k + rows.right, minlength=groups * k)).reshape(groups, k)
    squares = np.einsum("gi,gi->i", battles, battles)
    effective = battles.sum(axis=0) ** 2 / np.maximum(squares, 1)
    degrees = np.minimum(groups, np.minimum(effective[:, None], effective[None, :])) - 1.0
    few = np.maximum(degrees, _NOTICEABLE)
    variance = of_differences(values) * np.where(degrees < groups - 1.0, (few + 1.0) / few, 1.0)
    variance[degrees <= _NOTICEABLE] = np.inf
    np.fill_diagonal(variance, 0.0)
    return ClusterCovariance(values=values, variance=variance, degrees=few, clusters=groups)


def _cr2(rows: ScoreRows, position: Integers, groups: int) -> ClusterCovariance:
    k = rows.systems
    by = adjustment(rows, position, groups)
    adjusted, shared = by.adjusted[:, :, :k], by.shared[:, :, :k]
    parts = np.einsum("gpi,gp->gi", adjusted, rows.cluster_scores(position, groups))
    values = parts.T @ parts
    variance = of_differences(values)
    variance[_determined(by, k)] = np.inf
    np.fill_diagonal(variance, 0.0)
    degrees = _bell_mccaffrey(np.swapaxes(adjusted, 1, 2) @ by.inside @ adjusted, shared)
    return ClusterCovariance(values=values, variance=variance, degrees=degrees, clusters=groups)


def _determined(by: Adjustment, k: int) -> NDArray[np.bool_]:
    """(k, k), whether a direction that one cluster alone determines has a part in the difference."""
    directions = by.directions[:, :k]
    share = ((directions[:, :, None] - directions[:, None, :]) ** 2).sum(axis=0)
    bread = (by.root @ by.root)[:k, :k]
    found: NDArray[np.bool_] = share > _NOTICEABLE * np.maximum(of_differences(bread), 1e-300)
    return found


def _bell_mccaffrey(own: Floats, shared: Floats) -> Floats:
    """(k, k) degrees of freedom of every difference.

    ``own``: (G, k, k), covariance of what cluster g gives under the model. ``shared``: (G, p, k), column i is what it
    gives to the fit of strength i; with b_g the difference of two columns, (trace O)^2 / trace O^2 where O has
    own_g - b_g'b_g on the diagonal and -b_g'b_h beside it.
    """
    single = of_differences(own)
    lost = of_differences(np.swapaxes(shared, 1, 2) @ shared)
    k = own.shape[1]
    trace, square = (single - lost).sum(axis=0), (single**2 - 2.0 * single * lost).sum(axis=0)
    for i in range(k - 1):
        b = np.moveaxis(shared[:, :, i, None] - shared[:, :, i + 1 :], 2, 0)  # (later, G, p)
        together = np.swapaxes(b, 1, 2) @ b
        cross = np.einsum("jab,jab->j", together, together)
        square[i, i + 1 :] += cross
        square[i + 1 :, i] += cross
    degrees = np.ones((k, k))
    np.divide(trace**2, square, out=degrees, where=square > 0.0)
    return np.maximum(degrees, _NOTICEABLE)
