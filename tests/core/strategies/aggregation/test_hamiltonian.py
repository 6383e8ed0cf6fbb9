"""The heaviest path against all permutations, worked examples, ties and refusals."""

from __future__ import annotations

from itertools import pairwise, permutations

import numpy as np
import pytest
from numpy.typing import NDArray

from core.domain.errors import InvalidInputError
from core.strategies.aggregation.hamiltonian import EXACT, best_path, path_weight

Matrix = NDArray[np.float64]


def slow_weight(matrix: Matrix, order: tuple[int, ...]) -> float:
    return sum(float(matrix[a, b]) for a, b in pairwise(order))


def slow_path(matrix: Matrix) -> tuple[int, ...]:
    """Of all permutations, in lexicographic order, the first that no other outweighs."""
    best, found = -np.inf, ()
    for order in permutations(range(len(matrix))):
        weight = slow_weight(matrix, order)
        if weight > best + 1e-9:
            best, found = weight, order
    return found


def test_a_worked_example() -> None:
    # 2 -> 0 weighs 5 and 0 -> 1 weighs 4; the only other heavy link, 1 -> 2, would close the circle.
    matrix = np.array([[0, 4, 1], [0, 0, 3], [5, 1, 0]])
    assert best_path(matrix) == (2, 0, 1)
    assert path_weight(matrix, (2, 0, 1)) == 9


@pytest.mark.parametrize("n_items", [1, 2, 3, 4, 5, 6, 7])
def test_no_permutation_outweighs_it(n_items: int) -> None:
    generator = np.random.default_rng(n_items)
    for _ in range(4):
        matrix = generator.normal(size=(n_items, n_items))
        assert best_path(matrix) == slow_path(matrix)


@pytest.mark.parametrize("unit", [1.0, 0.1])
def test_of_equal_paths_the_first_in_lexicographic_order(unit: float) -> None:
    """Tenths add up to different last bits in different orders; that is no difference."""
    generator = np.random.default_rng(7)
    for _ in range(12):
        matrix = generator.integers(0, 3, size=(6, 6)) * unit
        assert best_path(matrix) == slow_path(matrix)


@pytest.mark.parametrize("n_items", [0, 1, 2, EXACT, EXACT + 1, 40])
def test_no_preference_leaves_the_order(n_items: int) -> None:
    assert best_path(np.full((n_items, n_items), 0.5)) == tuple(range(n_items))


@pytest.mark.parametrize("n_items", [2, 9, EXACT, EXACT + 1, 30, 70])
def test_consistent_preferences_have_one_path(n_items: int) -> None:
    order = tuple(np.random.default_rng(n_items).permutation(n_items).tolist())
    rank = np.argsort(order)
    assert best_path((rank[:, None] < rank[None, :]).astype(float)) == order


def test_the_diagonal_plays_no_part_and_the_matrix_stays() -> None:
    matrix = np.array([[np.nan, 1.0], [2.0, np.inf]])
    assert best_path(matrix) == (1, 0)
    assert np.isnan(matrix[0, 0])


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_refuses_what_is_not_finite(bad: float) -> None:
    with pytest.raises(InvalidInputError, match="1 of the 9 weights"):
        best_path([[0, bad, 0], [0, 0, 0], [0, 0, 0]])


def test_refuses_what_is_not_square() -> None:
    with pytest.raises(InvalidInputError, match=r"\(2, 3\)"):
        best_path(np.zeros((2, 3)))
