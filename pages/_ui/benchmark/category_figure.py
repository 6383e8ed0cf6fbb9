"""Means by category of query: one row of dots per category, one dot with its interval per system."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from core.services.benchmarks.views import CategoryRow
from pages._ui.charts import escaped, interval, laid_out
from pages._ui.colours import colour
from pages._ui.escape import shorten

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

ABOVE = {"orientation": "h", "y": 1.01, "yanchor": "bottom", "x": 0}
NAME, SPREAD = 22, 0.7  # characters of a name; how much of a row the dots of its systems take


def category_figure(found: Sequence[CategoryRow], systems: Sequence[str], measure: str) -> Figure:
    """Systems lie below one another in each category, in the order given."""
    import plotly.graph_objects as go

    figure = go.Figure()
    step = SPREAD / max(1, len(systems))
    for number, system in enumerate(systems):
        held = [(place, row, row.cells[system]) for place, row in enumerate(found) if system in row.cells]
        figure.add_scatter(
            x=[cell.mean for _, _, cell in held],
            y=[place + (number - (len(systems) - 1) / 2) * step for place, _, _ in held],
            error_x={
                "type": "data",
                "array": [0.0 if c.high is None else c.high - c.mean for _, _, c in held],
                "arrayminus": [0.0 if c.low is None else c.mean - c.low for _, _, c in held],
                "thickness": 1.5,
                "width": 3,
            },
            mode="markers",
            marker={"size": 9, "color": colour(system)},
            name=escaped(shorten(system, NAME)),
            hovertext=[
                f"{escaped(system)}<br>{escaped(row.category)}: {interval(c.mean, c.low, c.high, 3)}"
                for _, row, c in held
            ],
            hoverinfo="text",
        )
    laid_out(figure, height=110 + len(found) * max(40, 20 * len(systems)))
    figure.update_layout(showlegend=True, legend=ABOVE, margin={"t": 64})
    figure.update_yaxes(
        tickmode="array",
        tickvals=list(range(len(found))),
        ticktext=[f"{escaped(shorten(row.category, NAME))} ({row.queries})" for row in found],
        range=[len(found) - 0.45, -0.55],
        showgrid=False,
        zeroline=False,
    )
    figure.update_xaxes(title=f"{measure}, mean and 95 % interval", zeroline=False)
    return figure
