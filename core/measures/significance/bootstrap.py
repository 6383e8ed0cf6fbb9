"""Bootstrap interval of a mean difference: queries drawn with replacement, the same draws for all pairs.

Percentile (Efron 1979), no bias correction. Tried on differences of values like nDCG@10, 2,000 replications, it covers
89, 93, 94 and 95 % at 10, 20, 50 and 225 queries, BCa (Efron 1987) 88, 92, 93 and 95 %, Student's t 95 % at all. Where
85 % of the queries are ties, BCa is the better of the two (89 against 83 % at 20 queries, 92 against 91 % at 50); the
bootstrap of t covers there too, with intervals without bounds at 20. So t is the interval to read, and this the
check that presumes no shape.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from core.domain.errors import InvalidInputError
from core.measures.significance.values import Floats, PairedValues

_CELLS = 1 << 21  # of one block


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BootstrapIntervals:
    """``low``, ``high``: (p,) of the mean difference of every pair. A single query leaves them without ends."""

    low: Floats
    high: Floats


def bootstrap_intervals(paired: PairedValues, draws: int, seed: int, level: float = 0.95) -> BootstrapIntervals:
    """Percentile intervals. InvalidInputError: fewer than one draw, or a level outside (0, 1)."""
    if draws < 1 or not 0.0 < level < 1.0:
        raise InvalidInputError(f"A bootstrap needs draws and a level between 0 and 1, not {draws} and {level}.")
    pairs = len(paired.first)
    if paired.n < 2:
        return BootstrapIntervals(low=np.full(pairs, -np.inf), high=np.full(pairs, np.inf))
    means = np.vstack(list(_drawn_means(paired.values, draws, seed)))
    ends = np.empty((2, pairs))
    together = max(1, _CELLS // draws)
    for begin in range(0, pairs, together):
        these = slice(begin, begin + together)
        drawn = means[:, paired.first[these]] - means[:, paired.second[these]]
        ends[:, these] = np.quantile(drawn, (0.5 - 0.5 * level, 0.5 + 0.5 * level), axis=0)
    return BootstrapIntervals(low=ends[0], high=ends[1])


def _drawn_means(values: Floats, draws: int, seed: int) -> Iterator[Floats]:
    """Blocks of (rows, k): means of every system over n queries drawn with replacement."""
    n = values.shape[1]
    rng = np.random.default_rng(seed)
    most = max(1, _CELLS // n)
    for begin in range(0, draws, most):
        rows = min(most, draws - begin)
        cells = rng.integers(0, n, size=(rows, n)) + n * np.arange(rows)[:, None]
        times = np.bincount(cells.ravel(), minlength=rows * n).reshape(rows, n)
        yield times @ values.T / n
