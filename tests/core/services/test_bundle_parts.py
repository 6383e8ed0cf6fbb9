"""Parts of bundles: what differs between two JSON values, round figures of an axis, tables."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.bootstrap import App
from core.domain.canonical import Json
from core.domain.collections import Collection
from core.services.benchmarks.views import MeasureCell
from core.services.bundles.compared import differences, numbers
from core.services.bundles.interval_plot import interval_plot, round_figures
from core.services.bundles.tables import measures_table, rankings_table
from tests.support.benchmarks import finished_plan


@pytest.mark.parametrize(
    ("written", "found", "places"),
    [
        ({"a": [1, 2.0]}, {"a": [1, 2.0 + 1e-12]}, []),
        ({"a": [1, 2.0]}, {"a": [1, 2.0 + 1e-6]}, ["a.1"]),
        ({"a": 1}, {"b": 1}, ["a", "b"]),
        ([1, 2], [1, 2, 3], [""]),
        ({"a": True}, {"a": 1}, ["a"]),
        ({"a": None}, {"a": 0}, ["a"]),
        (1e12, 1e12 + 1e-3, []),
        (10**400, 1.0, [""]),
        ("x", "y", [""]),
    ],
)
def test_differences_name_the_place(written: Json, found: Json, places: list[str]) -> None:
    assert [one.place for one in differences(written, found)] == places


def test_numbers_are_counted_without_truth_values() -> None:
    assert numbers({"a": [1, 2.5, True, None, "3"], "b": {"c": 0}}) == 3


@given(st.floats(-1e3, 1e3), st.floats(0, 1e3))
def test_axis_holds_everything_in_few_round_steps(low: float, span: float) -> None:
    figures = round_figures(low, low + span)
    slack = 1e-6 * max(1.0, abs(low), span)
    assert figures[0] <= low + slack
    assert figures[-1] >= low + span - slack
    assert 2 <= len(figures) <= 9
    steps = {round((b - a) / (figures[1] - figures[0]), 6) for a, b in pairwise(figures)}
    assert steps == {1.0}


def test_places_keep_the_order_of_values() -> None:
    cells = [MeasureCell(mean=m, low=m - 0.1, high=m + 0.1, worst=None, best=None) for m in (0.6, 0.4)]
    plot = interval_plot([("a", cells[0], "a"), ("b" * 99, cells[1], "b")], 0.9)
    first, second = plot.dots
    assert first.low is not None
    assert plot.ceiling is not None
    assert second.x < first.low < first.x < plot.ceiling <= plot.width
    assert math.isclose(first.x - first.low, first.x - second.x - (first.low - second.x), abs_tol=0.2)
    assert len(second.label) < 50


def test_tables_hold_every_query_and_every_document(app: App, small: Collection) -> None:
    plan = finished_plan(app, "small", {"first-stage": 0.0, "maxsim": 0.9}, failing={"maxsim": 1})
    snapshot, results = app.bundles.snapshot(plan), app.results.of(plan)
    measures = measures_table(snapshot, results)
    assert len(measures["value"]) == 2 * 5 * len(plan.measures)
    failed = [place for place, ranked in enumerate(measures["ranked"]) if not ranked]
    assert {measures["system"][place] for place in failed} == {"maxsim"}
    assert {measures["value"][place] for place in failed} == {0.0}
    rankings = rankings_table(snapshot)
    assert len(rankings["document"]) == sum(len(r.order) for one in snapshot.ranked for r in one.rankings.values())
    for place, system in enumerate(rankings["system"]):
        if system == "first-stage":
            assert rankings["rank"][place] == rankings["first_stage_rank"][place]
