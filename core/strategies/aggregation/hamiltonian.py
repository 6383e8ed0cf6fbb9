"""The order of items whose neighbours fit best: an open Hamiltonian path of greatest weight.

Formula: argmax over permutations p of Σ_t A[p_t, p_{t+1}]. Up to ``EXACT`` items by the dynamic programme of Held and
Karp (1962): best(S, i) = max over j in S of A[i, j] + best(S without j, j), O(2^n·n²); beyond that by local search
(path_search.py). Of equally heavy paths the lexicographically smallest: items come in first-stage order.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.domain.errors import InvalidInputError
from core.strategies.aggregation.path_search import search_path

EXACT = 15  # 2^15 subsets of 15 items: about 0.1 s and 4 MB
_EXACTNESS = 1e-12  # of the largest weight: sums that differ by less are equal

Matrix = NDArray[np.float64]


def best_path(matrix: ArrayLike) -> tuple[int, ...]:
    """Items (n,) in the order of the heaviest path through ``matrix`` (n, n); the diagonal plays no part.

    Exact for n up to ``EXACT``; beyond, the best of several local optima. InvalidInputError where the matrix is not
    square or holds a number off the diagonal that is not finite.
    """
    weights = _checked(matrix)
    n_items = len(weights)
    if n_items < 2:
        return tuple(range(n_items))
    tolerance = _EXACTNESS * max(1.0, float(np.abs(weights).max()))
    return _held_karp(weights, tolerance) if n_items <= EXACT else search_path(weights, tolerance)


def path_weight(matrix: ArrayLike, order: tuple[int, ...]) -> float:
    """Σ_t A[p_t, p_{t+1}] of one order."""
    weights = np.asarray(matrix, dtype=np.float64)
    return float(weights[list(order[:-1]), list(order[1:])].sum())


def _checked(matrix: ArrayLike) -> Matrix:
    weights = np.array(matrix, dtype=np.float64)
    if weights.size == 0:
        return np.zeros((0, 0))
    if weights.ndim != 2 or weights.shape[0] != weights.shape[1]:
        raise InvalidInputError(f"A path needs a square matrix of weights, not one of shape {weights.shape}.")
    np.fill_diagonal(weights, 0.0)
    bad = int(np.count_nonzero(~np.isfinite(weights)))
    if bad:
        raise InvalidInputError(f"{bad} of the {weights.size} weights of a path are not finite; give numbers for all.")
    return weights


def _held_karp(weights: Matrix, tolerance: float) -> tuple[int, ...]:
    """Exact. ``best[mask, i]``: of the heaviest path that starts at i and then visits the items of ``mask``."""
    n_items = len(weights)
    masks = np.arange(1 << n_items)
    sizes = sum((masks >> item) & 1 for item in range(n_items))
    best = np.full((1 << n_items, n_items), -np.inf)
    best[0] = 0.0
    for size in range(1, n_items):
        level = masks[sizes == size]
        for item in range(n_items):
            holding = level[(level >> item) & 1 == 1]
            through = weights[:, item] + best[holding ^ (1 << item), item][:, None]
            best[holding] = np.maximum(best[holding], through)
    return _read(weights, best, tolerance)


def _read(weights: Matrix, best: Matrix, tolerance: float) -> tuple[int, ...]:
    """The smallest item whose best continuation is as heavy as any, again and again."""
    n_items = len(weights)
    left = (1 << n_items) - 1
    order: list[int] = []
    while left:
        items = [item for item in range(n_items) if left >> item & 1]
        values = [best[left ^ (1 << item), item] + (weights[order[-1], item] if order else 0.0) for item in items]
        item = items[next(place for place, value in enumerate(values) if value >= max(values) - tolerance)]
        order.append(item)
        left ^= 1 << item
    return tuple(order)
