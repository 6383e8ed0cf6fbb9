"""Heavy Hamiltonian paths by local search, for more items than can be solved exactly.

From each of several fixed starts two moves are repeated while one of them gains, the better one first: a stretch of
the path is reversed (2-opt, Croes 1958; weights need not be symmetric, so the stretch is summed backwards), or a short
stretch changes places with its neighbour (Or-opt, Or 1976). Where neither gains, stretches of any length are tried
(3-opt without reversal). Nothing is random: the same matrix gives the same path. On random matrices of 10 items at
least nine of ten paths are the heaviest and none weighs less than 95 % of it (tests: test_path_search.py); 100 items
take about a quarter of a second.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

SHORT = 3  # items of a stretch that changes places, at first
WHOLE = 60  # up to so many items any stretch may change places; that costs n³ per look
NEAREST = 10  # starts by nearest neighbour

Matrix = NDArray[np.float64]
Move = tuple[float, tuple[int, ...]]  # what it gains, and the order of places after it


def search_path(weights: Matrix, tolerance: float) -> tuple[int, ...]:
    """The heaviest of the local optima, the lexicographically smallest of equally heavy ones.

    ``weights``: (n, n), finite, n from 1. Gains up to ``tolerance`` are none.
    """
    found = [_climb(weights, start, tolerance) for start in _starts(weights)]
    values = [float(weights[order[:-1], order[1:]].sum()) for order in found]
    best = max(values)
    return min(tuple(order) for order, value in zip(found, values, strict=True) if value >= best - tolerance)


def _starts(weights: Matrix) -> Iterator[list[int]]:
    """The given order, the order of net weights (what leaves an item less what enters it), nearest neighbours."""
    net = np.argsort(weights.sum(axis=0) - weights.sum(axis=1), kind="stable").tolist()
    yield list(range(len(weights)))
    yield net
    for first in net[:NEAREST]:
        yield _nearest(weights, first)


def _nearest(weights: Matrix, first: int) -> list[int]:
    """From ``first`` always on to the item that is heaviest to reach."""
    reach = weights.copy()
    order = [first]
    while len(order) < len(weights):
        reach[:, order[-1]] = -np.inf
        order.append(int(reach[order[-1]].argmax()))
    return order


def _climb(weights: Matrix, start: list[int], tolerance: float) -> list[int]:
    """The local optimum above ``start``."""
    order = start
    while True:
        links = _links(weights, order)
        gain, after = max(_reversal(links), _exchange(links, SHORT), key=lambda move: move[0])
        if gain <= tolerance and SHORT < len(order) <= WHOLE:
            gain, after = _exchange(links, len(order))
        if gain <= tolerance:
            return order
        order = [order[place] for place in after]


def _links(weights: Matrix, order: list[int]) -> Matrix:
    """Weights between places (n + 2, n + 2): the path stands at 1 to n, between two ends that weigh nothing."""
    links = np.zeros((len(order) + 2, len(order) + 2))
    links[1:-1, 1:-1] = weights[np.ix_(order, order)]
    return links


def _reversal(links: Matrix) -> Move:
    """The best stretch i..j (places, inclusive) to reverse."""
    n_items = len(links) - 2
    forward = np.concatenate(([0.0], np.cumsum(np.diagonal(links, 1))))  # [t]: from place 0 to place t
    backward = np.concatenate(([0.0], np.cumsum(np.diagonal(links, -1))))
    turned = backward - forward
    inside = turned[None, 1:-1] - turned[1:-1, None]  # [i, j]: what turning the links inside gains
    after = links[:-2, 1:-1] + links[1:-1, 2:]  # [i, j]: before i to j, and i to behind j
    step = np.diagonal(links, 1)
    gains = inside + after - step[:-1][:, None] - step[1:][None, :]
    gains[np.tril_indices(n_items)] = -np.inf
    i, j = divmod(int(gains.argmax()), n_items)
    places = range(n_items)
    return float(gains[i, j]), (*places[:i], *reversed(places[i : j + 1]), *places[j + 1 :])


def _exchange(links: Matrix, longest: int) -> Move:
    """The best two neighbouring stretches [i, j) and [j, k) of places to change places, one of at most ``longest``."""
    n_items = len(links) - 2
    best, cut = -np.inf, (1, 1, 1)
    for length in range(1, min(longest, n_items - 1) + 1):
        for gains, behind in (_first_moves(links, length), _second_moves(links, length)):
            row, column = divmod(int(gains.argmax()), gains.shape[1])
            if gains[row, column] > best:
                second = row + length if behind else column
                best, cut = float(gains[row, column]), (row + 1, second + 1, column + 1 + (0 if behind else length))
    i, j, k = (place - 1 for place in cut)
    places = range(n_items)
    return best, (*places[:i], *places[j:k], *places[i:j], *places[k:])


def _first_moves(links: Matrix, length: int) -> tuple[Matrix, bool]:
    """[i - 1, k - 1]: what is gained where [i, i + length) goes behind [i + length, k)."""
    n_items = len(links) - 2
    step = np.diagonal(links, 1)
    rows = n_items + 1 - length
    alone = np.diagonal(links, length + 1)[:rows] - step[:rows] - step[length : length + rows]
    gains = links.T[1 : 1 + rows, :-1] + links[length : length + rows, 1:] - step + alone[:, None]
    gains[np.tri(gains.shape[0], gains.shape[1], length, dtype=np.bool_)] = -np.inf
    return gains, True


def _second_moves(links: Matrix, length: int) -> tuple[Matrix, bool]:
    """[i - 1, j - 1]: what is gained where [j, j + length) goes before [i, j)."""
    n_items = len(links) - 2
    step = np.diagonal(links, 1)
    columns = n_items + 1 - length
    alone = np.diagonal(links, length + 1)[:columns] - step[:columns] - step[length : length + columns]
    gains = links[:columns, 1 : 1 + columns] + links.T[1 : 1 + columns, length : length + columns] + alone
    gains -= step[:columns, None]
    gains[np.tri(gains.shape[0], gains.shape[1], 0, dtype=np.bool_)] = -np.inf
    return gains, False
