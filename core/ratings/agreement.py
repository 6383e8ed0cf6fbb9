"""How far raters agree who judged the same items.

Raw agreement: the share of items with the same value. Cohen's kappa for two raters (Cohen 1960): (p - e) / (1 - e), e
the agreement expected from each rater's own shares. Krippendorff's alpha for nominal values, any number of raters and
missing values: 1 - D_o / D_e from the table of coincidences (Krippendorff 2011, Computing Krippendorff's
alpha-reliability); its interval is a percentile bootstrap over items. ``core.ratings.shared_battles`` makes items of
outcomes: a query and a pair of systems.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.domain.errors import InvalidInputError
from core.ratings.outcomes import Floats, Integers

MISSING = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Alpha:
    """``value``: 1 perfect, 0 chance, NaN where nothing varies or nobody shares an item; ``low``, ``high``: bootstrap
    limits, NaN under two items. ``items``: judged at least twice."""

    value: float
    low: float
    high: float
    items: int
    level: float


def raw_agreement(first: Integers, second: Integers) -> float:
    """Share of items that both judged with the same value; NaN where there is none. (items,) codes, MISSING: none."""
    first, second = _both(first, second)
    return float(np.mean(first == second)) if len(first) else math.nan


def cohen_kappa(first: Integers, second: Integers) -> float:
    """Kappa of the items that both judged; NaN without such items or where both always say one same value."""
    first, second = _both(first, second)
    if not len(first):
        return math.nan
    values = int(max(first.max(), second.max())) + 1
    shares = [np.bincount(codes, minlength=values) / len(codes) for codes in (first, second)]
    chance = float(shares[0] @ shares[1])
    return math.nan if chance == 1.0 else (float(np.mean(first == second)) - chance) / (1.0 - chance)


def coincidences(item: Integers, value: Integers) -> Floats:
    """(items, c, c): each item's ordered pairs of values, over the number of its judgments less one.

    ``item``, ``value``: (n,) one judgment each. Items judged once give zeros.
    """
    items, values = (int(codes.max()) + 1 if len(codes) else 0 for codes in (item, value))
    counts = np.bincount(item * values + value, minlength=items * values).reshape(items, values).astype(np.float64)
    judged = counts.sum(axis=1)
    table = counts[:, :, None] * counts[:, None, :]
    diagonal = np.arange(values)
    table[:, diagonal, diagonal] -= counts
    weighted: Floats = table / np.maximum(judged - 1.0, 1.0)[:, None, None]
    return weighted


def alpha_of(table: Floats) -> float:
    """Nominal alpha of a table of coincidences (c, c); NaN where all judgments have one value."""
    totals = table.sum(axis=1)
    n = float(totals.sum())
    expected = n * n - float(totals @ totals)
    if expected <= 0.0:
        return math.nan
    return 1.0 - (n - 1.0) * (n - float(np.trace(table))) / expected


def krippendorff_alpha(
    item: Integers, value: Integers, *, level: float = 0.95, draws: int = 1000, seed: int = 0
) -> Alpha:
    """Alpha of ``n`` judgments, whoever made them. ``item``, ``value``: (n,) codes from 0.

    Draws of items in which all judgments have one value count as perfect agreement.
    """
    if item.shape != value.shape:
        raise InvalidInputError(f"{len(item)} items and {len(value)} values: give one value for each judgment.")
    table = coincidences(item, value)
    table = table[table.sum(axis=(1, 2)) > 0.0]
    value_of_all = alpha_of(table.sum(axis=0)) if len(table) else math.nan
    low, high = _bootstrap(table, level, draws, seed) if len(table) > 1 else (math.nan, math.nan)
    return Alpha(value=value_of_all, low=low, high=high, items=len(table), level=level)


def _bootstrap(table: Floats, level: float, draws: int, seed: int) -> tuple[float, float]:
    rng = np.random.default_rng(seed)
    kinds, copies = np.unique(table, axis=0, return_counts=True)
    drawn = rng.multinomial(len(table), copies / len(table), size=draws)
    sums = np.tensordot(drawn, kinds, axes=1)
    values = np.array([alpha_of(one) for one in sums])
    values[np.isnan(values)] = 1.0
    low, high = np.quantile(values, [0.5 - level / 2, 0.5 + level / 2])
    return float(low), float(high)


def _both(first: Integers, second: Integers) -> tuple[Integers, Integers]:
    if first.shape != second.shape:
        raise InvalidInputError(f"Raters judged {len(first)} and {len(second)} items: give one code for each item.")
    judged: NDArray[np.bool_] = (first != MISSING) & (second != MISSING)
    return first[judged], second[judged]
