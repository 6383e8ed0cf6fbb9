"""Cosine Adapter: the order of the cosines whatever the map, the cut, and heads that give no rising map."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.requests import Transform
from core.strategies.driver import drive
from core.strategies.embedding.bi_encoder import BiEncoder
from core.strategies.embedding.cosine_adapter import CosineAdapter, mapped_cosine
from tests.support.vector_judge import VectorJudge, listed

VECTORS = {"query": [2, 0], "d0": [0, 1], "d1": [1, 0], "d2": [-3, 0], "d3": [1, 1]}


def judge_of(*values: float) -> VectorJudge:
    return VectorJudge(vectors=VECTORS, transform=lambda _request: values)


def test_by_hand() -> None:
    driven = drive(CosineAdapter(threshold=0.5), listed(*"abcd"), judge_of(4, 2, -1))
    half = (1 + 2**-0.5) / 2
    expected = [1 / (1 + math.exp(-logit)) for logit in (4 * 0.25 - 1, 4 - 1, -1, 4 * half * half - 1)]
    assert driven.outcome.scores == pytest.approx(expected, abs=1e-6)
    assert driven.outcome.order == (1, 3, 0, 2)
    assert driven.outcome.keep == 3  # 0.5 itself is kept
    [asked] = driven.rounds[1]
    assert asked == Transform(vectors=((1.0, 0.0),), slot="head")
    assert driven.calls == CosineAdapter().forecast(4) == 6


@given(
    st.lists(st.integers(-1000, 1000), min_size=2, max_size=12, unique=True),
    st.floats(0.05, 8),
    st.floats(0.2, 5),
    st.floats(-4, 4),
)
def test_the_order_within_a_query_is_that_of_the_cosines(
    cosines: list[int], slope: float, power: float, offset: float
) -> None:
    values = [value / 1000 for value in cosines]
    mapped = [mapped_cosine(value, slope, power, offset) for value in values]
    agree = [(a - b) * (c - d) for (a, c), (b, d) in itertools.combinations(zip(values, mapped, strict=True), 2)]
    assert min(agree) >= 0  # no pair turned: Kendall's tau is 1 where no two are mapped to one number
    assert all(0 < value < 1 for value in mapped)


@pytest.mark.parametrize("values", [(1, 1, 0), (9, 0.3, -4), (0.01, 4, 2), (1e4, 1, -1e4)])
def test_whatever_the_map_the_order_is_that_of_the_bi_encoder(values: tuple[float, float, float]) -> None:
    rng = np.random.default_rng(4)
    vectors = {name: rng.normal(size=6) for name in ("query", *(f"d{place}" for place in range(30)))}
    judge = VectorJudge(vectors=vectors, transform=lambda _request: values)
    lists = listed(*("x" * 30))
    outcome = drive(CosineAdapter(), lists, judge).outcome
    assert outcome.order == drive(BiEncoder(), lists, judge).outcome.order
    scores = [(outcome.scores or ())[place] for place in outcome.order]
    assert all(after < before for before, after in itertools.pairwise(scores))


def test_a_higher_threshold_keeps_fewer() -> None:
    kept = [
        drive(CosineAdapter(threshold=threshold), listed(*"abcd"), judge_of(4, 2, -1)).outcome.keep or 0
        for threshold in (0, 0.3, 0.5, 0.8, 0.9, 1)
    ]
    assert kept == [4, 3, 3, 2, 1, 0]


@pytest.mark.parametrize("values", [(0, 1, 0), (1, -1, 0), (math.nan, 1, 0), (1, 1), (-1, 1, 0)])
def test_a_map_that_does_not_rise_is_not_used(values: tuple[float, ...]) -> None:
    outcome = drive(CosineAdapter(), listed(*"abcd"), judge_of(*values)).outcome
    assert outcome.order == (1, 3, 0, 2)
    assert "does not rise" in outcome.repairs[0]
