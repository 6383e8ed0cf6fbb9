"""How the board came to be: ratings of the votes until some moments."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from core.bootstrap import App
from core.services.board.board_views import History, Line
from core.services.board.boards import Board
from pages._ui.board.chart_data import explained
from pages._ui.charts import QUIET, escaped, laid_out
from pages._ui.colours import colour
from pages._ui.escape import plain, shorten
from pages._ui.theme import PLOT
from pages._ui.wording import Table

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

LOUD = 5  # systems drawn in colour unless others are chosen
NAME = 24


def over_time(app: App, board: Board) -> None:
    """Lines of the ratings with their intervals."""
    st.subheader("Ratings over time", anchor=False)
    with st.spinner("Rating the votes until twenty moments ..."):
        found = app.leaderboard.history(board.request)
    st.markdown(plain(found.sentence))
    if all(point.rating is None for line in found.lines for point in line.points):
        return
    names = [line.system for line in found.lines]
    chosen = st.multiselect("In colour", names, default=names[:LOUD], key=f"loud_{board.collection}_{board.kind}")
    figure = time_chart(found.lines, chosen, {entry.name: entry.systems[0] for entry in board.entries})
    st.plotly_chart(figure, config=PLOT, key="time", alt="Ratings over time with 95 % intervals")
    explained(
        "Each point rates all votes cast until then, with today's decisions on them; points lie at equal numbers of "
        "votes. The bands are 95 % intervals of the systems in colour; grey lines are the others. A gap: not "
        "identifiable then.",
        history_table(found),
        "ratings over time",
    )


def time_chart(lines: Sequence[Line], loud: Sequence[str], specs: dict[str, str]) -> Figure:
    """Loud systems with their bands, the others as thin grey lines."""
    import plotly.graph_objects as go

    figure = go.Figure()
    for line in sorted(lines, key=lambda line: line.system in loud):
        times = [point.at for point in line.points]
        stroke = colour(specs.get(line.system, line.system)) if line.system in loud else QUIET
        if line.system in loud:
            _band(figure, line, stroke)
        figure.add_scatter(
            x=times,
            y=[point.rating for point in line.points],
            mode="lines+markers" if line.system in loud else "lines",
            line={"color": stroke, "width": 2.5 if line.system in loud else 1},
            marker={"size": 5},
            name=escaped(shorten(line.system, NAME)),
            showlegend=line.system in loud,
            hovertemplate=f"{escaped(line.system)}<br>%{{x}}: %{{y:.0f}}<extra></extra>",
        )
    laid_out(figure, height=420)
    figure.update_layout(
        showlegend=True, legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0}, margin={"t": 64}
    )
    figure.update_yaxes(title="rating", range=_reach(lines, loud))
    return figure


def _reach(lines: Sequence[Line], loud: Sequence[str]) -> list[float] | None:
    """From the lowest to the highest end of an interval, but of the first quarter only the ratings: few votes have
    intervals beside which all else is flat."""
    ends: list[float] = []
    for line in lines:
        early = len(line.points) // 4
        for number, point in enumerate(line.points):
            wide = [point.low, point.high] if number >= early and line.system in loud else []
            ends += [value for value in (point.rating, *wide) if value is not None]
    space = 0.03 * (max(ends, default=0.0) - min(ends, default=0.0))
    return [min(ends) - space, max(ends) + space] if ends else None


def _band(figure: Figure, line: Line, stroke: str) -> None:
    points = [point for point in line.points if point.low is not None]
    red, green, blue = (int(stroke[i : i + 2], 16) for i in (1, 3, 5))
    figure.add_scatter(
        x=[point.at for point in points] + [point.at for point in reversed(points)],
        y=[point.high for point in points] + [point.low for point in reversed(points)],
        fill="toself",
        fillcolor=f"rgba({red},{green},{blue},0.12)",
        line={"width": 0},
        mode="lines",
        hoverinfo="skip",
        showlegend=False,
    )


def history_table(found: History) -> Table:
    """A row for each system and moment."""
    rows = [(line.system, point) for line in found.lines for point in line.points]
    return {
        "System": [system for system, _ in rows],
        "At": [point.at.isoformat() for _, point in rows],
        "Votes": [point.votes for _, point in rows],
        "Rating": [point.rating for _, point in rows],
        "Low": [point.low for _, point in rows],
        "High": [point.high for _, point in rows],
    }
