"""Which two items meet next: the one that is best so far, and the most promising that it has not met.

First: argmax h. Second: argmax h(x) + sqrt(nu Σ_p (∇h(x) - ∇h(first))²_p / U_p) with U = diag(Σ φφᵀ + λI) over the
differences φ of gradients in all duels so far (the diagonal is what the reference code of APOHF uses).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from core.strategies.judges import uniform
from core.strategies.pairwise.utilities import Duel, Fitted, Vector

Pair = tuple[int, int]


def next_pair(fitted: Fitted, duels: Sequence[Duel], nu: float, penalty: float) -> Pair | None:
    """Two different items that have not met; None where all have. Ties go to the earlier item."""
    met = {frozenset((i, j)) for i, j, _ in duels}
    for first in np.argsort(-fitted.values, kind="stable").tolist():
        open_items = [x for x in range(len(fitted.values)) if x != first and frozenset((first, x)) not in met]
        if open_items:
            hopes = fitted.values + bonus(fitted.gradients, first, duels, nu, penalty)
            return first, max(open_items, key=lambda item: (hopes[item], -item))
    return None


def bonus(gradients: Vector, first: int, duels: Sequence[Duel], nu: float, penalty: float) -> Vector:
    """What not knowing an item beside ``first`` is worth: (n_items,)."""
    seen = np.full(gradients.shape[1], penalty)
    for i, j, _ in duels:
        seen += (gradients[i] - gradients[j]) ** 2
    return np.asarray(np.sqrt(nu * ((gradients - gradients[first]) ** 2 / seen).sum(1)))


def random_pairs(count: int, n_items: int, seed: int, words: str) -> list[Pair]:
    """So many different pairs (fewer where there are no more), drawn from seed and words."""
    found: dict[Pair, None] = {}
    most = min(count, n_items * (n_items - 1) // 2)
    draw = 0
    while len(found) < most:
        first, second = (int(uniform(seed, words, str(draw), side) * n_items) for side in ("first", "second"))
        draw += 1
        if first != second:
            found[min(first, second), max(first, second)] = None
    return list(found)
