"""Benchmark: what its answer says where two names stand for one order, where one query is all there is, and so on."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from core.bootstrap import App
from core.domain.collections import Collection
from pages._ui.benchmark.alike import alike, alike_said
from tests.pages.conftest import Open
from tests.support.benchmarks import finished_plan
from tests.support.collections_on_disk import small_folder, write_files
from tests.support.page_tree import texts

THREE = {"first-stage": 0.0, "bm25": 0.4, "maxsim": 0.9}


def test_the_bundle_and_the_report_are_offered(app: App, open_page: Open, small: Collection) -> None:
    plan = finished_plan(app, "small", THREE)
    at = open_page("benchmark", plan=plan.id)
    labels = [one.proto.label for one in at.get("download_button")]
    assert labels[-2:] == ["Decision bundle", "Report"]


def test_equal_orders_are_called_equal(app: App, open_page: Open, small: Collection) -> None:
    plan = finished_plan(app, "small", THREE)
    results = app.results.of(plan)
    assert alike(results.rows) == []
    assert "equal values" not in texts(open_page("benchmark", plan=plan.id))
    by_name = {row.spec: row for row in results.rows}
    rows = (by_name["maxsim"], replace(by_name["bm25"], values=by_name["first-stage"].values), by_name["first-stage"])
    assert alike(rows) == [["bm25", "first-stage"]]
    assert alike_said(replace(results, rows=rows)) == [
        "`bm25` and `first-stage` have equal values on every query: the candidates came from BM25, so ranking them "
        "with it again changes nothing."
    ]
    unjudged = tuple(replace(row, values={}) for row in rows)
    assert alike(unjudged) == []


def test_fewer_judgments_are_asked_of_quality_alone(app: App, open_page: Open, small: Collection) -> None:
    plan = finished_plan(app, "small", THREE)
    at = open_page("benchmark", plan=plan.id, section="fewer")
    assert "Judged@10" not in at.segmented_control(key="choice_measure").options
    bare = finished_plan(app, "small", THREE, name="bare", measures=("Judged@10",))
    assert "no measure of quality" in texts(open_page("benchmark", plan=bare.id, section="fewer"))


def test_one_query_shows_no_infinite_figure(app: App, open_page: Open, small: Collection) -> None:
    plan = finished_plan(app, "small", THREE, queries=("q1",))
    at = open_page("benchmark", plan=plan.id, section="pairs")
    assert not at.error
    assert " inf " not in texts(at)
    table = next(frame.value for frame in at.dataframe if "Detectable" in frame.value.columns)
    assert not any("inf" in said for said in table["Difference"])
    assert table["Detectable"].isna().all()


def test_a_plan_of_another_collection_in_a_link_wins_on_every_page(
    app: App, open_page: Open, small: Collection, tmp_path: Path
) -> None:
    app.collections.import_path(write_files(tmp_path / "other", small_folder()), "other")
    first, second = finished_plan(app, "small", THREE), finished_plan(app, "other", THREE, seed=1)
    at = open_page("decide", plan=first.id)
    at.switch_page("pages/benchmark.py").run()
    at.query_params["plan"] = second.id
    at.switch_page("pages/decide.py").run()
    assert at.selectbox(key="choice_plan").value == second.id
    assert at.selectbox(key="choice_collection").value == "other"
