"""Local search for heavy paths: its moves against all moves done by hand, its paths against exact ones."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pytest
from numpy.typing import NDArray

from core.strategies.aggregation import path_search
from core.strategies.aggregation.hamiltonian import best_path, path_weight

Matrix = NDArray[np.float64]
Order = tuple[int, ...]


def reversals(order: Order) -> Iterator[Order]:
    for i in range(len(order)):
        for j in range(i + 1, len(order)):
            yield order[:i] + order[i : j + 1][::-1] + order[j + 1 :]


def exchanges(order: Order, longest: int) -> Iterator[Order]:
    for i in range(len(order)):
        for j in range(i + 1, len(order)):
            for k in range(j + 1, len(order) + 1):
                if min(j - i, k - j) <= longest:
                    yield order[:i] + order[j:k] + order[i:j] + order[k:]


@pytest.mark.parametrize("n_items", [2, 3, 4, 7, 9])
@pytest.mark.parametrize(
    ("move", "all_moves"),
    [
        (path_search._reversal, reversals),
        (lambda links: path_search._exchange(links, 1), lambda order: exchanges(order, 1)),
        (lambda links: path_search._exchange(links, 2), lambda order: exchanges(order, 2)),
        (lambda links: path_search._exchange(links, 99), lambda order: exchanges(order, 99)),
    ],
)
def test_a_move_is_the_best_of_its_kind(
    n_items: int, move: Callable[[Matrix], path_search.Move], all_moves: Callable[[Order], Iterator[Order]]
) -> None:
    generator = np.random.default_rng(n_items)
    for _ in range(10):
        matrix = generator.normal(size=(n_items, n_items))
        order = tuple(generator.permutation(n_items).tolist())
        gain, after = move(path_search._links(matrix, list(order)))
        before = path_weight(matrix, order)
        best = max(path_weight(matrix, other) for other in all_moves(order))
        assert path_weight(matrix, tuple(order[place] for place in after)) == pytest.approx(best, abs=1e-12)
        assert gain == pytest.approx(best - before, abs=1e-12)


@pytest.mark.parametrize("kind", ["uniform", "preferences"])
def test_nearly_always_the_heaviest_path_of_ten_items(kind: str) -> None:
    """The figures of the module's docstring; ``best_path`` is exact here."""
    generator = np.random.default_rng(0)
    shares = []
    for _ in range(40):
        matrix = generator.uniform(size=(10, 10))
        if kind == "preferences":
            worth = generator.normal(size=10)
            matrix = 1 / (1 + np.exp(worth[None, :] - worth[:, None] + generator.normal(size=(10, 10))))
        exact = path_weight(matrix, best_path(matrix))
        shares.append(path_weight(matrix, path_search.search_path(matrix, 1e-12)) / exact)
    assert max(shares) <= 1 + 1e-12
    assert sum(share > 1 - 1e-9 for share in shares) >= 36
    assert min(shares) > 0.95
