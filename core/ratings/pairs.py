"""Wins, ties and losses of every pair of systems."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.ratings.outcomes import Floats, Integers, Outcomes


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PairTable:
    """``wins``: (k, k), how often the row's system beat the column's. ``ties``: (k, k), symmetric."""

    systems: tuple[str, ...]
    wins: Integers
    ties: Integers

    @property
    def losses(self) -> Integers:
        """(k, k), how often the column's system beat the row's."""
        return self.wins.T

    @property
    def met(self) -> Integers:
        """(k, k), battles of each pair, symmetric."""
        return self.wins + self.wins.T + self.ties

    @property
    def half_wins(self) -> Floats:
        """(k, k), wins of the row's system plus half the ties."""
        return self.wins + 0.5 * self.ties

    @property
    def win_rate(self) -> Floats:
        """(k, k), half wins of the row's system over battles; NaN where the two never met."""
        met = self.met
        rate = np.full(met.shape, np.nan)
        np.divide(self.half_wins, met, out=rate, where=met > 0)
        return rate


def pair_table(outcomes: Outcomes) -> PairTable:
    """Count every pair."""
    left_wins = _count(outcomes, outcomes.share == 1.0)
    right_wins = _count(outcomes, outcomes.share == 0.0)
    ties = _count(outcomes, outcomes.share == 0.5)
    return PairTable(systems=outcomes.systems, wins=left_wins + right_wins.T, ties=ties + ties.T)


def _count(outcomes: Outcomes, chosen: NDArray[np.bool_]) -> Integers:
    k = len(outcomes.systems)
    cells = outcomes.left[chosen] * k + outcomes.right[chosen]
    return np.bincount(cells, minlength=k * k).reshape(k, k)
