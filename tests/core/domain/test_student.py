"""Student's t against scipy."""

from __future__ import annotations

import math

import pytest
from scipy.special import stdtr, stdtrit

from core.domain.student import two_sided_quantile, two_sided_tail


@pytest.mark.parametrize("level", [0.5, 0.9, 0.95, 0.999])
@pytest.mark.parametrize("df", [0.3, 0.9, 1, 1.5, 2, 3, 3.7, 9, 41, 224, 300, 19_999, 1e6])
def test_quantile_agrees_with_scipy(level: float, df: float) -> None:
    assert two_sided_quantile(level, df) == pytest.approx(stdtrit(df, 0.5 + level / 2), rel=1e-8)


def test_it_is_infinite_where_no_number_is_large_enough() -> None:
    assert two_sided_quantile(0.95, 1e-6) == math.inf


@pytest.mark.parametrize("df", [0.5, 1, 7.3, 120])
@pytest.mark.parametrize("t", [0.0, 1e-6, 0.7, 2.0, 60.0])
def test_tail_agrees_with_scipy(df: float, t: float) -> None:
    assert two_sided_tail(t, df) == pytest.approx(2 * stdtr(df, -t), rel=1e-10)


@pytest.mark.parametrize("df", [1e8, 1e20, math.inf])
def test_tail_of_many_degrees_is_normal(df: float) -> None:
    assert two_sided_tail(1.96, df) == pytest.approx(2 * stdtr(1e12, -1.96), rel=1e-6)


def test_values_every_table_has() -> None:
    assert two_sided_quantile(0.95, 1) == pytest.approx(12.706, abs=5e-4)
    assert two_sided_quantile(0.95, 10) == pytest.approx(2.228, abs=5e-4)
    assert two_sided_quantile(0.95, math.inf) == pytest.approx(1.960, abs=5e-4)


@pytest.mark.parametrize(("level", "df"), [(0.0, 1), (1.0, 1), (0.95, 0), (0.95, math.nan)])
def test_nonsense_is_refused(level: float, df: float) -> None:
    with pytest.raises(ValueError, match="level"):
        two_sided_quantile(level, df)
