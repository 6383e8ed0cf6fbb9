"""Kendall's tau, rank-biased overlap and overlap against hand values, scipy and the definition summed out."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import kendalltau

from core.domain.errors import InvalidInputError
from core.measures.rank_similarity import kendall_tau, kendall_tau_b, overlap, rank_biased_overlap

ORDERS = st.lists(st.sampled_from("abcdefghij"), unique=True, min_size=1, max_size=10)


@st.composite
def two_permutations(draw: st.DrawFn) -> tuple[list[str], list[str]]:
    first = draw(ORDERS.filter(lambda order: len(order) > 1))
    return first, draw(st.permutations(first))


def test_tau_by_hand() -> None:
    assert kendall_tau("abcd", "abcd") == 1.0
    assert kendall_tau("abcd", "dcba") == -1.0
    assert kendall_tau("abcd", "bacd") == pytest.approx((5 - 1) / 6)
    assert kendall_tau("abcd", "dabc") == pytest.approx((3 - 3) / 6)


@given(two_permutations())
def test_tau_agrees_with_scipy_and_is_symmetric(orders: tuple[list[str], list[str]]) -> None:
    first, second = orders
    expected = kendalltau(np.arange(len(first)), [second.index(item) for item in first]).statistic
    assert kendall_tau(first, second) == pytest.approx(expected)
    assert kendall_tau(second, first) == pytest.approx(expected)
    assert kendall_tau(first, second[::-1]) == pytest.approx(-expected)


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=2, max_size=30))
def test_tau_b_with_ties_agrees_with_scipy(pairs: list[tuple[int, int]]) -> None:
    x, y = (np.array(values) for values in zip(*pairs, strict=True))
    if len(set(x)) == 1 or len(set(y)) == 1:
        with pytest.raises(InvalidInputError, match="undefined"):
            kendall_tau_b(x, y)
    else:
        assert kendall_tau_b(x, y) == pytest.approx(kendalltau(x, y, variant="b").statistic)


@pytest.mark.parametrize(("first", "second"), [("abc", "abd"), ("ab", "abc"), ("a", "a"), ("", "")])
def test_tau_needs_the_same_documents(first: str, second: str) -> None:
    with pytest.raises(InvalidInputError):
        kendall_tau(first, second)


def summed_out(first: list[str], second: list[str], p: float) -> float:
    """RBO by its definition: agreement at every depth, the unseen tail extrapolated, summed to depth 2,000."""
    shorter, longer = sorted((first, second), key=len)
    s, n = len(shorter), len(longer)
    last_short = len(set(shorter) & set(longer[:s]))
    total, agreement = 0.0, 0.0
    for d in range(1, 2001):
        if d <= s:
            agreement = len(set(shorter[:d]) & set(longer[:d])) / d
        elif d <= n:
            agreement = (len(set(shorter) & set(longer[:d])) + last_short * (d - s) / s) / d
        total += (1 - p) * p ** (d - 1) * agreement
    return total


@given(ORDERS, ORDERS, st.sampled_from([0.5, 0.9, 0.98]))
def test_rbo_agrees_with_its_definition(first: list[str], second: list[str], p: float) -> None:
    assert rank_biased_overlap(first, second, p) == pytest.approx(summed_out(first, second, p), abs=1e-9)
    assert rank_biased_overlap(second, first, p) == pytest.approx(rank_biased_overlap(first, second, p), abs=1e-12)


def test_rbo_by_hand() -> None:
    assert rank_biased_overlap("abc", "abc") == pytest.approx(1.0)
    assert rank_biased_overlap("abc", "xyz") == 0.0
    # agreements 0, 1, 1, then 1 for ever: (1 - p)(p + p^2 + ...) = p
    assert rank_biased_overlap("abc", "bac", p=0.9) == pytest.approx(0.9)
    # agreements 1, 1/2, 1/3, then 1/3: (1 - p)(1 + p/2 + p^2/3) + p^3/3
    assert rank_biased_overlap("abc", "axy", p=0.5) == pytest.approx(0.5 * (1 + 0.25 + 0.25 / 3) + 0.125 / 3)


def test_rbo_weighs_the_top() -> None:
    assert rank_biased_overlap("bacdefgh", "abcdefgh") < rank_biased_overlap("abcdefhg", "abcdefgh")


@pytest.mark.parametrize(
    ("first", "second", "p"), [("", "a", 0.9), ("aa", "ab", 0.9), ("a", "a", 1.0), ("a", "a", 0.0)]
)
def test_rbo_refuses(first: str, second: str, p: float) -> None:
    with pytest.raises(InvalidInputError):
        rank_biased_overlap(first, second, p)


def test_overlap() -> None:
    assert overlap("abcdef", "badxyz", 5) == pytest.approx(3 / 5)
    assert overlap("abcdef", "badxyz", 1) == 0.0
    assert overlap("abc", "cab", 10) == 1.0
    with pytest.raises(InvalidInputError):
        overlap("", "a", 5)
