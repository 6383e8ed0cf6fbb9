"""Intervals of a mean: hand values, coverage by simulation."""

from __future__ import annotations

import math

import numpy as np
import pytest

from core.domain.errors import InvalidInputError
from core.measures.intervals import mean_interval


def test_by_hand() -> None:
    found = mean_interval([0.2, 0.4, 0.6])
    half = 4.302652729911275 * 0.2 / math.sqrt(3)  # t of two degrees of freedom, standard deviation 0.2
    assert (found.mean, found.low, found.high) == pytest.approx((0.4, 0.4 - half, 0.4 + half))
    assert (found.n, found.level) == (3, 0.95)


def test_equal_values_have_an_interval_of_no_width() -> None:
    found = mean_interval([0.5] * 10)
    assert (found.low, found.mean, found.high) == (0.5, 0.5, 0.5)


def test_coverage() -> None:
    rng = np.random.default_rng(7)
    covered = 0
    for _ in range(2000):
        found = mean_interval(rng.beta(2, 3, size=40).tolist())
        covered += found.low <= 0.4 <= found.high
    assert 0.935 <= covered / 2000 <= 0.965


@pytest.mark.parametrize("values", [[], [0.5], [0.5, math.nan], [0.5, math.inf]])
def test_what_has_no_interval_is_refused(values: list[float]) -> None:
    with pytest.raises(InvalidInputError):
        mean_interval(values)


def test_a_level_out_of_range() -> None:
    with pytest.raises(InvalidInputError):
        mean_interval([0.1, 0.2], level=1.0)
