"""How figures are said in the sentences of a choice."""

from __future__ import annotations

from core.services.benchmarks.views import MeasureCell
from core.services.choosing.limits import Axis


def milliseconds(value: float) -> str:
    """``0.4 ms``, ``14 ms``, ``812 ms``, ``3.2 s``."""
    if value >= 10_000:
        return f"{value / 1000:,.0f} s"
    if value >= 1_000:
        return f"{value / 1000:.1f} s"
    return f"{value:.0f} ms" if value >= 10 or value == 0 else f"{value:.2g} ms"


def megabytes(count: float) -> str:
    """``87 MB`` or ``1.2 GB``, of 10^6 and 10^9 bytes."""
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{count / 1e6:,.0f} MB"


def money(amount: float, currency: str) -> str:
    """``0.0031 USD``: two decimals from one on, two significant digits below."""
    return f"{amount:,.2f} {currency}" if amount >= 1 or amount == 0 else f"{amount:.2g} {currency}"


def quality(cell: MeasureCell) -> str:
    """``0.409 (0.370 to 0.440)``, or the mean alone."""
    if cell.low is None or cell.high is None:
        return f"{cell.mean:.3f}"
    return f"{cell.mean:.3f} ({cell.low:.3f} to {cell.high:.3f})"


def chance(p: float) -> str:
    """``p < 0.001``, ``p = 0.04``."""
    return "p < 0.001" if p < 0.001 else f"p = {p:.3f}" if p < 0.01 else f"p = {p:.2f}"


def gap(difference: float) -> str:
    """The size of a difference: three decimals, or as many as it takes to be none of zeros."""
    size = abs(difference)
    return f"{size:.3f}" if size >= 0.0005 or size == 0 else f"{size:.1g}"


def times(factor: float) -> str:
    """``1.4`` or ``9``."""
    return f"{factor:.1f}" if factor < 9.5 else f"{factor:,.0f}"


def dearer(axis: Axis, factor: float) -> str:
    """How much more the other one costs."""
    said = times(factor)
    return {
        Axis.LATENCY: f"takes {said} times as long",
        Axis.MEMORY: f"needs {said} times the memory",
        Axis.PRICE: f"costs {said} times as much",
    }[axis]


def priced(axis: Axis, value: float, currency: str) -> str:
    """What the other one costs where there is nothing to compare it with."""
    return {
        Axis.LATENCY: f"takes {milliseconds(value)} (p95)",
        Axis.MEMORY: f"needs {megabytes(value)}",
        Axis.PRICE: f"costs {money(value, currency)} per 1,000 queries",
    }[axis]


def amount(axis: Axis, value: float, currency: str) -> str:
    """A cost on one axis with its unit."""
    if axis is Axis.LATENCY:
        return f"p95 {milliseconds(value)}"
    if axis is Axis.MEMORY:
        return megabytes(value)
    return f"{money(value, currency)} per 1,000 queries"
