"""Figures of a benchmark as functions of data: what is drawn where, in which colour, and that texts stay texts."""

import pytest

from core.services.benchmarks.views import (
    CategoryRow,
    LowCost,
    MeasureCell,
    QueryDifference,
    ScoreView,
    SweepPoint,
    ThresholdPoint,
)
from pages._ui.benchmark.category_figure import category_figure
from pages._ui.benchmark.difference_figures import difference_bars, difference_scatter
from pages._ui.benchmark.low_cost_figure import low_cost_figure
from pages._ui.benchmark.mean_figure import lines_said, mean_figure
from pages._ui.benchmark.score_figures import score_histogram, threshold_curves
from pages._ui.benchmark.scores import balance
from pages._ui.benchmark.sweep_figures import latency_figure, sweep_figure
from pages._ui.colours import colour
from tests.support.benchmark_views import MEASURE, made_results

FOUND = tuple(
    QueryDifference(query_id=f"q{number}", text=f"<b>query</b> {number}", category="", first=first, second=second)
    for number, (first, second) in enumerate([(0.9, 0.2), (0.5, 0.5), (0.1, 0.6)])
)


def test_means_have_their_colour_the_baseline_a_dotted_and_the_ceiling_a_dashed_line() -> None:
    results = made_results({"first-stage": [0.1, 0.3, 0.2], "bm25": [0.6, 0.8, 0.7]})
    figure = mean_figure(results)
    dots = [trace for trace in figure.data if trace.mode == "markers"]
    assert [(trace.x[0], trace.marker.color) for trace in dots] == [
        (pytest.approx(0.7), colour("bm25")),
        (pytest.approx(0.2), colour("first-stage")),
    ]
    lines = {shape.line.dash: shape.x0 for shape in figure.layout.shapes}
    assert lines == {"dot": pytest.approx(0.2), "dash": 0.9}
    assert lines_said(results).startswith("Dotted line: the baseline first-stage, 0.200 ±")


def test_bars_are_in_the_order_of_the_queries_and_coloured_by_the_better_system() -> None:
    figure = difference_bars(FOUND, "bm25", "first-stage", MEASURE)
    (bars,) = figure.data
    assert list(bars.y) == [pytest.approx(0.7), 0.0, pytest.approx(-0.5)]
    assert list(bars.marker.color)[0::2] == [colour("bm25"), colour("first-stage")]
    assert "&lt;b&gt;query" in bars.hovertext[0]


def test_the_scatter_has_one_point_per_query_in_the_same_order() -> None:
    (points,) = difference_scatter(FOUND, "bm25", "first-stage", MEASURE).data
    assert list(points.x) == [0.2, 0.5, 0.6]
    assert list(points.y) == [0.9, 0.5, 0.1]


def test_the_sweep_has_a_line_per_system_and_the_ceiling() -> None:
    points = [
        SweepPoint(system=s, depth=d, mean=m, low=m - 0.1, high=m + 0.1, ceiling=c, p50_ms=None, p95_ms=ms)
        for s, d, m, c, ms in [("a", 20, 0.5, 0.8, 9.0), ("a", 10, 0.4, 0.6, 4.0), ("b", 10, 0.3, 0.6, None)]
    ]
    ceiling, a, b = sweep_figure(points, MEASURE).data
    assert (list(ceiling.x), list(ceiling.y)) == ([10, 20], [0.6, 0.8])
    assert (list(a.x), list(a.y), list(b.y)) == ([10, 20], [0.4, 0.5], [0.3])
    (timed,) = latency_figure(points).data
    assert (list(timed.x), list(timed.y)) == ([10, 20], [4.0, 9.0])


def test_scores_are_shares_of_their_kind_with_the_threshold_as_a_line() -> None:
    view = ScoreView(
        system="a",
        edges=(0.0, 0.5, 1.0),
        relevant=(1, 3),
        irrelevant=(8, 2),
        unjudged=(0, 0),
        thresholds=(ThresholdPoint(threshold=0.5, precision=0.6, recall=0.75, coverage=1.0, kept=0.4),),
    )
    figure = score_histogram(view, 0.5)
    assert [list(trace.y) for trace in figure.data] == [[0.25, 0.75], [0.8, 0.2]]
    assert [shape.x0 for shape in figure.layout.shapes] == [0.5]
    assert [list(trace.y) for trace in threshold_curves(view, None).data] == [[0.6], [0.75], [1.0]]
    assert balance(view.thresholds[0]) == pytest.approx(2 * 0.6 * 0.75 / 1.35)


def test_categories_lie_below_one_another_with_a_dot_per_system() -> None:
    cell = MeasureCell(mean=0.5, low=0.4, high=0.6, worst=None, best=None)
    alone = MeasureCell(mean=0.3, low=None, high=None, worst=None, best=None)
    rows = [
        CategoryRow(category="fact", queries=3, cells={"a": cell, "b": cell}),
        CategoryRow(category="how", queries=1, cells={"a": alone}),
    ]
    a, b = category_figure(rows, ["a", "b"], MEASURE).data
    assert (list(a.x), list(b.x)) == ([0.5, 0.3], [0.5])
    assert a.y[0] < b.y[0] < a.y[1]
    assert list(a.error_x.array) == [pytest.approx(0.1), 0.0]


def test_fewer_judgments_are_drawn_by_share() -> None:
    made = [
        LowCost(share=share, draws=20, tau=0.9, found=found, reversed=0.0, unconfirmed=0.1)
        for share, found in [(0.5, 0.8), (0.1, 0.2)]
    ]
    found = low_cost_figure(made).data[0]
    assert (list(found.x), list(found.y)) == ([0.1, 0.5], [0.2, 0.8])
