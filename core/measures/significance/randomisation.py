"""Paired randomisation tests of all pairs at once: each alone, and max-T over the family.

If two systems do not differ, swapping them on any query changes nothing, so the sign of every difference is a coin
(Fisher 1935; for retrieval Smucker, Allan, Carterette 2007, CIKM). Statistic: the mean difference. One draw flips the
signs of whole queries, the same for all pairs, so that the pairs keep their dependence. Flips leave the sum of squares
as it is, so sum / sqrt(sum of squares) is a rising function of t, the same for all pairs, and compares where t would.

Alone: p = (b + 1) / (m + 1) with b of m draws at least as extreme (Davison and Hinkley 1997, 4.11); pairs with at most
``EXACT`` differences other than 0 are enumerated instead.

max-T: the largest |t| over the pairs in each draw, step-down (Westfall and Young 1993, algorithm 2.8). It stands for
the randomised Tukey test of Carterette 2012 (TOIS 30:4), which permutes the systems within each query and takes the
range of the means: that presumes that all pairs differ alike, and errs in 12 % of the families instead of 5 % where six
of eight systems are near-clones and two are not (docs/statistics.md). The t statistic and flips of whole queries do not
presume it, and do not mix in the systems that do differ, so they are sharper too. For two systems both are the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from core.domain.errors import InvalidInputError
from core.measures.significance.values import Floats, PairedValues

EXACT = 15
_AS_EXTREME = 1e-9  # relative: sums of the same numbers in another order
_CELLS = 1 << 21  # of one block of draws


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RandomisationTest:
    """``alone``: (p,) p values of single pairs. ``family``: (p,) of max-T, adjusted over all pairs."""

    alone: Floats
    family: Floats
    draws: int


def randomisation_test(paired: PairedValues, draws: int, seed: int) -> RandomisationTest:
    """Two-sided p values of all pairs from the same ``draws``; up to ``EXACT`` queries all 2^n flips instead.

    InvalidInputError: fewer than one draw.
    """
    if draws < 1:
        raise InvalidInputError(f"A randomisation test needs at least one draw, not {draws}.")
    differences = paired.differences
    exact = paired.n <= EXACT
    scale = np.sqrt(np.square(differences).sum(axis=1))
    scale[scale == 0.0] = 1.0
    observed = np.abs(differences.sum(axis=1)) / scale
    order = np.argsort(observed, kind="stable")  # so that the running maximum is over those not larger
    least = (observed - _AS_EXTREME * (1.0 + observed))[order, None]
    alone, family, made = np.zeros(len(order)), np.zeros(len(order)), 0
    centred = paired.values - paired.values.mean(axis=0)
    for signs in _all_signs(paired.n) if exact else _random_signs(paired.n, len(order), draws, seed):
        sums = centred @ signs.T
        drawn = np.abs(sums[paired.first[order]] - sums[paired.second[order]]) / scale[order, None]
        alone[order] += np.count_nonzero(drawn >= least, axis=1)
        family[order] += np.count_nonzero(np.maximum.accumulate(drawn, axis=0) >= least, axis=1)
        made += len(signs)
    itself = 0.0 if exact else 1.0  # the observed signs are among all flips, and one draw more than the random ones
    alone, family = (alone + itself) / (made + itself), (family + itself) / (made + itself)
    for pair in np.flatnonzero(np.count_nonzero(differences, axis=1) <= EXACT):
        alone[pair] = enumerated(differences[pair])
    family = np.maximum(family, alone)
    family[order[::-1]] = np.maximum.accumulate(family[order[::-1]])
    return RandomisationTest(alone=alone, family=family, draws=made)


def enumerated(differences: Floats) -> float:
    """Exact two-sided p value over all flips of the differences other than 0, at most ``EXACT`` of them."""
    moving = differences[differences != 0.0]
    if len(moving) > EXACT:
        raise InvalidInputError(f"{len(moving)} differences are too many to enumerate; {EXACT} are allowed.")
    sums = np.zeros(1)
    for value in moving:
        sums = np.concatenate((sums + value, sums - value))
    least = abs(float(moving.sum())) - _AS_EXTREME * float(np.abs(moving).sum())
    return float(np.mean(np.abs(sums) >= least))


def _all_signs(n: int) -> Iterator[Floats]:
    """(2^n, n), in one block."""
    bits = (np.arange(1 << n)[:, None] >> np.arange(n)) & 1
    yield np.asarray(bits * 2.0 - 1.0, dtype=np.float64)


def _random_signs(n: int, pairs: int, draws: int, seed: int) -> Iterator[Floats]:
    """Blocks of coins, -1 or 1, that keep (rows, n) and (rows, pairs) small; ``draws`` rows in all."""
    rng = np.random.default_rng(seed)
    most = max(1, _CELLS // max(n, pairs))
    for begin in range(0, draws, most):
        rows = min(most, draws - begin)
        coins = np.frombuffer(rng.bytes(-(-rows * n // 8)), dtype=np.uint8)
        bits = np.unpackbits(coins, count=rows * n).reshape(rows, n)
        yield np.asarray(bits * 2.0 - 1.0, dtype=np.float64)
