"""Wilson's limits of a share (Wilson 1927, JASA 22): they stay within 0 and 1 and hold for few trials too."""

from __future__ import annotations

import math

from core.domain.student import two_sided_quantile


def wilson(share: float, n: float, level: float = 0.95) -> tuple[float, float]:
    """Limits of a share of ``n`` independent trials, which need not be whole."""
    z = two_sided_quantile(level, math.inf)
    square = z * z / n
    middle = (share + square / 2.0) / (1.0 + square)
    reach = z / (1.0 + square) * math.sqrt(share * (1.0 - share) / n + square / (4.0 * n))
    return max(0.0, middle - reach), min(1.0, middle + reach)
