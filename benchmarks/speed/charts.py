"""The charts as SVG: bars of the ratios with their lines, and time and memory against size.

Text and axes take the reader's colour: they are drawn in a marker colour that becomes ``currentColor``, which a style
in the file sets by the reader's colour scheme. The series colours stand out on light and on dark ground.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

from benchmarks.speed.outcome import Row, Series

INK = "#010203"  # the marker colour
LIGHT, DARK = "#1f2328", "#e6edf3"
COLOURS = ("#3d7eff", "#e8710a", "#1e9e62", "#c2489b", "#8a6fd1", "#a08a1f", "#d1453b", "#2f9fb0")
STYLE = (
    f"<style>svg{{color:{LIGHT}}}@media (prefers-color-scheme: dark){{svg{{color:{DARK}}}}}"
    "text{font-family:system-ui,sans-serif}</style>"
)


def ratios(rows: Sequence[Row]) -> str:
    """One bar per ratio to a peer, from text; a tick where the line to pass is."""
    shown = [row for row in rows if row.value is not None and row.unit == "x" and row.seconds and row.at_least]
    shown = [row for row in shown if not row.figure.endswith("compute")]
    figure, (axes,) = _figure(1, height=0.8 + 0.34 * max(1, len(shown)), width=9.5)
    places = list(range(len(shown)))[::-1]
    for place, row in zip(places, shown, strict=True):
        value, low, high = row.value or 0.0, row.low or 0.0, row.high or 0.0
        colour = COLOURS[1] if row.verdict == "missed" else COLOURS[0]
        axes.barh(place, value, height=0.62, color=colour)
        axes.plot([low, high], [place, place], color=INK, linewidth=1.2)
        axes.text(max(value, high) + 0.06, place, f"{value:.2f}x", va="center", fontsize=8, color=INK)
        if row.line is not None:
            axes.plot([row.line, row.line], [place - 0.4, place + 0.4], color=COLOURS[6], linewidth=2)
    axes.axvline(1.0, color=INK, linewidth=0.8, linestyle=":")
    names = [f"{row.workload}: {row.figure.removesuffix(', from text')}" for row in shown]
    axes.set_yticks(places, names, fontsize=8)
    axes.set_xlabel("times as long as Runoff, from text, median and extremes; red: the line to pass", fontsize=8)
    axes.set_xlim(left=0)
    return _svg(figure)


def scaling(series: Sequence[Series]) -> str:
    """Two panels per axis: seconds and peak memory."""
    kinds = list(dict.fromkeys(one.axis for one in series))
    figure, panels = _figure(2 * len(kinds), height=3.6 * len(kinds), width=10.5, across=2)
    families = list(dict.fromkeys(one.family for one in series))
    for place, kind in enumerate(kinds):
        seconds, memory = panels[2 * place], panels[2 * place + 1]
        for one in (found for found in series if found.axis == kind):
            colour = COLOURS[families.index(one.family) % len(COLOURS)]
            seconds.plot(one.x, one.seconds, marker="o", markersize=3.5, color=colour, label=one.family)
            memory.plot(one.x, one.peak_mb, marker="o", markersize=3.5, color=colour, label=one.family)
        for axes, name in ((seconds, "seconds"), (memory, "peak MB over the loaded model")):
            axes.set_xscale("log")
            axes.set_xticks(sorted({x for one in series if one.axis == kind for x in one.x}))
            _plain(axes.xaxis)
            axes.set_xlabel(kind, fontsize=8)
            axes.set_title(name, fontsize=9, color=INK)
        seconds.set_yscale("log")
        _plain(seconds.yaxis)
        memory.set_ylim(bottom=0)
        seconds.legend(fontsize=7, frameon=False, labelcolor=INK)
    return _svg(figure)


def _plain(axis: Any) -> None:  # noqa: ANN401 - matplotlib is imported where it is used
    """Numbers as people write them, at the major ticks of a logarithmic axis only."""
    from matplotlib.ticker import FuncFormatter, NullFormatter

    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,g}"))
    axis.set_minor_formatter(NullFormatter())


def _figure(panels: int, *, height: float, width: float, across: int = 1) -> tuple[Any, list[Any]]:
    import matplotlib

    matplotlib.use("svg")
    matplotlib.rcParams["svg.hashsalt"] = "runoff"  # the same figures give the same file
    matplotlib.rcParams["svg.fonttype"] = "none"
    from matplotlib import pyplot

    figure, grid = pyplot.subplots(panels // across, across, figsize=(width, height), squeeze=False)
    found = [axes for line in grid for axes in line]
    for axes in found:
        axes.set_facecolor("none")
        axes.tick_params(colors=INK, which="both", labelsize=8)
        axes.xaxis.label.set_color(INK)
        for name, spine in axes.spines.items():
            spine.set_visible(name in ("left", "bottom"))
            spine.set_color(INK)
    return figure, found


def _svg(figure: Any) -> str:  # noqa: ANN401 - matplotlib is imported where it is used
    from matplotlib import pyplot

    buffer = io.StringIO()
    figure.tight_layout()
    figure.savefig(buffer, format="svg", transparent=True, metadata={"Date": None})
    pyplot.close(figure)
    text = buffer.getvalue().replace(INK, "currentColor")
    head, opening, rest = text.partition("<defs>")
    return f"{head}{STYLE}{opening}{rest}"
