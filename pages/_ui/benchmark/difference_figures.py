"""Two systems query by query: differences sorted, and one against the other. Points are in the order of the data."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from core.services.benchmarks.views import QueryDifference
from pages._ui.benchmark.benchmark_words import signed
from pages._ui.charts import QUIET, escaped, laid_out
from pages._ui.colours import colour
from pages._ui.escape import shorten

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

HOVER, NAME = 70, 28  # characters of a query under the pointer, of a system on an axis


def difference_bars(found: Sequence[QueryDifference], first: str, second: str, measure: str) -> Figure:
    """One bar per query in the order given: up in the colour of ``first`` where it is better."""
    import plotly.graph_objects as go

    figure = go.Figure(
        go.Bar(
            x=list(range(1, len(found) + 1)),
            y=[one.difference for one in found],
            marker={"color": _colours(found, first, second), "line": {"width": 0}},
            hovertext=[_hover(one, first, second) for one in found],
            hoverinfo="text",
        )
    )
    figure.update_layout(bargap=0.08 if len(found) < 80 else 0)
    figure.update_yaxes(title=f"difference in {escaped(measure)}", zeroline=True, zerolinecolor=QUIET, nticks=7)
    figure.update_xaxes(title="queries, sorted by difference", showgrid=False, nticks=6)
    return laid_out(figure, height=320, top=8)


def difference_scatter(found: Sequence[QueryDifference], first: str, second: str, measure: str) -> Figure:
    """One point per query: ``second`` across, ``first`` up; above the diagonal ``first`` is better."""
    import plotly.graph_objects as go

    values = [value for one in found for value in (one.first, one.second)] or [0.0]
    low, high = min(0.0, *values), max(1.0, *values)
    space = 0.04 * (high - low)
    reach = [low - space, high + space]
    figure = go.Figure(
        go.Scatter(
            x=[one.second for one in found],
            y=[one.first for one in found],
            mode="markers",
            marker={"size": 9, "opacity": 0.75, "color": _colours(found, first, second), "line": {"width": 0}},
            hovertext=[_hover(one, first, second) for one in found],
            hoverinfo="text",
        )
    )
    figure.add_shape(
        type="line", x0=low, y0=low, x1=high, y1=high, line={"color": QUIET, "width": 1, "dash": "dot"}, layer="below"
    )
    figure.update_xaxes(title=f"{measure} of {escaped(shorten(second, NAME))}", range=reach, zeroline=False)
    figure.update_yaxes(title=f"{measure} of {escaped(shorten(first, NAME))}", range=reach, zeroline=False)
    return laid_out(figure, height=380, top=8)


def _colours(found: Sequence[QueryDifference], first: str, second: str) -> list[str]:
    better, worse = colour(first), colour(second)
    return [better if one.difference > 0 else worse if one.difference < 0 else "#7b8494" for one in found]


def _hover(one: QueryDifference, first: str, second: str) -> str:
    query = shorten(" ".join(one.text.split()), HOVER)
    lines = (query, f"{one.first:.3f} {first}", f"{one.second:.3f} {second}", f"difference {signed(one.difference)}")
    return "<br>".join(map(escaped, lines))
