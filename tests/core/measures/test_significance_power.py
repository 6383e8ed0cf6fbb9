"""Detectable differences and queries needed against the exact noncentral t and against simulation."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import integrate, stats

from core.domain.errors import InvalidInputError
from core.measures.significance.power import detectable_difference, queries_needed


def _exact_power(difference: float, deviation: float, n: int, level: float = 0.95) -> float:
    """P(|t'| > q) by integrating over the chi distribution (scipy's own nct loses its digits far out)."""
    freedom, shift = n - 1, difference * math.sqrt(n) / deviation
    q = stats.t.ppf(0.5 + 0.5 * level, freedom)

    def at(chi: float) -> float:
        cut = q * chi / math.sqrt(freedom)
        return stats.chi.pdf(chi, freedom) * (stats.norm.sf(cut - shift) + stats.norm.cdf(-cut - shift))

    return float(integrate.quad(at, 0.0, math.sqrt(freedom) + 15.0, limit=400)[0])


@pytest.mark.parametrize(("n", "most"), [(2, 0.83), (4, 0.81), (10, 0.802), (50, 0.8005), (225, 0.8005)])
def test_power_at_the_detectable_difference(n: int, most: float) -> None:
    power = _exact_power(detectable_difference(0.3, n), 0.3, n)
    assert 0.7999 <= power <= most


@pytest.mark.parametrize("level", [0.9, 0.99])
@pytest.mark.parametrize("power", [0.6, 0.95])
def test_other_levels_and_powers(level: float, power: float) -> None:
    found = _exact_power(detectable_difference(1.0, 40, level=level, power=power), 1.0, 40, level)
    assert found == pytest.approx(power, abs=0.003)


def test_simulation() -> None:
    rng = np.random.default_rng(0)
    drawn = rng.normal(detectable_difference(1.0, 30), 1.0, size=(20_000, 30))
    share = float(np.mean(stats.ttest_1samp(drawn, 0.0, axis=1).pvalue <= 0.05))
    assert share == pytest.approx(0.8, abs=0.012)


@pytest.mark.parametrize("difference", [0.5, 0.05, -0.02, 0.003])
def test_queries_needed_is_the_fewest(difference: float) -> None:
    n = queries_needed(difference, 0.25)
    assert n is not None
    assert detectable_difference(0.25, n) <= abs(difference) < detectable_difference(0.25, n - 1)
    assert _exact_power(abs(difference), 0.25, n) == pytest.approx(0.8, abs=0.03) or n < 10


def test_what_has_no_answer() -> None:
    assert queries_needed(0.0, 0.2) is None
    assert queries_needed(1e-9, 0.5) is None
    assert queries_needed(0.2, math.inf) is None
    assert queries_needed(0.2, 0.0) == 2
    assert detectable_difference(0.2, 1) == math.inf
    assert detectable_difference(0.0, 5) == 0.0


def test_what_is_refused() -> None:
    for call in (
        lambda: detectable_difference(-1.0, 5),
        lambda: detectable_difference(0.2, 0),
        lambda: detectable_difference(0.2, 5, level=1.0),
        lambda: detectable_difference(0.2, 5, power=0.5),
        lambda: queries_needed(math.nan, 0.2),
        lambda: queries_needed(0.2, math.nan),
    ):
        with pytest.raises(InvalidInputError):
            call()
