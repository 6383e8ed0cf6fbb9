"""Paired t test of a mean difference, with its interval and effect size.

t = mean / (s / sqrt(n)) with n - 1 degrees of freedom; Student 1908. Effect size d_z = mean / s (Cohen 1988). Where
all differences are equal the interval has no width, and t is infinite (p 0) or, for differences of 0, 0 (p 1); a
single query says nothing about others: p 1, an interval without ends.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from core.domain.errors import InvalidInputError
from core.domain.student import two_sided_quantile, two_sided_tail
from core.measures.significance.values import Floats

_NO_SPREAD = 1e-12  # of the largest difference: what is left of equal differences after rounding


@dataclass(frozen=True, slots=True, kw_only=True)
class TTest:
    """``deviation``: s of the n differences, 0 where they are equal, NaN-free; inf for a single query.

    ``effect``: None where s is 0 or unknown. ``low`` to ``high``: interval of the mean at the level asked for.
    """

    mean: float
    deviation: float
    p: float
    low: float
    high: float
    effect: float | None


def paired_t(differences: Floats, level: float = 0.95) -> TTest:
    """``differences``: (n,), one per query, finite. InvalidInputError: none, or a level outside (0, 1)."""
    n = len(differences)
    if n < 1 or not 0.0 < level < 1.0:
        raise InvalidInputError(f"A t test needs differences and a level between 0 and 1, not {n} and {level}.")
    mean = float(differences.mean())
    if n == 1:
        return TTest(mean=mean, deviation=math.inf, p=1.0, low=-math.inf, high=math.inf, effect=None)
    deviation = float(differences.std(ddof=1))
    if deviation <= _NO_SPREAD * float(np.abs(differences).max()):
        return TTest(mean=mean, deviation=0.0, p=float(mean == 0.0), low=mean, high=mean, effect=None)
    error = deviation / math.sqrt(n)
    reach = two_sided_quantile(level, n - 1.0) * error
    p = two_sided_tail(abs(mean) / error, n - 1.0)
    return TTest(mean=mean, deviation=deviation, p=p, low=mean - reach, high=mean + reach, effect=mean / deviation)
