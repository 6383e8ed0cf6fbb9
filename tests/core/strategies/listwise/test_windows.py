"""The window schedule against hand-counted cases and brute force."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.errors import InvalidInputError
from core.strategies.listwise.windows import window_count, windows


@pytest.mark.parametrize(
    ("n", "expected"),
    [
        (0, []),
        (1, [(0, 1)]),
        (10, [(0, 10)]),  # N = w - s: reference loops make no call here
        (15, [(0, 15)]),  # N < w: reference loops make no call here
        (20, [(0, 20)]),
        (25, [(5, 25), (0, 15)]),  # reference loops never reach ranks 1 to 5 here
        (30, [(10, 30), (0, 20)]),
        (41, [(21, 41), (11, 31), (1, 21), (0, 11)]),
    ],
)
def test_schedule(n, expected):
    assert list(windows(n, 20, 10)) == expected
    assert window_count(n, 20, 10) == len(expected)


def test_the_published_setting_makes_nine_calls():
    assert window_count(100, 20, 10) == 9


sizes = st.integers(1, 40).flatmap(lambda window: st.tuples(st.just(window), st.integers(1, window)))


@given(st.integers(1, 200), sizes)
def test_count_cover_and_overlap(n, size):
    window, step = size
    found = list(windows(n, window, step))
    assert len(found) == window_count(n, window, step) == 1 + math.ceil(max(0, n - window) / step)
    assert found[0][1] == n
    assert found[-1][0] == 0
    assert all(0 < end - start <= window for start, end in found)
    covered = {place for start, end in found for place in range(start, end)}
    assert covered == set(range(n))


@pytest.mark.parametrize("step", [0, 21, -1])
def test_gaps_are_refused(step):
    with pytest.raises(InvalidInputError, match=f"not {step}"):
        window_count(5, 20, step)
    with pytest.raises(InvalidInputError):
        list(windows(5, 20, step))
