"""The Pareto front by hand and against its definition."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from core.services.choosing.front import on_front

POINTS = st.lists(st.tuples(st.integers(0, 6).map(float), st.integers(0, 6).map(float)), max_size=12)


def test_by_hand() -> None:
    # Free and poor, cheap and fair, as dear and worse, dearer and as fair, dear and good.
    assert on_front([(0, 0.3), (5, 0.5), (5, 0.4), (7, 0.5), (9, 0.6)]) == (True, True, False, False, True)


def test_equal_points_stand_together() -> None:
    assert on_front([(1, 0.5), (1, 0.5), (2, 0.5)]) == (True, True, False)
    assert on_front([]) == ()


def dominates(one: tuple[float, float], other: tuple[float, float]) -> bool:
    return one != other and one[0] <= other[0] and one[1] >= other[1]


@given(POINTS)
def test_exactly_the_undominated_are_on_it(points: list[tuple[float, float]]) -> None:
    expected = tuple(not any(dominates(other, point) for other in points) for point in points)
    assert on_front(points) == expected
