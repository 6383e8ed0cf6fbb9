"""Means with their intervals as places on a drawing: a line per system, an axis with round figures below."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from core.services.benchmarks.views import MeasureCell

WIDTH, LEFT, RIGHT, ROW, FOOT = 900.0, 330.0, 60.0, 28.0, 24.0
LABEL = 46  # characters that fit left of the axis


@dataclass(frozen=True, slots=True, kw_only=True)
class Dot:
    """One system: places in pixels; ``low`` and ``high`` are None where there is no interval."""

    label: str
    letters: str
    x: float
    y: float
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """A figure of the axis."""

    x: float
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Plot:
    """Everything in pixels; ``ceiling`` is None where there is none or it lies beyond the axis."""

    width: float
    height: float
    bottom: float
    dots: tuple[Dot, ...]
    ticks: tuple[Tick, ...]
    ceiling: float | None


def interval_plot(rows: Sequence[tuple[str, MeasureCell, str]], ceiling: float | None) -> Plot:
    """``rows``: name, mean with interval, letters; at least one."""
    values = [value for _, cell, _ in rows for value in (cell.mean, cell.low, cell.high) if value is not None]
    values += [] if ceiling is None else [ceiling]
    ticks = round_figures(min(values), max(values))
    low, high = min(ticks[0], *values), max(ticks[-1], *values)

    def place(value: float) -> float:
        return round(LEFT + (WIDTH - LEFT - RIGHT) * (value - low) / (high - low), 1)

    dots = tuple(
        Dot(
            label=name if len(name) <= LABEL else name[: LABEL - 3] + "...",
            letters=letters,
            x=place(cell.mean),
            y=ROW * (number + 0.6),
            low=None if cell.low is None else place(cell.low),
            high=None if cell.high is None else place(cell.high),
        )
        for number, (name, cell, letters) in enumerate(rows)
    )
    bottom = ROW * len(rows) + 8
    return Plot(
        width=WIDTH,
        height=bottom + FOOT,
        bottom=bottom,
        dots=dots,
        ticks=tuple(Tick(x=place(figure), label=f"{figure:.6g}") for figure in ticks),
        ceiling=None if ceiling is None else place(ceiling),
    )


def round_figures(low: float, high: float, about: int = 5) -> list[float]:
    """Multiples of 1, 2 or 5 times a power of ten from at most ``low`` to at least ``high``; at least two."""
    span = max(high - low, 1e-6)
    power = 10.0 ** math.floor(math.log10(span / about))
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power * about >= span)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [round(number * step, 12) for number in range(first, max(last, first + 1) + 1)]
