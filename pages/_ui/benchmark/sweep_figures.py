"""What reranking more candidates buys, and what it costs, by depth."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from core.services.benchmarks.views import SweepPoint
from pages._ui.benchmark.mean_figure import CEILING
from pages._ui.charts import escaped, interval, laid_out
from pages._ui.colours import colour
from pages._ui.escape import shorten

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

NAME = 26
BELOW = {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0}


def sweep_figure(points: Sequence[SweepPoint], measure: str) -> Figure:
    """A line with intervals per system over depth, and the ceiling that no reranker of so many candidates passes."""
    import plotly.graph_objects as go

    figure = go.Figure()
    depths = sorted({point.depth for point in points})
    ceiling = {point.depth: point.ceiling for point in points}
    figure.add_scatter(
        x=depths,
        y=[ceiling[depth] for depth in depths],
        mode="lines+markers",
        name="perfect reranker",
        line={"color": CEILING, "width": 1.5, "dash": "dash"},
        marker={"size": 4},
        hovertemplate="perfect reranker of %{x}: %{y:.3f}<extra></extra>",
    )
    for system, line in by_system(points).items():
        known = all(point.low is not None and point.high is not None for point in line)
        figure.add_scatter(
            x=[point.depth for point in line],
            y=[point.mean for point in line],
            error_y={
                "type": "data",
                "array": [(point.high or 0.0) - point.mean for point in line],
                "arrayminus": [point.mean - (point.low or 0.0) for point in line],
                "thickness": 1,
                "width": 3,
            }
            if known
            else None,
            mode="lines+markers",
            name=escaped(shorten(system, NAME)),
            line={"color": colour(system), "width": 2.5},
            marker={"size": 8},
            hovertext=[f"{escaped(system)}<br>first {p.depth}: {interval(p.mean, p.low, p.high, 3)}" for p in line],
            hoverinfo="text",
        )
    return _framed(figure, depths, f"{measure}, mean and 95 % interval")


def latency_figure(points: Sequence[SweepPoint]) -> Figure:
    """p95 over depth, on a logarithmic scale, of the systems whose latency was measured."""
    import plotly.graph_objects as go

    figure = go.Figure()
    probed = [point for point in points if point.p95_ms is not None]
    for system, line in by_system(probed).items():
        figure.add_scatter(
            x=[point.depth for point in line],
            y=[point.p95_ms for point in line],
            mode="lines+markers",
            name=escaped(shorten(system, NAME)),
            line={"color": colour(system), "width": 2.5},
            marker={"size": 8},
            hovertemplate=f"{escaped(system)}<br>first %{{x}}: p95 %{{y:,.3g}} ms<extra></extra>",
        )
    _framed(figure, sorted({point.depth for point in probed}), "p95, ms per query (logarithmic)")
    figure.update_yaxes(type="log")
    return figure


def by_system(points: Sequence[SweepPoint]) -> dict[str, list[SweepPoint]]:
    """Systems in order of appearance with their points by depth."""
    found: dict[str, list[SweepPoint]] = {}
    for point in points:
        found.setdefault(point.system, []).append(point)
    return {system: sorted(line, key=lambda point: point.depth) for system, line in found.items()}


def _framed(figure: Figure, depths: Sequence[int], title: str) -> Figure:
    laid_out(figure, height=400)
    figure.update_layout(showlegend=True, legend=BELOW, margin={"t": 64})
    figure.update_yaxes(title=title)
    figure.update_xaxes(title="candidates reranked", tickmode="array", tickvals=list(depths), showgrid=True)
    return figure
