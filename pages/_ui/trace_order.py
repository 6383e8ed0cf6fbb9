"""How an order came about, as a figure: ranks from the first stage through a strategy's steps to the result."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from core.domain.traces import TracedRun
from pages._ui.charts import LINES, QUIET, escaped, laid_out
from pages._ui.escape import shorten

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

LOUD = 3  # documents at the head of the result that stand out
MOST_STEPS = 120  # that an order is drawn for; of more, evenly spread ones
MOST_HOVERS = 6000  # points of quiet lines that say what they are
MARKED = 30  # orders up to which every one has a mark
NAMED = 40  # documents up to which all have their title at the end; of more, the first ten
LABEL = 20

Orders = Sequence[tuple[str, tuple[int, ...]]]


def order_figure(run: TracedRun, titles: Mapping[str, str], ink: str) -> Figure | None:
    """A line per document; None where no step has an order of all documents."""
    import plotly.graph_objects as go

    orders = _orders(run)
    if not orders:
        return None
    final = orders[-1][1]
    ranks = [{document: rank for rank, document in enumerate(order, start=1)} for _, order in orders]
    notes = [escaped(shorten(" ".join(note.split()), 90)) for note, _ in orders]
    paths = {document: [rank[document] for rank in ranks] for document in final}
    names = {document: escaped(title_in(run, titles, document, 60)) for document in final}
    figure = go.Figure(_quiet_lines(final[LOUD:], paths, names, notes))
    for place, document in reversed(list(enumerate(final[:LOUD]))):  # the best is drawn last, over the others
        figure.add_scatter(
            x=list(range(len(orders))),
            y=paths[document],
            mode="lines+markers" if len(orders) <= MARKED else "lines",
            line={"color": LINES[place], "width": 3},
            marker={"size": 7},
            hovertext=[
                f"{names[document]}<br>{note}: rank {rank}" for note, rank in zip(notes, paths[document], strict=True)
            ],
            hoverinfo="text",
            name=names[document],
        )
    ends = final if len(final) <= NAMED else final[:10]
    beside = {"x": 1, "xref": "paper", "xanchor": "left", "showarrow": False, "font": {"color": ink, "size": 11}}
    figure.update_layout(
        annotations=[
            {**beside, "y": rank, "text": escaped(title_in(run, titles, document, LABEL))}
            for rank, document in enumerate(ends, start=1)
        ]
    )
    return _with_axes(figure, len(orders), len(final), ink)


def row_height(count: int) -> int:
    """Pixels of each of ``count`` rows."""
    return 26 if count <= 20 else 18 if count <= 50 else 13


def title_in(run: TracedRun, titles: Mapping[str, str], place: int, most: int) -> str:
    """The title of a candidate in at most ``most`` characters, else its id."""
    id = run.candidates[place]
    return shorten(" ".join(titles.get(id, id).split()) or id, most)


def _orders(run: TracedRun) -> Orders:
    """First stage, steps and result, each with its name; nothing where no step has an order."""
    kept = [(f"step {number}: {step.note}", step.order) for number, step in enumerate(run.steps, 1) if step.order]
    if not kept:
        return ()
    if len(kept) > MOST_STEPS:
        kept = [kept[i * (len(kept) - 1) // (MOST_STEPS - 1)] for i in range(MOST_STEPS)]
    places = {id: place for place, id in enumerate(run.candidates)}
    final = tuple(places[id] for id in run.order)
    orders = [("first stage", tuple(range(len(places)))), *kept]
    return orders if orders[-1][1] == final else [*orders, ("the result", final)]


def _quiet_lines(
    documents: Sequence[int], paths: Mapping[int, list[int]], names: Mapping[int, str], notes: Sequence[str]
) -> list[dict[str, object]]:
    """All of them as one trace with gaps, since every trace costs time."""
    x: list[int | None] = []
    y: list[int | None] = []
    hovers: list[str] = []
    for document in documents:
        x += [*range(len(notes)), None]
        y += [*paths[document], None]
        hovers += [*(f"{names[document]}<br>{n}: rank {r}" for n, r in zip(notes, paths[document], strict=True)), ""]
    line: dict[str, object] = {
        "type": "scatter",
        "x": x,
        "y": y,
        "mode": "lines+markers" if len(notes) <= MARKED else "lines",
        "line": {"color": QUIET, "width": 1.2},
        "marker": {"size": 4},
        "name": "others",
        "hoverinfo": "skip",
    }
    return [{**line, "hovertext": hovers, "hoverinfo": "text"} if len(x) <= MOST_HOVERS else line]


def _with_axes(figure: Figure, orders: int, documents: int, ink: str) -> Figure:
    figure.update_xaxes(tickvals=[0, orders - 1], ticktext=["first stage", "result"], showgrid=False, side="top")
    figure.update_xaxes(tickfont={"color": ink}, range=[-0.4, orders - 0.6], zeroline=False)
    figure.update_yaxes(range=[documents + 0.6, 0.4], showgrid=False, zeroline=False, tickfont={"color": ink})
    figure.update_yaxes(title={"text": "rank", "font": {"color": ink}}, dtick=1 if documents <= 20 else 10)
    return laid_out(figure, height=70 + row_height(documents) * documents, right=150, top=30)
