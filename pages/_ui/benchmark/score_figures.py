"""Scores of one system by relevance, and what a threshold on them would do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.services.benchmarks.views import ScoreView
from pages._ui.charts import laid_out

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

KINDS = {"relevant": "#0f9488", "irrelevant": "#d9730d", "unjudged": "rgba(128,136,150,0.45)"}
SHARES = {"precision": "#0f9488", "recall": "#3b7dd8", "coverage": "#8b5cf6"}
TITLES = {"precision": "Precision", "recall": "Recall", "coverage": "Coverage"}
ABOVE = {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0}


def score_histogram(view: ScoreView, threshold: float | None) -> Figure:
    """Documents by score as shares of their kind, so that few relevant ones are seen beside many others."""
    import plotly.graph_objects as go

    figure = go.Figure()
    middles = [(low + high) / 2 for low, high in zip(view.edges, view.edges[1:], strict=False)]
    for kind, stroke in KINDS.items():
        counts: tuple[int, ...] = getattr(view, kind)
        total = sum(counts)
        if total:
            figure.add_scatter(
                x=middles,
                y=[count / total for count in counts],
                customdata=list(counts),
                mode="lines",
                line={"color": stroke, "width": 2, "shape": "hvh"},
                fill="tozeroy",
                name=f"{kind} ({total:,})",
                hovertemplate=f"%{{customdata:,}} {kind} documents about %{{x:.3g}}<extra></extra>",
            )
    laid_out(figure, height=320)
    _cut(figure, threshold)
    figure.update_layout(showlegend=True, legend=ABOVE, margin={"t": 56})
    figure.update_yaxes(title="share of its kind", tickformat=".0%", rangemode="tozero")
    figure.update_xaxes(title="score")
    return figure


def threshold_curves(view: ScoreView, threshold: float | None) -> Figure:
    """Precision, recall and coverage against the threshold."""
    import plotly.graph_objects as go

    figure = go.Figure()
    for name, stroke in SHARES.items():
        figure.add_scatter(
            x=[point.threshold for point in view.thresholds],
            y=[getattr(point, name) for point in view.thresholds],
            mode="lines",
            line={"color": stroke, "width": 2.5},
            name=TITLES[name],
            hovertemplate=f"{TITLES[name]} %{{y:.0%}} at %{{x:.3g}}<extra></extra>",
        )
    laid_out(figure, height=320)
    _cut(figure, threshold)
    figure.update_layout(showlegend=True, legend=ABOVE, margin={"t": 56})
    figure.update_yaxes(title="share", tickformat=".0%", range=[-0.02, 1.02])
    figure.update_xaxes(title="threshold on the score")
    return figure


def _cut(figure: Figure, threshold: float | None) -> None:
    if threshold is not None:
        figure.add_vline(x=threshold, line={"color": "rgba(128,136,150,0.9)", "width": 1.5, "dash": "dot"})
