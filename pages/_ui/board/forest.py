"""Forest plots: an estimate and its interval in each row, the best on top, readable with 3 rows and with 60."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pages._ui.charts import QUIET, escaped, laid_out
from pages._ui.escape import shorten

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

ROOMY = 16  # rows up to which each has much room
NAME = 20  # characters of a name: with more, a narrow screen has no room for the bars


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """``hover``: lines under the pointer. ``beside``: a short text at the right end, a rank set. ``faint``: a second
    estimate with its interval, drawn below. ``span``: a range, drawn behind."""

    name: str
    value: float
    low: float | None
    high: float | None
    colour: str
    hover: tuple[str, ...]
    beside: str = ""
    faint: tuple[float, float | None, float | None] | None = None
    span: tuple[float, float] | None = None


def forest(rows: Sequence[Row], *, title: str, middle: float | None, beside: str = "") -> Figure:
    """``title``: of the horizontal axis. ``middle``: where a dotted line stands. ``beside``: heading of that text."""
    import plotly.graph_objects as go

    roomy = len(rows) <= ROOMY
    step, size = (44, 12) if roomy else (21, 8)
    figure = go.Figure()
    if middle is not None:
        figure.add_vline(x=middle, line={"color": QUIET, "width": 1, "dash": "dot"})
    for place, row in enumerate(rows):
        _drawn(figure, row, place, size, 2.5 if roomy else 1.5)
    if beside:
        figure.add_annotation(
            x=1, xref="paper", y=-0.8, text=beside, xanchor="left", xshift=6, showarrow=False, opacity=0.7
        )
    figure.update_yaxes(
        tickmode="array",
        tickvals=list(range(len(rows))),
        ticktext=[escaped(shorten(row.name, NAME)) for row in rows],
        tickfont={"size": 13 if roomy else 11},
        range=[len(rows) - 0.4, -1.1 if beside else -0.6],
        showgrid=False,
        zeroline=False,
    )
    figure.update_xaxes(title=title, zeroline=False, nticks=5, tickangle=0)
    return laid_out(figure, height=76 + step * (len(rows) + bool(beside)), right=58 if beside else 8, top=4)


def _drawn(figure: Figure, row: Row, place: int, size: int, thickness: float) -> None:
    if row.span is not None:
        figure.add_scatter(x=list(row.span), y=[place, place], mode="lines", line=_wide(), hoverinfo="skip")
    if row.faint is not None:
        _faint(figure, row, place)
    figure.add_scatter(
        x=[row.value],
        y=[place],
        mode="markers",
        marker={"size": size, "color": row.colour},
        error_x=_bar(row.value, row.low, row.high, thickness),
        hovertemplate="<br>".join(map(escaped, row.hover)) + "<extra></extra>",
    )
    if row.beside:
        figure.add_annotation(x=1, xref="paper", y=place, text=row.beside, xanchor="left", xshift=6, showarrow=False)


def _wide() -> dict[str, object]:
    return {"color": QUIET, "width": 9}


def _faint(figure: Figure, row: Row, place: int) -> None:
    value, low, high = row.faint or (0.0, None, None)
    figure.add_scatter(
        x=[value],
        y=[place + 0.3],
        mode="markers",
        marker={"size": 9, "color": row.colour, "symbol": "circle-open", "line": {"width": 2}},
        error_x=_bar(value, low, high, 1.5),
        hoverinfo="skip",
    )


def _bar(value: float, low: float | None, high: float | None, thickness: float) -> dict[str, object] | None:
    if low is None or high is None:
        return None
    return {
        "type": "data",
        "array": [high - value],
        "arrayminus": [value - low],
        "thickness": thickness,
        "width": 5 if thickness > 2 else 3,
    }
