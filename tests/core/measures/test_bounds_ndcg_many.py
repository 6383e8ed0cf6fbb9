"""Bounds of nDCG of many queries at once against one query at a time."""

from __future__ import annotations

import random

import numpy as np
import pytest

from core.measures.bounds_ndcg import ndcg_bounds
from core.measures.bounds_ndcg_many import many_ndcg_bounds


@pytest.mark.parametrize("seed", range(12))
def test_side_by_side_is_the_same_as_one_by_one(seed: int) -> None:
    draw = random.Random(seed)
    pool = [f"d{number}" for number in range(30)]
    orders = [draw.sample(pool, draw.randint(1, 20)) for _ in range(8)]
    labels = [{d: draw.randint(-1, 3) for d in draw.sample(pool, draw.randint(1, 9))} for _ in orders]
    for cutoff in (None, 1, 5, 10):
        for highest in (1, 2, 4):
            one_by_one = [
                ndcg_bounds(order, grades, cutoff=cutoff, max_grade=highest)
                for order, grades in zip(orders, labels, strict=True)
            ]
            found = many_ndcg_bounds(orders, labels, cutoff=cutoff, max_grade=highest)
            assert found == pytest.approx(np.array(one_by_one), abs=1e-10)


def test_by_hand() -> None:
    """One relevant document first, one unjudged second: 1 if it is irrelevant, 1 again if it is relevant too; the
    other way round the relevant one may stand below an irrelevant one."""
    found = many_ndcg_bounds([["a", "x"], ["x", "a"]], [{"a": 1}, {"a": 1}], cutoff=2, max_grade=1)
    assert found == pytest.approx(np.array([[1.0, 1.0], [1 / np.log2(3), 1.0]]))
    assert many_ndcg_bounds([], [], cutoff=10, max_grade=1).shape == (0, 2)
