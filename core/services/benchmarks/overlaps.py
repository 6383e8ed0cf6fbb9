"""Mean rank-biased overlap of all pairs of orders of one list, at once.

For two orders of the same m documents: RBO = (1 - p) / p * sum over d of X_d / d * p^d + p^m, with X_d how many
documents both have among their first d (equation 32 of Webber, Moffat, Zobel 2010 for lists of equal length). A
document is among the first d of both from d = the larger of its two ranks on.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np

from core.measures.rank_similarity import rank_biased_overlap

PERSISTENCE = 0.9


def mean_overlap(orders: Sequence[Sequence[str]]) -> float | None:
    """0 to 1; None for fewer than two orders, or where they are empty."""
    if len(orders) < 2 or not all(orders):
        return None
    ids = {document: column for column, document in enumerate(orders[0])}
    if any(len(order) != len(ids) or not ids.keys() >= set(order) for order in orders):
        pairs = combinations(orders, 2)
        return float(np.mean([rank_biased_overlap(one, other, PERSISTENCE) for one, other in pairs]))
    ranks = np.empty((len(orders), len(ids)), dtype=np.int64)
    for row, order in zip(ranks, orders, strict=True):
        row[[ids[document] for document in order]] = np.arange(len(ids))
    one, other = np.triu_indices(len(orders), k=1)
    both_from = np.maximum(ranks[one], ranks[other])  # (pairs, m), ranks from 0
    counts = np.bincount(both_from.ravel(), minlength=len(ids))  # summed over the pairs, since RBO is linear in X
    shared = np.cumsum(counts) / len(one)
    depths = np.arange(1, len(ids) + 1)
    weights = PERSISTENCE**depths
    return float((1 - PERSISTENCE) / PERSISTENCE * np.sum(shared / depths * weights) + weights[-1])
