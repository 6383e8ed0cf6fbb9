"""A figure: what was measured, the line it has to reach, and the table of all of them."""

from __future__ import annotations

import os
import platform
import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One row. ``value``: the median, or the percentile that ``name`` speaks of, in ``unit``; ``line``: the most it
    may be, None where it is only told."""

    name: str
    unit: str
    value: float
    low: float
    high: float
    n: int
    line: float | None = None
    note: str = ""

    @property
    def reached(self) -> bool:
        """Whether the value is at or below the line; true where there is none."""
        return self.line is None or self.value <= self.line


def median_of(name: str, unit: str, values: Sequence[float], *, line: float | None = None, note: str = "") -> Figure:
    """The median of ``values`` with their extremes."""
    value = statistics.median(values)
    return Figure(
        name=name, unit=unit, value=value, low=min(values), high=max(values), n=len(values), line=line, note=note
    )


def percentile_of(
    name: str, unit: str, values: Sequence[float], percent: int, *, line: float | None = None, note: str = ""
) -> Figure:
    """The nearest-rank percentile of ``values`` with their extremes."""
    ordered = sorted(values)
    value = ordered[max(0, -(-len(ordered) * percent // 100) - 1)]
    return Figure(
        name=name, unit=unit, value=value, low=ordered[0], high=ordered[-1], n=len(ordered), line=line, note=note
    )


def machine() -> str:
    """Cores, processor, Python and Streamlit, in one line."""
    info = Path("/proc/cpuinfo")
    names = [
        line.split(":")[1].strip() for line in info.read_text("utf-8").splitlines() if line.startswith("model name")
    ]
    processor = names[0] if names else platform.machine()
    cores = len(os.sched_getaffinity(0))
    python, streamlit = platform.python_version(), version("streamlit")
    return f"{cores} cores of {processor}, Python {python}, Streamlit {streamlit}, loopback"


def markdown(figures: Sequence[Figure], load: float) -> str:
    """The table. ``load``: average of the minute before the run, above zero where others used the machine."""
    lines = [
        f"Measured on {machine()}; load average before the run {load:.1f}.",
        "",
        "| figure | line | measured | min to max | n | |",
        "|---|---|---|---|---|---|",
    ]
    for figure in figures:
        line = "" if figure.line is None else _amount(figure.line, figure.unit)
        verdict = "" if figure.line is None else "reached" if figure.reached else "missed"
        note = "; ".join(part for part in (verdict, figure.note) if part)
        measured, span = _amount(figure.value, figure.unit), f"{_number(figure.low)} to {_number(figure.high)}"
        lines.append(f"| {figure.name} | {line} | {measured} | {span} | {figure.n} | {note} |")
    return "\n".join(lines) + "\n"


def as_json(figures: Sequence[Figure], load: float) -> dict[str, object]:
    """The same for machines."""
    return {
        "machine": machine(),
        "load_before": load,
        "figures": [{**asdict(figure), "reached": figure.reached} for figure in figures],
    }


def _amount(value: float, unit: str) -> str:
    return f"{_number(value)} {unit}".strip()


def _number(value: float) -> str:
    if value >= 100 or value == 0:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"
