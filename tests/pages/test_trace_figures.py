"""Drawings of traces: who met whom, with winners; columns, merged rounds, the matrix of all pairs; escaped titles."""

from __future__ import annotations

import pytest

from core.services.trace_reading import meetings
from pages._ui.trace_columns import MOST_COLUMNS, columns_of
from pages._ui.trace_figures import WON, legend, meetings_figure, order_figure
from tests.support.judge_adapter import lists_of_sizes, systems_of
from tests.support.judges import PerfectJudge
from tests.support.traces import replayed

INK = "#123456"


def made(spec: str, count: int):
    """A trace under a judge for whom later candidates are better, and hostile titles."""
    (system,), (candidates,) = systems_of(spec), lists_of_sizes([count])
    judge = PerfectJudge(worths={id: 0.1 + 0.8 * place / count for place, id in enumerate(candidates.ids)})
    return replayed(system, candidates, judge).run, {id: f"<b>{id}</b>" for id in candidates.ids}


def traces(figure) -> dict[str, object]:
    return {trace.name: trace for trace in figure.data}


def test_every_duel_is_two_marks_of_which_one_won() -> None:
    run, titles = made("prp-heapsort?k=3", 8)
    met = meetings(run)
    figure = meetings_figure(run, titles, INK)
    won, others = traces(figure)["won"], traces(figure)["met"]
    assert won.marker.color == WON
    assert len(won.x) == len(others.x) == len(met) > 8
    assert [int(y) for y in won.y] == [max(meeting.documents) for meeting in met]
    assert figure.layout.yaxis.ticktext[0] == "&lt;b&gt;q0d0&lt;/b&gt;  1"
    assert not any("<b>q" in text for trace in figure.data for text in trace.hovertext or ())
    assert "filled green" in legend(run, "meetings")


def test_documents_asked_one_by_one_share_a_column() -> None:
    run, titles = made("yes-no", 6)
    (value,) = meetings_figure(run, titles, INK).data[1:]
    assert list(value.x) == [0.0] * 6
    assert list(value.marker.color) == pytest.approx([place / 5 for place in range(6)])
    assert "one by one" in legend(run, "meetings")


def test_windows_carry_the_places_of_their_answers() -> None:
    run, titles = made("listwise?window=4&step=2", 8)
    columns = columns_of(meetings(run))
    assert [len(column.marks) for column in columns.columns] == [4, 4, 4]
    assert [mark.place for mark in columns.columns[0].marks] == [4, 3, 2, 1]
    figure = meetings_figure(run, titles, INK)
    assert sorted({text for trace in figure.data for text in trace.text or ()}) == ["1", "2", "3", "4"]
    order = order_figure(run, titles, INK)
    assert len(order.data) == 1 + 3  # the quiet ones together
    assert order.data[0].y.count(None) == 5
    best = order.data[-1]  # drawn last, over the others
    assert (best.y[0], best.y[-1]) == (8, 1)


def test_all_pairs_become_a_matrix() -> None:
    run, titles = made("prp-all-pair", 8)
    (heat,) = meetings_figure(run, titles, INK).data
    assert [list(row) for row in heat.z] == [[None if i == j else float(i > j) for j in range(8)] for i in range(8)]
    assert "green" in legend(run, "meetings")


def test_many_rounds_share_columns() -> None:
    run, titles = made("prp-heapsort", 60)
    columns = columns_of(meetings(run))
    assert columns.merged
    assert len(columns.columns) <= MOST_COLUMNS
    shares = [mark.share for column in columns.columns for mark in column.marks]
    assert min(shares) == 0.0
    assert max(shares) == 1.0
    assert meetings_figure(run, titles, INK).layout.height < 1200
    assert "share a column" in legend(run, "meetings")


def test_a_hundred_documents_have_a_row_each() -> None:
    run, titles = made("listwise", 100)
    for figure in (meetings_figure(run, titles, INK), order_figure(run, titles, INK)):
        assert 1000 < figure.layout.height < 1500


def test_what_asks_no_model_has_no_drawing() -> None:
    run, titles = made("first-stage", 4)
    assert meetings_figure(run, titles, INK) is None
    assert order_figure(run, titles, INK) is None
