"""Quality against cost: the systems, the front, the limit, and the one to ship."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.services.choosing.choice import NO_RERANKER, Choice, Option, State
from core.services.choosing.limits import Axis
from pages._ui.charts import GROUND, QUIET, escaped, interval, laid_out
from pages._ui.colours import colour
from pages._ui.decide.cost_axis import CostScale, cost_scale, limit_on, shown_unit
from pages._ui.decide.wording import cost_said, state_said
from pages._ui.escape import shorten

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

NAME = 24  # characters of a name beside its point
NEAR = 0.25  # share of the width from an edge at which a name stands inward
GREY = "#8a919e"
TITLES = {
    Axis.LATENCY: "p95 latency of one query, ms",
    Axis.MEMORY: "memory of all models, MB",
    Axis.PRICE: "price of 1,000 queries",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """An option where it is drawn: its number in the table, whether its name is written, on which ``side`` of it the
    name begins or ends."""

    option: Option
    number: int
    x: float
    named: bool
    side: str


def front_figure(choice: Choice, ink: str) -> Figure:
    """Options whose cost on the chosen axis is known. ``ink``: the colour of text."""
    import plotly.graph_objects as go

    axis = choice.limits.axis
    costed = [
        (option, shown_unit(axis, cost)) for option in choice.options if (cost := option.cost.on(axis)) is not None
    ]
    limit = limit_on(axis, choice.limits)
    scale = cost_scale([cost for _, cost in costed], limit)
    points = [_point(choice, option, scale, cost) for option, cost in costed]
    figure = go.Figure()
    if limit is not None:
        _limit(figure, scale, limit)
    _front(figure, points, scale)
    for point in points:
        _draw(figure, point, choice, ink)
    title = f"{TITLES[axis]}, {choice.currency}" if axis is Axis.PRICE else TITLES[axis]
    figure.update_xaxes(title=title, range=[scale.low, scale.high], zeroline=False, showgrid=True)
    if scale.log:
        figure.update_xaxes(
            tickmode="array", tickvals=[place for place, _ in scale.ticks], ticktext=[text for _, text in scale.ticks]
        )
    figure.update_yaxes(title=escaped(choice.measure), zeroline=False, nticks=7)
    return laid_out(figure, height=430, top=12)


def _point(choice: Choice, option: Option, scale: CostScale, cost: float) -> Point:
    x = scale.place(cost)
    share = (x - scale.low) / (scale.high - scale.low)
    return Point(
        option=option,
        number=choice.options.index(option) + 1,
        x=x,
        named=option.recommended or option.spec == NO_RERANKER or option is choice.best,
        side="left" if share < NEAR else "right" if share > 1 - NEAR else "center",
    )


def _draw(figure: Figure, point: Point, choice: Choice, ink: str) -> None:
    """A number in a circle; a ring where it is alike; a name for the few that the answer is about."""
    option = point.option
    feasible = option.state is State.FEASIBLE
    shade = colour(option.spec) if feasible else GREY
    if option.alike:
        figure.add_scatter(
            x=[point.x], y=[option.quality.mean], mode="markers", hoverinfo="skip",
            marker={"size": 33, "color": GROUND, "line": {"color": shade, "width": 2}},
        )  # fmt: skip
    figure.add_scatter(
        x=[point.x],
        y=[option.quality.mean],
        mode="markers+text",
        text=[str(point.number)],
        textposition="middle center",
        textfont={"color": "#ffffff", "size": 12},
        marker={
            "size": 27 if option.recommended else 20,
            "color": shade,
            "opacity": 1.0 if feasible else 0.55,
            "symbol": "diamond" if option.recommended else "circle",
            "line": {"width": 0},
        },
        error_y=_bar(option, shade),
        hovertemplate="<br>".join(map(escaped, _hover(option, choice))) + "<extra></extra>",
        cliponaxis=False,
    )
    if point.named:
        name = escaped(shorten(option.name, NAME))
        figure.add_annotation(
            x=point.x, y=option.quality.mean, text=f"<b>{name}</b>" if option.recommended else name,
            showarrow=False, xanchor=point.side, yanchor="bottom" if option.recommended else "top",
            yshift=16 if option.recommended else -12, font={"color": ink, "size": 13},
        )  # fmt: skip


def _bar(option: Option, shade: str) -> dict[str, object] | None:
    cell = option.quality
    if cell.low is None or cell.high is None:
        return None
    return {
        "type": "data",
        "array": [cell.high - cell.mean],
        "arrayminus": [cell.mean - cell.low],
        "thickness": 1,
        "width": 0,
        "color": f"{shade}66",
    }


def _hover(option: Option, choice: Choice) -> list[str]:
    cell = option.quality
    return [
        option.name,
        f"{choice.measure} {interval(cell.mean, cell.low, cell.high, 3)}",
        *cost_said(option, choice.currency),
        state_said(option),
        *(reason.text for reason in option.reasons),
    ]


def _front(figure: Figure, points: Sequence[Point], scale: CostScale) -> None:
    """A staircase: so much quality is to be had for so much cost."""
    held = sorted(
        (point for point in points if point.option.front), key=lambda point: (point.x, point.option.quality.mean)
    )
    if not held:
        return
    figure.add_scatter(
        x=[*(point.x for point in held), scale.high],
        y=[*(point.option.quality.mean for point in held), held[-1].option.quality.mean],
        mode="lines",
        line={"color": QUIET, "width": 2, "shape": "hv"},
        hoverinfo="skip",
    )


def _limit(figure: Figure, scale: CostScale, limit: float) -> None:
    place = scale.place(limit)
    if place >= scale.high:
        return
    figure.add_vrect(x0=place, x1=scale.high, fillcolor=QUIET, opacity=0.25, line_width=0, layer="below")
    figure.add_vline(x=place, line={"color": QUIET, "width": 2, "dash": "dot"})
