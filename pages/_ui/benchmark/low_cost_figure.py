"""How much of the result fewer judgments would have shown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from core.services.benchmarks.views import LowCost
from pages._ui.charts import laid_out

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

LINES = {
    "found": ("significant pairs found", "#0f9488"),
    "reversed": ("found turned round", "#d6457f"),
    "unconfirmed": ("found but not confirmed", "#d9730d"),
    "tau": ("Kendall tau of the means", "#7b8494"),
}


def low_cost_figure(found: Sequence[LowCost]) -> Figure:
    """Shares of significant pairs, and rank correlation, against the share of judgments kept."""
    import plotly.graph_objects as go

    figure = go.Figure()
    ordered = sorted(found, key=lambda one: one.share)
    for field, (title, stroke) in LINES.items():
        figure.add_scatter(
            x=[one.share for one in ordered],
            y=[getattr(one, field) for one in ordered],
            mode="lines+markers",
            line={"color": stroke, "width": 2.5, "dash": "dot" if field == "tau" else "solid"},
            marker={"size": 7},
            name=title,
            hovertemplate=f"{title}: %{{y:.2f}} with %{{x:.0%}} of the judgments<extra></extra>",
        )
    laid_out(figure, height=360)
    figure.update_layout(
        showlegend=True, legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0}, margin={"t": 76}
    )
    figure.update_xaxes(title="share of the judgments", tickformat=".0%", range=[0, 1.03])
    figure.update_yaxes(title="share, or tau", range=[min(-0.03, *(one.tau for one in found), 0.0), 1.05])
    return figure
