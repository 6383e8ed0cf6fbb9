"""A bar: a property of a method, what it must reach, what was measured, and how sure that is.

Every suite is a module of this package with ``suite(seed, replications) -> Iterator[Bar]``; ``replications`` is a
factor in per cent of what the suite does by itself (100: as documented, 10: a quick look).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from core.domain.student import two_sided_quantile


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One row of docs/statistics.md.

    ``measured``, ``low``, ``high``: a share (0 to 1) or a figure in ``unit`` with its 95 % limits. ``bar``: in words.
    ``reached``: None where the row is only told. ``note``: what was tried where a bar is missed.
    """

    suite: str
    setting: str
    bar: str
    measured: float
    low: float
    high: float
    n: int
    reached: bool | None
    unit: str = "share"
    note: str = ""


def wilson(hits: float, n: int, *, level: float = 0.95) -> tuple[float, float]:
    """Binomial limits of a share (Wilson 1927)."""
    z = two_sided_quantile(level, math.inf)
    share, square = hits / n, z * z / n
    middle = (share + square / 2) / (1 + square)
    reach = z / (1 + square) * math.sqrt(share * (1 - share) / n + square / (4 * n))
    return max(0.0, middle - reach), min(1.0, middle + reach)


def share_bar(
    suite: str,
    setting: str,
    bar: str,
    hits: float,
    n: int,
    *,
    at_least: float = 0.0,
    at_most: float = 1.0,
    clusters: int | None = None,
    note: str = "",
) -> Bar:
    """A share of ``n`` trials. ``clusters``: independent replications where trials hang together; limits use those.

    Reached where the share itself lies within ``at_least`` and ``at_most``.
    """
    share = hits / n
    low, high = wilson(share * (clusters or n), clusters or n)
    return Bar(
        suite=suite,
        setting=setting,
        bar=bar,
        measured=share,
        low=low,
        high=high,
        n=n,
        reached=at_least <= share <= at_most,
        note=note,
    )
