"""The decided comparisons of all voters, counted by voter and pair.

Disagreement is judged on decided comparisons alone: given that one side won, Davidson's model with ties is
Bradley-Terry again (Davidson 1970), whatever a voter's habit of calling ties.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.ratings.outcomes import Floats, Integers, Outcomes

Mask = NDArray[np.bool_]
_CELLS = 250_000  # of a table at a time: small enough for the caches


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Decided:
    """``m`` decided comparisons between ``k`` systems, in the order of ``voter``.

    ``winner``, ``loser``, ``voter``: (m,) positions. ``ends``: (voters + 1,) where each voter's rows begin and end.
    ``inflation``: (voters,) how much more the comparisons of one vote vary than as many votes: a vote that orders
    c systems gives c (c - 1) / 2 comparisons, whose score varies (c + 1) / 3 times as much (from the covariance of
    the ranks of c equal systems).
    """

    systems: int
    voters: int
    winner: Integers
    loser: Integers
    voter: Integers
    ends: Integers
    inflation: Floats

    def total(self, counted: Mask) -> Floats:
        """(k, k) wins of row over column by the voters in ``counted`` (voters,)."""
        k, kept = self.systems, counted[self.voter]
        cells = np.bincount(self.winner[kept] * k + self.loser[kept], minlength=k * k)
        return np.asarray(cells.reshape(k, k), dtype=np.float64)

    def chunks(self) -> Iterator[tuple[slice, Floats]]:
        """Voters some at a time, and (chunk, k, k) their wins of row over column."""
        size = max(1, _CELLS // max(1, self.systems**2))
        for start in range(0, self.voters, size):
            these = slice(start, min(start + size, self.voters))
            yield these, self.wins(np.arange(these.start, these.stop))

    def wins(self, voters: Integers) -> Floats:
        """(len(voters), k, k) wins of row over column of each voter; ``voters`` ascending."""
        k = self.systems
        sizes = self.ends[voters + 1] - self.ends[voters]
        starts = np.cumsum(sizes) - sizes
        rows = np.arange(int(sizes.sum())) + np.repeat(self.ends[voters] - starts, sizes)
        place = np.repeat(np.arange(len(voters)), sizes)
        cells = (place * k + self.winner[rows]) * k + self.loser[rows]
        table = np.bincount(cells, minlength=len(voters) * k * k)
        return np.asarray(table.reshape(len(voters), k, k), dtype=np.float64)


def decided_of(outcomes: Outcomes) -> Decided:
    """The decided ones of these outcomes; weights are not looked at."""
    kept = np.flatnonzero(outcomes.share != 0.5)
    rows = kept[np.argsort(outcomes.voter[kept], kind="stable")]
    left_won = outcomes.share[rows] == 1.0
    left, right, voter = outcomes.left[rows], outcomes.right[rows], outcomes.voter[rows]
    voters = len(outcomes.voters)
    return Decided(
        systems=len(outcomes.systems),
        voters=voters,
        winner=np.where(left_won, left, right),
        loser=np.where(left_won, right, left),
        voter=voter,
        ends=np.searchsorted(voter, np.arange(voters + 1)),
        inflation=_inflation(outcomes, rows, voter, voters),
    )


def _inflation(outcomes: Outcomes, rows: Integers, voter: Integers, voters: int) -> Floats:
    if outcomes.one_per_vote:
        return np.ones(voters)
    _, position, pairs = np.unique(outcomes.vote, return_inverse=True, return_counts=True)
    ordered = 0.5 * (1.0 + np.sqrt(1.0 + 8.0 * pairs))  # systems that so many pairs come from
    factor = (ordered[position[rows]] + 1.0) / 3.0
    return sums(voter, factor, voters) / np.maximum(np.bincount(voter, minlength=voters), 1)


def sums(position: Integers, weights: Floats, size: int) -> Floats:
    """(size,) sum of the weights at each position."""
    return np.asarray(np.bincount(position, weights=weights, minlength=size), dtype=np.float64)
