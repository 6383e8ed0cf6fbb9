"""What a strategy costs as the list grows, as a figure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from core.services.strategies import CostPoint
from pages._ui.charts import LINES, laid_out

if TYPE_CHECKING:
    from plotly.graph_objects import Figure


TICKS = (2, 5, 10, 20, 50, 100)  # documents that are written below the axis


def cost_figure(points: Sequence[CostPoint], ink: str) -> Figure:
    """Calls and sequential rounds over the number of documents, on logarithmic axes; zeros are left out."""
    import plotly.graph_objects as go

    figure = go.Figure()
    lines = (
        ("model calls", [point.calls for point in points], "solid", LINES[0]),
        ("rounds that wait", [point.rounds for point in points], "dot", LINES[3]),
    )
    for name, values, dash, colour in lines:
        figure.add_scatter(
            x=[point.n_docs for point in points],
            y=[value or None for value in values],
            name=name,
            mode="lines+markers",
            line={"color": colour, "dash": dash, "width": 2},
            marker={"size": 6},
            customdata=[_said(point) for point in points],
            hovertemplate="%{customdata}<extra></extra>",
        )
    figure.update_xaxes(type="log", title="documents", tickvals=TICKS, tickfont={"color": ink})
    figure.update_yaxes(type="log", rangemode="tozero", dtick=1, minor={"ticks": ""}, tickfont={"color": ink})
    laid_out(figure, height=280, top=28)
    figure.update_layout(showlegend=True, legend={"orientation": "h", "y": 1.15, "x": 0, "font": {"color": ink}})
    return figure


def _said(point: CostPoint) -> str:
    written = f"<br>writes at most {point.most_generated:,} tokens" if point.most_generated else ""
    return (
        f"{point.n_docs} documents<br>{point.calls:,} calls in {point.rounds:,} rounds"
        f"<br>reads about {point.prompt_tokens:,} tokens{written}"
    )
