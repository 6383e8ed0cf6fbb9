"""A variance between voters, from squares that hold it, so that cheats among them do not widen what counts as usual.

A voter's square is expected to be noise + variance x growth, and distributed as chi-squared of some degrees around it.
The variance is the one at which half of the voters lie above the median of their distribution: up to a third of cheats
move that little, and one moves it no more than any other voter. A voter counts by how much the variance (or the
prior's, where that is larger) shows in its square; a prior counts as so many voters who each say "more" below the
prior's variance and "less" above it.
"""

from __future__ import annotations

import numpy as np

from core.ratings.outcomes import Floats

_HALVINGS = 25
_RANGE = 1000.0  # the variance is looked for between the prior's over and times this


def between_variance(
    square: Floats, noise: Floats, growth: Floats, degrees: Floats, *, prior: float, voters: float
) -> float:
    """The variance. ``square``, ``noise``, ``growth``, ``degrees``: (V,); ``voters``: what the prior counts for."""
    known = growth > 0.0
    square, noise, growth = square[known], noise[known], growth[known]
    middle = (1.0 - 2.0 / (9.0 * degrees[known])) ** 3  # median of chi-squared over its degrees (Wilson and Hilferty)
    low, high = np.log(prior / _RANGE), np.log(prior * _RANGE)
    for _ in range(_HALVINGS):
        at = 0.5 * (low + high)
        variance = float(np.exp(at))
        usual = noise + variance * growth
        shown = max(variance, prior) * growth
        weight = (shown / (noise + shown)) ** 2
        more = float((weight * np.where(square > middle * usual, 1.0, -1.0)).sum())
        more += voters if variance < prior else -voters
        low, high = (at, high) if more > 0.0 else (low, at)
    return float(np.exp(0.5 * (low + high)))


def middle(values: Floats, weights: Floats) -> float:
    """The weighted median: at least half of the weight lies on either side, counting its own."""
    order = np.argsort(values, kind="stable")
    reached = np.cumsum(weights[order])
    return float(values[order][np.searchsorted(reached, 0.5 * reached[-1])])
