"""What clustered variances are made of: squared scores summed over clusters, Bell and McCaffrey's adjustment.

core/ratings/sandwich.py has the formulas, core/ratings/cluster_covariance.py the same for differences.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from core.ratings.outcomes import Floats, Integers
from core.ratings.score_rows import ScoreRows

LARGEST_TABLE = 5_000_000  # cells of a table of clusters by parameters that is made at once
_LEVERAGE_ONE = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Adjustment:
    """``adjusted``: (G, p, p), symmetric, B^(1/2) (I - leverage)^(-1/2) B^(1/2) of each cluster, which its score is
    multiplied with. ``shared``: (G, p, p), column i is what the cluster gives to the fit of parameter i. ``inside``:
    (G, p, p) information of each cluster. ``directions``: (d, p), those that one cluster alone determines (leverage 1,
    no residual). ``root``: (p, p), the square root of the inverse information B.
    """

    adjusted: Floats
    shared: Floats
    inside: Floats
    directions: Floats
    root: Floats


def adjustment(rows: ScoreRows, position: Integers, groups: int) -> Adjustment:
    """For clusters (n,) in range(groups); costs an eigenvalue problem of p x p for each."""
    inside = rows.cluster_information(position, groups)
    root = _square_root(rows.bread)
    leverage, vectors = np.linalg.eigh(root @ inside @ root)
    rest = 1.0 - leverage
    alone = rest <= _LEVERAGE_ONE
    grow = np.where(alone, 0.0, np.maximum(rest, _LEVERAGE_ONE) ** -0.5)
    transposed = np.swapaxes(vectors, 1, 2)
    adjusted = root @ ((vectors * grow[:, None, :]) @ transposed) @ root
    return Adjustment(
        adjusted=adjusted,
        shared=root @ inside @ adjusted,
        inside=inside,
        directions=transposed[alone] @ root,
        root=root,
    )


def meat(rows: ScoreRows, position: Integers, groups: int) -> Floats:
    """(p, p) sum over clusters (n,) in range(groups) of score times score.

    Where there are too many clusters for one table, each row for itself, and then in pieces those that are not alone.
    """
    p = len(rows.bread)
    if groups * p <= LARGEST_TABLE:
        return _product(rows, position, groups)
    together = np.flatnonzero(np.bincount(position, minlength=groups)[position] > 1)
    found = rows.meat()
    if not len(together):
        return found
    together = together[np.argsort(position[together])]
    place = np.cumsum(np.diff(position[together], prepend=position[together[0]]) > 0)
    shared = rows.chosen(together)
    found = found - shared.meat()
    step = max(1, LARGEST_TABLE // p)
    cuts = [*np.searchsorted(place, np.arange(0, int(place[-1]) + 1, step)), len(together)]
    for first, last in pairwise(cuts):
        piece = shared.chosen(np.arange(first, last))
        found = found + _product(piece, place[first:last] - place[first], int(place[last - 1] - place[first]) + 1)
    return found


def _product(rows: ScoreRows, position: Integers, groups: int) -> Floats:
    scores = rows.cluster_scores(position, groups)
    found: Floats = scores.T @ scores
    return found


def _square_root(bread: Floats) -> Floats:
    values, vectors = np.linalg.eigh(bread)
    root: Floats = (vectors * np.sqrt(np.maximum(values, 0.0))) @ vectors.T
    return root
