"""What each outcome adds to the score and to the information of a fit, summed by cluster.

A model has k strengths, of which only differences matter, and q further parameters (Davidson's log nu, covariates).
With x = e_left - e_right an outcome's score is (slope x, further) and its information
[[curvature x x', cross x'], [x cross', corner]]. Every variance in sandwich.py is made of these, whatever the model.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from core.ratings.outcomes import Floats, Integers, Outcomes


class Fit(Protocol):
    """A fitted model with strengths; ``bradley_terry``, ``davidson`` and ``covariates`` have one each."""

    @property
    def systems(self) -> tuple[str, ...]:
        """k names."""

    @property
    def strengths(self) -> Floats:
        """(k,) natural logarithms, sum zero."""

    @property
    def ratings(self) -> Floats:
        """(k,) points, mean 1000."""

    @property
    def estimand(self) -> str:
        """What the ratings estimate, in words."""

    def score_rows(self, outcomes: Outcomes) -> ScoreRows:
        """Scores of the outcomes that were fitted."""


def _no_cross(_: int) -> Floats:
    raise IndexError("This model has no further parameter.")


def _no_corner(_: int, __: int) -> Floats:
    raise IndexError("This model has no further parameter.")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ScoreRows:
    """``left``, ``right``: (n,) positions of systems. ``slope``, ``curvature``: (n,). ``further``: (n, q).

    ``cross(a)``, ``corner(a, b)``: (n,) information of further parameter a with x, and of a with b.
    ``bread``: (k + q, k + q) inverse of the whole information on strengths that sum to zero. Weights are in.
    """

    left: Integers
    right: Integers
    slope: Floats
    curvature: Floats
    further: Floats
    bread: Floats
    cross: Callable[[int], Floats] = _no_cross
    corner: Callable[[int, int], Floats] = _no_corner

    @property
    def extra(self) -> int:
        """q."""
        return int(self.further.shape[1])

    @property
    def systems(self) -> int:
        """k."""
        return len(self.bread) - self.extra

    def chosen(self, rows: Integers | NDArray[np.bool_]) -> ScoreRows:
        """Some of the rows, for scores; the information of those is not to be asked for."""
        return replace(
            self,
            left=self.left[rows],
            right=self.right[rows],
            slope=self.slope[rows],
            curvature=self.curvature[rows],
            further=self.further[rows],
            cross=_no_cross,
            corner=_no_corner,
        )

    def cluster_scores(self, position: Integers, groups: int) -> Floats:
        """(groups, k + q). ``position``: (n,) the cluster of each row, in range(groups)."""
        k, start = self.systems, position * self.systems
        gained = sums(start + self.left, self.slope, groups * k)
        conceded = sums(start + self.right, self.slope, groups * k)
        strengths = (gained - conceded).reshape(groups, k)
        columns = [sums(position, column, groups) for column in self.further.T]
        return np.column_stack([strengths, *columns]) if columns else strengths

    def cluster_information(self, position: Integers, groups: int) -> Floats:
        """(groups, k + q, k + q). ``position``: (n,) the cluster of each row, in range(groups)."""
        k, p = self.systems, len(self.bread)
        inside = np.zeros((groups, p, p))
        inside[:, :k, :k] = self._laplacians(position, groups)
        start = position * k
        for a in range(self.extra):
            cross = self.cross(a)
            mixed = sums(start + self.left, cross, groups * k) - sums(start + self.right, cross, groups * k)
            inside[:, :k, k + a] = inside[:, k + a, :k] = mixed.reshape(groups, k)
            for b in range(a, self.extra):
                inside[:, k + a, k + b] = inside[:, k + b, k + a] = sums(position, self.corner(a, b), groups)
        return inside

    def _laplacians(self, position: Integers, groups: int) -> Floats:
        k = self.systems
        cells = (position * k + self.left) * k + self.right
        weights = sums(cells, self.curvature, groups * k * k).reshape(groups, k, k)
        weights = weights + np.swapaxes(weights, 1, 2)
        inside: Floats = -weights
        diagonal = np.arange(k)
        inside[:, diagonal, diagonal] += weights.sum(axis=2)
        return inside

    def meat(self) -> Floats:
        """(k + q, k + q) sum over the rows of score times score, each row a cluster of its own."""
        k, p = self.systems, len(self.bread)
        found = np.zeros((p, p))
        cells = sums(self.left * k + self.right, self.slope**2, k * k).reshape(k, k)
        weights = cells + cells.T
        found[:k, :k] = np.diag(weights.sum(axis=1)) - weights
        for a, column in enumerate(self.further.T):
            product = self.slope * column
            mixed = sums(self.left, product, k) - sums(self.right, product, k)
            found[:k, k + a] = found[k + a, :k] = mixed
        found[k:, k:] = self.further.T @ self.further
        return found


def sums(position: Integers, weights: Floats, size: int) -> Floats:
    """(size,) sum of the weights (n,) at each position (n,)."""
    return np.asarray(np.bincount(position, weights=weights, minlength=size), dtype=np.float64)
