"""Figures from plain data. Plotly is imported when the first one is drawn, since it costs most of a second."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from pages._ui.escape import shorten
from pages._ui.wording import UNKNOWN

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

QUIET = "rgba(128,136,150,0.35)"
GROUND = "rgba(0,0,0,0)"
SHEET = [[0.0, "rgba(47,91,183,0.06)"], [1.0, "rgba(47,91,183,0.75)"]]
BALANCE = [[0.0, "rgba(214,115,13,0.75)"], [0.5, "rgba(128,136,150,0.10)"], [1.0, "rgba(15,148,136,0.75)"]]
LINES = ("#3b7dd8", "#0f9488", "#8b5cf6", "#d9730d", "#d6457f", "#5f8f1f", "#0891b2", "#a0673c")
ROOMY, DENSE = 8, 16  # systems up to which the cells of a heat map have room for large texts, for any
CUT = "#d9730d"  # where a ranking would be cut
LABEL = 24  # characters of a title beside a line
NAME = 18  # characters of a system beside a heat map: half of a narrow screen
STANDOUT = 3  # a document in the top three of any ranking has a colour


def bump_chart(
    orders: Sequence[tuple[str, Sequence[int]]],
    titles: Sequence[str],
    depth: int = 10,
    *,
    keeps: Sequence[int | None] = (),
    ink: str = "",
) -> Figure:
    """Ranks of each document from ranking to ranking. ``orders``: name and document numbers, best first.

    ``keeps``: for each ranking where it would cut the list, None where it does not say; a line with words in ``ink``.
    """
    import plotly.graph_objects as go

    names = [name for name, _ in orders]
    ranks = [{doc: rank for rank, doc in enumerate(order, 1)} for _, order in orders]
    shown = sorted({doc for _, order in orders for doc in order[:depth]})
    standout = [doc for doc in shown if any(doc in order[:STANDOUT] for _, order in orders)]
    figure = go.Figure()
    for doc in shown:
        path = [rank.get(doc) for rank in ranks]
        loud = doc in standout
        stroke = LINES[standout.index(doc) % len(LINES)] if loud else QUIET
        figure.add_scatter(
            x=names,
            y=path,
            mode="lines+markers",
            line={"color": stroke, "width": 3 if loud else 1.5},
            marker={"size": 8 if loud else 5},
            name=titles[doc],
            hovertemplate="%{fullData.name}<br>%{x}: rank %{y}<extra></extra>",
        )
        if path[-1] is not None and path[-1] <= depth:
            figure.add_annotation(
                x=1, xref="paper", y=path[-1], text=shorten(titles[doc], LABEL), xanchor="left", showarrow=False
            )
    for place, keep in enumerate(keeps):
        if keep is not None and keep <= depth:
            y = keep + 0.5
            line = {"color": CUT, "width": 2}
            figure.add_shape(type="line", x0=place - 0.12, x1=place + 0.12, y0=y, y1=y, line=line)
            figure.add_annotation(
                x=place,
                y=y,
                text="below: not relevant",
                showarrow=False,
                yanchor="top",
                font={"size": 10, "color": ink},
            )
    figure.update_yaxes(range=[depth + 0.6, 0.4], dtick=1, title="rank", showgrid=False, zeroline=False)
    figure.update_xaxes(showgrid=True, side="top", range=[-0.15, len(names) - 0.85])
    return laid_out(figure, height=90 + 38 * depth, right=170)


def square_map(
    names: Sequence[str],
    values: Sequence[Sequence[float | None]],
    texts: Sequence[Sequence[str]],
    *,
    low: float,
    high: float,
    hovers: Sequence[Sequence[str]],
    ink: str,
    balanced: bool = False,
) -> Figure:
    """A heat map of systems against systems. ``values``: (n, n), None stays blank. Columns have numbers, rows names.

    With many systems the cells are small and carry no text; the longer texts come under the pointer.
    """
    import plotly.graph_objects as go

    dense = len(names) > DENSE
    figure = go.Figure(
        go.Heatmap(
            x=[str(number) for number in range(1, len(names) + 1)],
            y=[f"{escaped(shorten(name, NAME))}  {number}" for number, name in enumerate(names, 1)],
            z=[list(row) for row in values],
            text=None if dense else [list(row) for row in texts],
            texttemplate=None if dense else "%{text}",
            textfont={"color": ink, "size": 13 if len(names) <= ROOMY else 11},
            hovertext=[[escaped(text) for text in row] for row in hovers],
            hoverinfo="text",
            zmin=low,
            zmax=high,
            colorscale=BALANCE if balanced else SHEET,
            showscale=False,
            xgap=1 if dense else 2,
            ygap=1 if dense else 2,
        )
    )
    small = {"size": 10 if dense else 13}
    figure.update_yaxes(autorange="reversed", showgrid=False, tickfont=small, dtick=1)
    figure.update_xaxes(side="top", type="category", showgrid=False, tickfont=small)
    return laid_out(figure, height=70 + (15 if dense else 40) * len(names))


def escaped(text: str) -> str:
    """Plotly reads a few HTML tags in texts; names of others must not use them."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def interval(value: float | None, low: float | None, high: float | None, digits: int = 0) -> str:
    """``1012 (980 to 1044)``, or the value alone, or a dash."""
    if value is None:
        return UNKNOWN
    if low is None or high is None:
        return f"{value:.{digits}f}"
    return f"{value:.{digits}f} ({low:.{digits}f} to {high:.{digits}f})"


def laid_out(figure: Figure, height: int, right: int = 8, top: int = 36) -> Figure:
    layout: Mapping[str, object] = {
        "height": height,
        "margin": {"l": 8, "r": right, "t": top, "b": 8},
        "showlegend": False,
        "paper_bgcolor": GROUND,
        "plot_bgcolor": GROUND,
        "hoverlabel": {"align": "left"},
    }
    figure.update_layout(layout)
    figure.update_yaxes(automargin=True)
    figure.update_xaxes(automargin=True, fixedrange=True)
    figure.update_yaxes(fixedrange=True)
    return figure
