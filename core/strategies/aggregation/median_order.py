"""The order that contradicts the fewest pairwise opinions: Kemeny's consensus, the median of rankings.

Formula: argmin over orders of Σ over pairs (i before j) of C[j, i], with C[i, j] opinions that i is better than j.
What a strict majority puts before all the rest comes before it in every optimum (the extended Condorcet criterion), so
the order is found group by group. Groups of up to ``EXACT`` items are solved exactly by a dynamic programme over their
subsets, best(S) = min over j in S of Σ over i in S of C[i, j] + best(S without j), O(2^n·n²); larger ones by local
search: one item moves to another place while that gains. Of equally good orders the lexicographically smallest, where
the group is solved exactly. Kemeny 1959; the criterion: Truchon 1998.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

EXACT = 15

Matrix = NDArray[np.float64]


def median_order(counts: Matrix) -> tuple[int, ...]:
    """Items (n,) in the order of least disagreement. ``counts``: (n, n), finite, the diagonal plays no part."""
    order: list[int] = []
    for group in _groups(counts):
        inside = counts[np.ix_(group, group)]
        found = _exact(inside) if len(group) <= EXACT else _search(inside)
        order.extend(group[place] for place in found)
    return tuple(order)


def disagreements(counts: Matrix, order: tuple[int, ...]) -> float:
    """Σ over pairs (i before j) of C[j, i]: opinions that the order contradicts."""
    return float(np.triu(counts[np.ix_(order, order)].T, 1).sum())


def _groups(counts: Matrix) -> list[list[int]]:
    """The finest split in which every item of a group is strictly preferred to every item of the later groups.

    Items of an earlier group win more duels, so groups are stretches of the items sorted by duels won.
    """
    beats = counts > counts.T
    by_wins = np.argsort(-beats.sum(axis=1), kind="stable")
    sorted_beats = beats[np.ix_(by_wins, by_wins)]
    groups: list[list[int]] = []
    start, needed = 0, 0
    for place, row in enumerate(sorted_beats):
        needed = max(needed, int(np.flatnonzero(~row)[-1]) + 1)  # a cut must lie behind all it does not beat
        if needed == place + 1:
            groups.append(sorted(by_wins[start:needed].tolist()))
            start = needed
    return groups


def _exact(counts: Matrix) -> list[int]:
    """The dynamic programme over subsets, as bit masks."""
    n_items = len(counts)
    masks = np.arange(1 << n_items)
    against = np.zeros((n_items, 1 << n_items))  # [j, mask]: opinions against j standing before all of the mask
    for item in range(n_items):
        bit = 1 << item
        against[:, bit : 2 * bit] = against[:, :bit] + counts[item][:, None]
    sizes = sum((masks >> item) & 1 for item in range(n_items))
    best = np.full(1 << n_items, np.inf)
    best[0] = 0.0
    for size in range(1, n_items + 1):
        level = masks[sizes == size]
        for item in range(n_items):
            holding = level[(level >> item) & 1 == 1]
            rest = holding ^ (1 << item)
            best[holding] = np.minimum(best[holding], against[item, rest] + best[rest])
    return _read(against, best)


def _read(against: Matrix, best: Matrix) -> list[int]:
    """The smallest item that may stand first in an optimum, again and again."""
    left = len(best) - 1
    order: list[int] = []
    while left:
        items = [item for item in range(len(against)) if left >> item & 1]
        costs = [against[item, left ^ (1 << item)] + best[left ^ (1 << item)] for item in items]
        order.append(items[costs.index(min(costs))])
        left ^= 1 << order[-1]
    return order


def _search(counts: Matrix) -> list[int]:
    """The better of the local optima above the given order and above the order of net opinions (Borda's)."""
    net = np.argsort(counts.sum(axis=0) - counts.sum(axis=1), kind="stable").tolist()
    found = [_climb(counts, start) for start in (list(range(len(counts))), net)]
    return min(found, key=lambda order: (disagreements(counts, tuple(order)), order))


def _climb(counts: Matrix, start: list[int]) -> list[int]:
    """Move the item that gains most to where it gains most until none gains."""
    margins = counts - counts.T
    order = start
    while True:
        sums = np.cumsum(margins[np.ix_(order, order)], axis=1)
        before = np.concatenate((np.zeros((len(order), 1)), sums[:, :-1]), axis=1)
        forward = np.diagonal(before)[:, None] - before  # [p, t]: from place p up to place t, t before p
        backward = np.diagonal(sums)[:, None] - sums  # down to place t behind p
        gains = np.where(np.tri(len(order), k=-1, dtype=np.bool_), forward, backward)
        place, target = divmod(int(gains.argmax()), len(order))
        if gains[place, target] <= 0:
            return order
        item = order[place]
        order = [other for other in order if other != item]
        order.insert(target, item)
