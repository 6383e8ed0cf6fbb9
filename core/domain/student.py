"""Quantiles of Student's t for any positive degrees of freedom.

P(|T| > t) = I_x(df / 2, 1 / 2) with x = df / (df + t^2), the regularised incomplete beta function by its continued
fraction (Lentz; Press et al., Numerical Recipes, 6.4). Written here because scipy.special would cost the web process
27 MB and 0.13 s for this one function; tests compare the two.
"""

from __future__ import annotations

import math
from functools import lru_cache
from statistics import NormalDist

_TINY = 1e-300
_NORMAL_FROM = 1e7
_LARGEST = 350.0  # logarithm of a number whose square is still finite
_STEP = 1e-11  # the next step would be about its square


@lru_cache(maxsize=4096)
def two_sided_quantile(level: float, df: float) -> float:
    """The t with P(|T| <= t) = ``level``. ValueError unless 0 < level < 1 and df > 0."""
    if not 0.0 < level < 1.0 or not df > 0.0:
        raise ValueError(f"level {level} must lie between 0 and 1, degrees of freedom {df} above 0.")
    normal = NormalDist().inv_cdf(0.5 + 0.5 * level)
    if df >= _NORMAL_FROM:
        return normal
    tail = 1.0 - level
    if two_sided_tail(math.exp(_LARGEST), df) > tail:
        return math.inf
    return math.exp(_solve(tail, df, math.log(normal)))


def _solve(tail: float, df: float, start: float) -> float:
    """The u with P(|T| > e^u) = ``tail``: Newton's method on the logarithm of both, which is nearly a line far out,
    kept between bounds that halve where it leaves them."""
    low, high, u = -_LARGEST, _LARGEST, start
    for _ in range(200):
        t = math.exp(u)
        found = two_sided_tail(t, df)
        low, high = (u, high) if found > tail else (low, u)
        slope = -2.0 * _density(t, df) * t / found if found > 0.0 else 0.0
        moved = u - math.log(found / tail) / slope if slope < 0.0 else math.inf
        moved = moved if low < moved < high else 0.5 * (low + high)
        if abs(moved - u) <= _STEP:
            return moved
        u = moved
    return u


def _density(t: float, df: float) -> float:
    front = math.lgamma(0.5 * (df + 1.0)) - math.lgamma(0.5 * df) - 0.5 * math.log(df * math.pi)
    return math.exp(front - 0.5 * (df + 1.0) * math.log1p(t * t / df))


def two_sided_tail(t: float, df: float) -> float:
    """P(|T| > t) for t >= 0."""
    if t == 0.0:
        return 1.0
    if df >= _NORMAL_FROM:
        return math.erfc(t / math.sqrt(2.0))
    square = t * t
    return _incomplete_beta(0.5 * df, 0.5, df / (df + square), square / (df + square))


def _incomplete_beta(a: float, b: float, x: float, rest: float) -> float:
    """I_x(a, b); ``rest`` is 1 - x, given apart to keep its digits."""
    if x <= 0.0:
        return 0.0
    if rest <= 0.0:
        return 1.0
    front = math.exp(math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log(rest))
    if x < (a + 1.0) / (a + b + 2.0):
        return front * _continued_fraction(a, b, x) / a
    return 1.0 - front * _continued_fraction(b, a, rest) / b


def _continued_fraction(a: float, b: float, x: float) -> float:
    c, d = 1.0, 1.0 / _away_from_zero(1.0 - (a + b) * x / (a + 1.0))
    value = d
    for m in range(1, 10_000):
        even = m * (b - m) * x / ((a + 2 * m - 1.0) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1.0))
        for part in (even, odd):
            d = 1.0 / _away_from_zero(1.0 + part * d)
            c = _away_from_zero(1.0 + part / c)
            value *= c * d
        if abs(c * d - 1.0) < 1e-15:
            return value
    raise ArithmeticError(f"The incomplete beta function did not converge at a={a}, b={b}, x={x}.")


def _away_from_zero(value: float) -> float:
    return value if abs(value) > _TINY else _TINY
