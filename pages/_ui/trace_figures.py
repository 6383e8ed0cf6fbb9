"""A trace as figures: which documents met in which round and who won, and how the order came about.

Functions of a run and the titles of its documents only, for traces of the moment and for stored ones. Titles are text
of others: they are escaped, since Plotly reads a few HTML tags.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from core.domain.traces import TracedRun
from core.services.trace_reading import Meeting, meetings
from pages._ui.charts import QUIET, escaped, laid_out
from pages._ui.trace_columns import Columns, columns_of
from pages._ui.trace_order import LOUD, order_figure, row_height, title_in

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

__all__ = ["legend", "meetings_figure", "order_figure", "said"]

WON, LOST, PLAIN = "#0f9488", "#d9730d", "rgba(128,136,150,0.75)"
VALUES = [[0.0, "rgba(59,125,216,0.22)"], [1.0, "#2f6fd0"]]
DUELS = [[0.0, "rgba(217,115,13,0.75)"], [0.5, "rgba(128,136,150,0.15)"], [1.0, "rgba(15,148,136,0.85)"]]
LABEL = 20  # characters of a title beside its row
DIVIDED = 30  # rounds up to which lines stand between them
TICKS = 6  # numbers of rounds that are written
NUMBERED = 12  # columns up to which marks carry the place that an answer gives
MATRIX_FROM = 40  # duels in few rounds from which on a matrix says more than columns


def meetings_figure(run: TracedRun, titles: Mapping[str, str], ink: str) -> Figure | None:
    """Rounds from left to right, documents in first-stage order from top to bottom, a mark per meeting.

    All pairs at once become a matrix. None where no request shows a document.
    """
    met = meetings(run)
    if not met:
        return None
    if _is_matrix(run, met):
        return _matrix(run, met, titles, ink)
    return _columns(run, columns_of(met), titles, ink)


def _columns(run: TracedRun, columns: Columns, titles: Mapping[str, str], ink: str) -> Figure:
    import plotly.graph_objects as go

    figure = go.Figure()
    joined_x: list[float | None] = []
    joined_y: list[float | None] = []
    for column in columns.columns:
        rows = [mark.document for mark in column.marks]
        if column.joined and len(rows) > 1:
            joined_x += [column.at, column.at, None]
            joined_y += [min(rows), max(rows), None]
    figure.add_scatter(
        x=joined_x, y=joined_y, mode="lines", line={"color": QUIET, "width": 1.5}, hoverinfo="skip", name="together"
    )
    small = len(run.candidates) > 40 or len(columns.columns) > 40
    _add_marks(figure, run, columns, titles, ink, small=small)
    if len(columns.rounds) <= DIVIDED:
        for at, _ in columns.rounds[1:]:
            figure.add_vline(x=at - 0.85, line={"color": QUIET, "width": 1, "dash": "dot"})
    every = max(1, -(-len(columns.rounds) // TICKS))
    shown = columns.rounds[::every]
    figure.update_xaxes(
        tickvals=[at for at, _ in shown], ticktext=[name for _, name in shown], side="top", showgrid=False,
        zeroline=False, title={"text": "round", "font": {"color": ink}}, tickfont={"color": ink}, tickangle=0,
        range=[-0.7, columns.columns[-1].at + 0.7],
    )  # fmt: skip
    return _with_rows(figure, run, titles, ink)


def _add_marks(
    figure: Figure, run: TracedRun, columns: Columns, titles: Mapping[str, str], ink: str, *, small: bool
) -> None:
    size = 6 if small else 10
    kinds = {
        "won": {"symbol": "circle", "color": WON, "size": size + 3},
        "lost": {"symbol": "x", "color": LOST, "size": size},
        "met": {"symbol": "circle-open", "color": PLAIN, "size": size - 1},
        "value": {"symbol": "circle", "size": size + 1, "colorscale": VALUES, "cmin": 0.0, "cmax": 1.0},
    }
    numbered = len(columns.columns) <= NUMBERED
    found: dict[str, list[tuple[float, int, str, float, str]]] = {kind: [] for kind in kinds}
    for column in columns.columns:
        for mark in column.marks:
            valued = mark.share is not None and not (column.joined and len(column.marks) > 1)
            kind = "won" if mark.won and not columns.merged else "lost" if mark.lost else "value" if valued else "met"
            said = f"{escaped(title_in(run, titles, mark.document, 60))}<br>{escaped(mark.said)}"
            place = str(mark.place) if numbered and mark.place else ""
            found[kind].append((column.at, mark.document, said, mark.share or 0.0, place))
    for kind, rows in found.items():
        marker: dict[str, object] = dict(kinds[kind])
        if kind == "value":
            marker["color"] = [row[3] for row in rows]
        if rows:
            figure.add_scatter(
                x=[row[0] for row in rows], y=[row[1] for row in rows], mode="markers+text", marker=marker, name=kind,
                hovertext=[row[2] for row in rows], hoverinfo="text", text=[row[4] for row in rows],
                textposition="middle right", textfont={"color": ink, "size": 11},
            )  # fmt: skip


def _matrix(run: TracedRun, duels: Sequence[Meeting], titles: Mapping[str, str], ink: str) -> Figure:
    """Row against column: the share of their requests in which the document of the row was the better one."""
    import plotly.graph_objects as go

    count = len(run.candidates)
    met = [[0] * count for _ in range(count)]
    won = [[0.0] * count for _ in range(count)]
    for duel in duels:
        for one, other in (duel.documents, duel.documents[::-1]):
            met[one][other] += 1
            won[one][other] += 1.0 if one in duel.winners else 0.0 if duel.winners else 0.5
    shares = [[won[i][j] / met[i][j] if met[i][j] else None for j in range(count)] for i in range(count)]
    names = [escaped(title_in(run, titles, document, 40)) for document in range(count)]
    hovers = [
        [f"{names[i]}<br>better than {names[j]}<br>in {won[i][j]:g} of {met[i][j]}" for j in range(count)]
        for i in range(count)
    ]
    figure = go.Figure(
        go.Heatmap(
            x=list(range(count)), y=list(range(count)), z=shares, zmin=0, zmax=1, colorscale=DUELS, showscale=False,
            hovertext=hovers, hoverinfo="text", xgap=1, ygap=1,
        )
    )  # fmt: skip
    every = 1 if count <= 30 else 5
    figure.update_xaxes(
        tickvals=list(range(0, count, every)), ticktext=[str(n + 1) for n in range(0, count, every)], side="top",
        showgrid=False, zeroline=False, tickfont={"color": ink}, title={"text": "against", "font": {"color": ink}},
    )  # fmt: skip
    return _with_rows(figure, run, titles, ink)


def _with_rows(figure: Figure, run: TracedRun, titles: Mapping[str, str], ink: str) -> Figure:
    """Rows in first-stage order, titles at the left, final ranks at the right."""
    count = len(run.candidates)
    ranks = {id: rank for rank, id in enumerate(run.order, start=1)}
    font = {"color": ink, "size": 12 if count <= 30 else 10 if count <= 60 else 9}
    figure.update_yaxes(
        tickvals=list(range(count)), showgrid=False, zeroline=False, tickfont=font, range=[count - 0.4, -0.6],
        ticktext=[f"{escaped(title_in(run, titles, place, LABEL))}  {place + 1}" for place in range(count)],
    )  # fmt: skip
    beside = {"x": 1, "xref": "paper", "xanchor": "left", "showarrow": False, "font": font}
    result: list[dict[str, object]] = [
        {**beside, "y": place, "xshift": 6, "text": f"<b>{ranks[id]}</b>" if ranks[id] <= LOUD else str(ranks[id])}
        for place, id in enumerate(run.candidates)
    ]
    result.append({**beside, "y": 1, "yref": "paper", "yanchor": "bottom", "yshift": 4, "text": "result"})
    laid_out(figure, height=80 + row_height(count) * count, right=48, top=48)
    figure.update_layout(annotations=result, hovermode="closest")
    return figure


def said(run: TracedRun, drawing: str) -> str:
    """What a drawing shows, for those who do not see it."""
    if drawing == "order":
        return f"Rank of each of {len(run.candidates)} documents after each of {len(run.steps)} steps"
    return f"Which of {len(run.candidates)} documents met in each of {run.rounds_made} rounds, and who was best"


def legend(run: TracedRun, drawing: str) -> str:
    """How to read a drawing."""
    if drawing == "order":
        return "Steps of the strategy from left to right. The three documents at the head of the result are coloured."
    met = meetings(run)
    if _is_matrix(run, met):
        return "A row is green where its document was the better one, orange where the other was, grey for a draw."
    if columns_of(met).merged:
        return "Several rounds share a column: the darker a mark, the more often its document was the best."
    parts = ["Rounds from left to right, documents in first-stage order, their final rank at the right."]
    if any(len(meeting.documents) > 1 for meeting in met):
        parts.append("A line joins documents of one request; the filled green one was judged best.")
    if any(len(meeting.order) > 2 for meeting in met) and len(columns_of(met).columns) <= NUMBERED:
        parts.append("Numbers are places in an answer.")
    if any(len(meeting.documents) < 2 for meeting in met):
        parts.append("Of documents asked one by one, the darker the better.")
    if any(meeting.losers for meeting in met):
        parts.append("A cross was judged worst.")
    return " ".join(parts)


def _is_matrix(run: TracedRun, met: Sequence[Meeting]) -> bool:
    duels = sum(len(meeting.documents) == 2 for meeting in met)
    return duels == len(met) and len(met) >= MATRIX_FROM and run.rounds_made <= 2
