"""What so many queries can find: the power of a two-sided paired t test, and its inverses.

With n queries and standard deviation s of the differences the test finds a true difference d with probability
P(|t'| > q), t' noncentral t with f = n - 1 degrees of freedom and noncentrality d sqrt(n) / s, q the two-sided quantile
of t (Cohen 1988). Its upper tail by the normal approximation 26.7.10 of Abramowitz and Stegun 1964, solved for d:

    d = (q (1 - 1 / (4 f)) + z sqrt(1 + q^2 / (2 f))) * s / sqrt(n),    z the normal quantile of the power;

the other tail is left out. Against the exact noncentral t at 80 %: 5 % too large for two queries, 1 % for four, 0.1 %
from ten on, never too small.
"""

from __future__ import annotations

import math
from statistics import NormalDist

from core.domain.errors import InvalidInputError
from core.domain.student import two_sided_quantile

POWER = 0.8
_MOST = 1 << 40


def detectable_difference(deviation: float, n: int, *, level: float = 0.95, power: float = POWER) -> float:
    """The smallest true difference that ``n`` queries find with probability ``power``; inf for a single query.

    ``deviation``: of the differences over queries, 0 or more. InvalidInputError: anything outside its range.
    """
    _check(deviation, level, power)
    if n < 1:
        raise InvalidInputError(f"Power needs at least one query, not {n}.")
    return math.inf if n < 2 else _noncentrality(n, level, power) * deviation / math.sqrt(n)


def queries_needed(difference: float, deviation: float, *, level: float = 0.95, power: float = POWER) -> int | None:
    """The fewest queries that find a true ``difference`` with probability ``power``; None where it is 0 or would
    take more than 10^12. InvalidInputError as of ``detectable_difference``, or a difference that is not finite."""
    _check(deviation, level, power)
    if not math.isfinite(difference):
        raise InvalidInputError(f"The difference must be finite, not {difference}.")
    if difference == 0.0 or not math.isfinite(deviation):
        return None
    low, high = 1, 2  # too few, perhaps enough
    while detectable_difference(deviation, high, level=level, power=power) > abs(difference):
        low, high = high, 2 * high
        if high > _MOST:
            return None
    while high - low > 1:
        middle = (low + high) // 2
        enough = detectable_difference(deviation, middle, level=level, power=power) <= abs(difference)
        low, high = (low, middle) if enough else (middle, high)
    return high


def _noncentrality(n: int, level: float, power: float) -> float:
    freedom = n - 1.0
    q = two_sided_quantile(level, freedom)
    return q * (1.0 - 0.25 / freedom) + NormalDist().inv_cdf(power) * math.sqrt(1.0 + 0.5 * q * q / freedom)


def _check(deviation: float, level: float, power: float) -> None:
    if not deviation >= 0.0 or not 0.0 < level < 1.0 or not 0.5 < power < 1.0:
        raise InvalidInputError(
            f"Power needs a deviation of 0 or more, a level in (0, 1) and a power in (0.5, 1), not {deviation}, "
            f"{level}, {power}."
        )
