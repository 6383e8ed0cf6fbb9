"""Variances of Bradley-Terry strengths that allow for votes of one cluster (voter, query) to hang together.

The score of a cluster g is S_g = sum over its votes of (share - P) x, with x = e_left - e_right; H is the observed
information, H_g that of one cluster, B the inverse of H on strengths that sum to zero. The sandwich is
sum_g (B S_g)(B S_g)'.

plain: every vote a cluster of its own, no correction.
CR1: times G / (G - 1); degrees of freedom G - 1.
CR2: S_g is replaced by (I - H_g B)^(-1/2) S_g (Bell and McCaffrey 2002; for likelihoods Kauermann and Carroll 2001),
with Bell-McCaffrey degrees of freedom (tr O)^2 / tr(O^2) for each system, O the covariance of the clusters'
contributions under the model. Exact where clusters are few or of unequal size; costs an eigenvalue problem each.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.domain.errors import RunoffError
from core.ratings.bradley_terry import BradleyTerry, information, inverse_information, win_probability
from core.ratings.outcomes import Floats, Integers, Outcomes
from core.ratings.pairs import pair_table

LARGEST_CR2 = 300
_LARGEST_TABLE = 5_000_000
_LEVERAGE_ONE = 1e-9


class TooFewClustersError(RunoffError):
    """One voter or one query says nothing of how much others would differ."""

    def __init__(self, kind: str, count: int) -> None:
        super().__init__(f"No interval from {count} {kind}: at least two are needed.")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Variance:
    """``values``: (k,) variances of the strengths (natural logarithms, relative to their mean); ``degrees``: (k,)."""

    values: Floats
    degrees: Floats
    method: str
    clusters: int


def plain(outcomes: Outcomes, fit: BradleyTerry) -> Variance:
    """Votes are independent of one another."""
    k = len(fit.systems)
    squares = _residuals(outcomes, fit) ** 2
    cells = _sums(outcomes.left * k + outcomes.right, squares, k * k).reshape(k, k)
    weights = cells + cells.T
    middle = np.diag(weights.sum(axis=1)) - weights
    bread = _bread(outcomes, fit)
    values = np.einsum("ij,jk,ik->i", bread, middle, bread)
    return Variance(values=values, degrees=np.full(k, np.inf), method="plain", clusters=len(outcomes))


def clustered(outcomes: Outcomes, fit: BradleyTerry, cluster: Integers, *, kind: str) -> Variance:
    """CR2 up to 300 clusters, CR1 above. ``cluster``: (n,), any integers. TooFewClustersError under two."""
    names, position = np.unique(cluster, return_inverse=True)
    if len(names) < 2:
        raise TooFewClustersError(kind, len(names))
    if len(names) <= LARGEST_CR2:
        return _cr2(outcomes, fit, position, len(names))
    return _cr1(outcomes, fit, position, len(names))


def influences(outcomes: Outcomes, fit: BradleyTerry, position: Integers, groups: int) -> Floats:
    """(groups, k): what each cluster gives to every strength. ``position``: (n,) in range(groups)."""
    moved: Floats = _cluster_scores(outcomes, fit, position, groups) @ _bread(outcomes, fit)
    return moved


def _cr1(outcomes: Outcomes, fit: BradleyTerry, position: Integers, groups: int) -> Variance:
    bread, k = _bread(outcomes, fit), len(fit.systems)
    if groups * k <= _LARGEST_TABLE:
        squares = (influences(outcomes, fit, position, groups) ** 2).sum(axis=0)
    else:
        residuals = _residuals(outcomes, fit)
        squares = np.empty(k)
        for system, row in enumerate(bread):
            parts = residuals * (row[outcomes.left] - row[outcomes.right])
            squares[system] = (_sums(position, parts, groups) ** 2).sum()
    values = squares * groups / (groups - 1)
    return Variance(values=values, degrees=np.full(k, groups - 1.0), method="CR1", clusters=groups)


def _cr2(outcomes: Outcomes, fit: BradleyTerry, position: Integers, groups: int) -> Variance:
    scores = _cluster_scores(outcomes, fit, position, groups)
    inside = _cluster_information(outcomes, fit, position, groups)
    root = _square_root(_bread(outcomes, fit))
    leverage, vectors = np.linalg.eigh(root @ inside @ root)
    # A direction that one cluster alone determines has leverage 1 and no residual: nothing to correct, nothing to add.
    rest = 1.0 - leverage
    grow = np.where(rest > _LEVERAGE_ONE, np.maximum(rest, _LEVERAGE_ONE) ** -0.5, 0.0)
    adjusted = root @ ((vectors * grow[:, None, :]) @ np.swapaxes(vectors, 1, 2)) @ root  # (G, k, k), symmetric
    parts = np.einsum("gij,gj->gi", adjusted, scores)
    own = np.einsum("gij,gjk,gki->gi", adjusted, inside, adjusted, optimize=True)  # (G, k)
    shared = root @ inside @ adjusted  # (G, k, k): column i is what cluster g gives to the fit of system i
    lost = (shared**2).sum(axis=1)  # (G, k)
    mean = (own - lost).sum(axis=0)
    cross = np.einsum("gai,gbi->iab", shared, shared, optimize=True)
    square = (own**2 - 2.0 * own * lost).sum(axis=0) + (cross**2).sum(axis=(1, 2))
    return Variance(
        values=(parts**2).sum(axis=0),
        degrees=mean**2 / square,
        method="CR2 with Bell-McCaffrey degrees of freedom",
        clusters=groups,
    )


def _bread(outcomes: Outcomes, fit: BradleyTerry) -> Floats:
    return inverse_information(information(pair_table(outcomes).met, fit.strengths))


def _residuals(outcomes: Outcomes, fit: BradleyTerry) -> Floats:
    residuals: Floats = outcomes.share - win_probability(fit.strengths)[outcomes.left, outcomes.right]
    return residuals


def _cluster_scores(outcomes: Outcomes, fit: BradleyTerry, position: Integers, groups: int) -> Floats:
    k, residuals = len(fit.systems), _residuals(outcomes, fit)
    start = position * k
    gained = _sums(start + outcomes.left, residuals, groups * k)
    conceded = _sums(start + outcomes.right, residuals, groups * k)
    return (gained - conceded).reshape(groups, k)


def _cluster_information(outcomes: Outcomes, fit: BradleyTerry, position: Integers, groups: int) -> Floats:
    k = len(fit.systems)
    probability = win_probability(fit.strengths)
    cells = position * k * k + outcomes.left * k + outcomes.right
    met: Integers = np.bincount(cells, minlength=groups * k * k).reshape(groups, k, k)
    weights: Floats = (met + np.swapaxes(met, 1, 2)) * (probability * probability.T)
    inside: Floats = -weights
    diagonal = np.arange(k)
    inside[:, diagonal, diagonal] += weights.sum(axis=2)
    return inside


def _sums(position: Integers, weights: Floats, size: int) -> Floats:
    """(size,) sum of the weights at each position."""
    return np.asarray(np.bincount(position, weights=weights, minlength=size), dtype=np.float64)


def _square_root(bread: Floats) -> Floats:
    values, vectors = np.linalg.eigh(bread)
    root: Floats = (vectors * np.sqrt(np.maximum(values, 0.0))) @ vectors.T
    return root
