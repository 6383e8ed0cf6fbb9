"""Heap selection against sorting, and its comparison bounds."""

import math

from hypothesis import given
from hypothesis import strategies as st

from core.strategies.pairwise.heap import heap_top


def run(ranks, k):
    compared = 0

    def before(left, right):
        nonlocal compared
        compared += 1
        yield from ()
        return ranks[left] < ranks[right]

    steps = heap_top(range(len(ranks)), k, before)
    try:
        next(steps)
    except StopIteration as done:
        return done.value, compared
    raise AssertionError("asked something")


@given(st.integers(0, 60).flatmap(lambda n: st.permutations(range(n))), st.integers(1, 70))
def test_best_k_in_order_within_the_bound(ranks, k):
    best, compared = run(ranks, k)
    n = len(ranks)
    assert best == sorted(range(n), key=lambda item: ranks[item])[:k]
    extractions = max(0, min(k, n) - 1)
    assert compared <= 2 * n + extractions * 2 * math.floor(math.log2(max(n, 2)))


def test_input_is_not_changed():
    items = [3, 1, 2]

    def before(left, right):
        yield from ()
        return left < right

    list(heap_top(items, 2, before))
    assert items == [3, 1, 2]
