"""Wins, ties and losses of every pair of systems."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.domain.errors import InvalidInputError
from core.ratings.outcomes import Floats, Integers, Outcomes

Counts = NDArray[np.int64] | NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PairTable:
    """``wins``: (k, k), how often the row's system beat the column's. ``ties``: (k, k), symmetric.

    Whole numbers, or sums of weights where the outcomes are weighted.
    """

    systems: tuple[str, ...]
    wins: Counts
    ties: Counts

    @property
    def losses(self) -> Counts:
        """(k, k), how often the column's system beat the row's."""
        return self.wins.T

    @property
    def met(self) -> Counts:
        """(k, k), battles of each pair, symmetric."""
        met: Counts = self.wins + self.wins.T + self.ties
        return met

    @property
    def half_wins(self) -> Floats:
        """(k, k), wins of the row's system plus half the ties."""
        return np.asarray(self.wins + 0.5 * self.ties, dtype=np.float64)

    @property
    def win_rate(self) -> Floats:
        """(k, k), half wins of the row's system over battles; NaN where the two never met."""
        met = self.met
        rate = np.full(met.shape, np.nan)
        np.divide(self.half_wins, met, out=rate, where=met > 0)
        return rate


def pair_table(outcomes: Outcomes) -> PairTable:
    """Count every pair, by weight. InvalidInputError for a share that is not 0, 0.5 or 1."""
    k = len(outcomes.systems)
    doubled = 2.0 * outcomes.share
    kind: Integers = doubled.astype(np.int64)
    if not bool(((kind == doubled) & (kind >= 0) & (kind <= 2)).all()):
        raise InvalidInputError("A share of the left side is 1 (win), 0.5 (tie) or 0 (loss), nothing else.")
    cells = (kind * k + outcomes.left) * k + outcomes.right
    weights = None if outcomes.weighted_equally else outcomes.weight
    right_wins, ties, left_wins = np.bincount(cells, weights=weights, minlength=3 * k * k).reshape(3, k, k)
    return PairTable(systems=outcomes.systems, wins=left_wins + right_wins.T, ties=ties + ties.T)
