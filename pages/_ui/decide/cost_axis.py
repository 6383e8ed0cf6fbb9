"""Where a cost stands on its axis: linear, or logarithmic with a place for zero."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from core.services.choosing.limits import Axis, Limits

WIDE = 20.0  # from this ratio on, costs are drawn on a logarithmic axis
_STEPS = (1, 2, 5)


@dataclass(frozen=True, slots=True, kw_only=True)
class CostScale:
    """``log``: positions are decadic logarithms, ``zero`` is where nothing stands. ``ticks``: positions and texts."""

    log: bool
    zero: float
    low: float
    high: float
    ticks: tuple[tuple[float, str], ...]

    def place(self, cost: float) -> float:
        """Position of a cost."""
        if not self.log:
            return cost
        return math.log10(cost) if cost > 0 else self.zero


def shown_unit(axis: Axis, value: float) -> float:
    """What a person reads: milliseconds, megabytes, money."""
    return value / 1e6 if axis is Axis.MEMORY else value


def limit_on(axis: Axis, limits: Limits) -> float | None:
    """The limit of this axis in the unit that is read."""
    return {Axis.LATENCY: limits.p95_ms, Axis.MEMORY: limits.memory_mb, Axis.PRICE: limits.price_per_1000}[axis]


def cost_scale(costs: Sequence[float], limit: float | None) -> CostScale:
    """``costs``: those drawn, in the unit that is read; a limit is kept in sight where it is near."""
    positive = [cost for cost in costs if cost > 0] or [1.0]
    least, most = min(positive), max(positive)
    if limit is not None and least / WIDE < limit < most * WIDE:
        least, most = min(least, limit), max(most, limit)
    if most / least < WIDE:
        return CostScale(log=False, zero=0.0, low=-0.06 * most, high=1.12 * most, ticks=())
    zero = math.floor(math.log10(least) * 2) / 2 - 0.5
    high = math.log10(most) + 0.35
    ticks = [(zero, "0")] if any(cost == 0 for cost in costs) else []
    decades = range(math.floor(math.log10(least)), math.ceil(high) + 1)
    steps = _STEPS if len(decades) <= 3 else (1,)
    for decade in decades:
        for step in steps:
            place = decade + math.log10(step)
            if zero + 0.2 < place < high:
                ticks.append((place, f"{step * 10.0**decade:,.10g}"))
    return CostScale(log=True, zero=zero, low=zero - 0.2, high=high, ticks=tuple(ticks))
