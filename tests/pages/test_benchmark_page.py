"""Benchmark: every state of a plan, from none to its results, over the fake engine."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from core.bootstrap import App
from core.domain.benchmarks import BenchmarkPlan
from core.domain.collections import Collection
from core.domain.first_stages import FirstStage
from core.domain.jobs import JobState
from core.measures.significance.findings import Correction
from pages._ui.benchmark.query_link import link_params
from pages._ui.benchmark.sections import SECTIONS
from tests.pages.conftest import Open
from tests.support.benchmarks import finished_plan
from tests.support.fake_engine import FakeEngine
from tests.support.page_tree import component, sent, texts

THREE = {"first-stage": 0.0, "bm25": 0.4, "maxsim": 0.9}


def button(at: AppTest, label: str) -> object:
    """The one button of this name."""
    (found,) = [one for one in at.button if one.label == label]
    return found


def until(wanted: Callable[[], bool]) -> None:
    """Wait until it holds."""
    deadline = time.monotonic() + 10
    while not wanted():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def ended(app: App, plan: BenchmarkPlan) -> None:
    until(lambda: app.benchmarks.running(plan) is None)


def small_plan(app: App, *systems: str, **fields: object) -> BenchmarkPlan:
    """A plan that nobody has started."""
    return app.benchmarks.create("small", systems, stage=FirstStage(depth=10), **{"probe_queries": 2, **fields})


def test_without_any_plan_the_page_says_what_a_benchmark_is(open_page: Open, small: Collection) -> None:
    at = open_page("benchmark", collection="small")
    assert at.title[0].value == "How good on all queries, and is the difference real?"
    assert "which differences are **real**" in texts(at)
    assert button(at, "Make the plan")
    assert not at.error


def test_a_plan_is_made_and_its_forecast_comes_before_it_runs(app: App, open_page: Open, small: Collection) -> None:
    at = open_page("benchmark", collection="small", systems=["bm25", "maxsim"])
    button(at, "Make the plan").click().run()
    assert not at.error
    (plan,) = app.benchmarks.all()
    assert plan.systems == ("first-stage", "bm25", "maxsim")
    assert at.query_params["plan"] == plan.id
    assert app.benchmarks.running(plan) is None
    forecast = next(frame.value for frame in at.dataframe if "Model calls" in frame.value.columns)
    assert list(forecast["Rankings"]) == [6, 6, 6]
    assert next(iter(forecast["Time"])) == "under 1 s"
    assert list(forecast["Time"])[1:] == ["not measured yet"] * 2
    button(at, "Measure one query").click().run()
    ended(app, plan)
    at.run()
    forecast = next(frame.value for frame in at.dataframe if "Model calls" in frame.value.columns)
    assert all(time.startswith(("about", "under")) for time in forecast["Time"])
    assert button(at, "Start")


def test_a_category_a_sample_and_measures_of_ones_own_enter_the_plan(
    app: App, open_page: Open, small: Collection
) -> None:
    at = open_page("benchmark", collection="small", systems=["bm25"])
    at.segmented_control(key="plan_queries").set_value("category").run()
    at.selectbox(key="plan_category").set_value("odd").run()
    at.multiselect(key="plan_measures").set_value(["P@3", "nonsense@"]).run()
    assert "is not the name of a measure" in texts(at)
    button(at, "Make the plan").click().run()
    (plan,) = app.benchmarks.all()
    assert (plan.category, plan.measures) == ("odd", ("P@3",))
    again = open_page("benchmark", collection="small", systems=["bm25"], plan="new")
    again.segmented_control(key="plan_queries").set_value("sample").run()
    next(box for box in again.number_input if box.key == "plan_sample").set_value(2).run()
    button(again, "Make the plan").click().run()
    sampled = next(one for one in app.benchmarks.all() if one.queries)
    assert len(sampled.queries) == 2


def test_language_models_are_warned_of_and_absent_models_are_named_with_the_reason(
    app: App, open_page: Open, small: Collection
) -> None:
    table = {"source": "hub:owner/name", "revision": "a" * 40, "kind": "cross-encoder"}
    app.systems.register(app.catalog.describe("far-away", table))
    absent = next(offer.spec for offer in app.systems.absent() if offer.model and offer.model.id == "far-away")
    at = open_page("benchmark", collection="small", systems=["query-likelihood", absent])
    assert "asks a language model" in texts(at)
    assert f"`{absent}` cannot run here: `far-away` is not downloaded" in texts(at)
    others = open_page("benchmark", collection="small", systems=["bm25"])
    assert absent in list(next(frame.value for frame in others.dataframe if "Why not" in frame.value.columns)["System"])
    button(at, "Make the plan").click().run()
    assert "can take hours" in texts(at)


def test_what_cannot_be_planned_is_told(app: App, open_page: Open, small: Collection) -> None:
    at = open_page("benchmark", collection="small", systems=["bm25"])
    at.multiselect(key="plan_measures").set_value([]).run()
    button(at, "Make the plan").click().run()
    assert "at least one measure" in texts(at)
    assert not app.benchmarks.all()


def test_a_running_plan_shows_its_cells_in_every_tab_and_can_be_cancelled_and_resumed(
    app: App, engine: FakeEngine, open_page: Open, small: Collection
) -> None:
    plan = small_plan(app, "first-stage", "bm25")
    at = open_page("benchmark", collection="small", plan=plan.id)
    engine.held = True
    button(at, "Start").click().run()
    until(lambda: bool(engine._waiting))
    at.run()
    assert button(at, "Cancel")
    other = open_page("benchmark", plan=plan.id)
    (waiting,) = engine._waiting
    engine.step(waiting, 4)
    other.run()
    matrix = other.dataframe[0].value
    assert list(matrix["System"]) == ["first-stage", "bm25"]
    assert sum(matrix["Whole lists"]) == 4
    button(other, "Cancel").click().run()
    ended(app, plan)
    assert app.benchmarks.latest(plan).state is JobState.CANCELLED
    other.run()
    assert "everything finished stays" in texts(other)
    engine.held = False
    button(other, "Resume").click().run()
    ended(app, plan)
    other.run()
    assert not [one for one in other.button if one.label in ("Resume", "Start", "Cancel")]
    assert "has nDCG@10" in sent(other).replace("\\", "") or "leads with" in sent(other)


def test_failures_are_counted_with_their_reason_and_the_others_stay(
    app: App, engine: FakeEngine, open_page: Open, small: Collection
) -> None:
    engine.failing = {"maxsim": "maxsim: 3 non-finite scores"}
    plan = small_plan(app, "bm25", "maxsim")
    app.benchmarks.start(plan)
    ended(app, plan)
    at = open_page("benchmark", plan=plan.id)
    matrix = next(frame.value for frame in at.dataframe if "Failed" in frame.value.columns)
    row = matrix[matrix["System"] == "maxsim"].iloc[0]
    assert (row["Whole lists"], row["Failed"], row["Latest failure"]) == (0, 6, "maxsim: 3 non-finite scores")
    assert button(at, "Run the failed ones again")


def test_results_are_the_sentence_a_plot_and_two_tables(app: App, open_page: Open, small: Collection) -> None:
    plan = finished_plan(app, "small", THREE)
    at = open_page("benchmark", plan=plan.id)
    assert not at.error
    results = app.results.of(plan)
    assert results.sentence in texts(at).replace("\\", "")
    assert at.get("plotly_chart")
    quality, cost = at.dataframe[0].value, at.dataframe[1].value
    assert list(quality["System"]) == [row.spec for row in results.rows]
    mean = results.rows[0].measures["nDCG@10"].mean
    assert next(iter(quality["nDCG@10"])).startswith(f"{mean:.3f} ±")
    assert set(cost["Calls"]) <= {0.0, 10.0}
    assert "fake 1" in texts(at)


@pytest.mark.parametrize("section", list(SECTIONS))
def test_every_section_is_drawn_without_an_error(app: App, open_page: Open, small: Collection, section: str) -> None:
    plan = finished_plan(app, "small", THREE, depths=(5,), shuffles=1)
    at = open_page("benchmark", plan=plan.id, section=section)
    assert not at.error, at.error[0].value
    assert next(one.value for one in at.segmented_control if one.key == "choice_section") == section


def test_the_correction_is_in_the_link(app: App, open_page: Open, small: Collection) -> None:
    plan = finished_plan(app, "small", THREE)
    at = open_page("benchmark", plan=plan.id, correction="tukey")
    assert app.results.of(plan, correction=Correction.TUKEY).sentence in texts(at).replace("\\", "")
    at.segmented_control(key="choice_correction").set_value("holm").run()
    assert app.results.of(plan).sentence in texts(at).replace("\\", "")
    assert "correction" not in at.query_params


def test_a_link_with_two_systems_counts_wins_ties_and_losses(app: App, open_page: Open, small: Collection) -> None:
    plan = finished_plan(app, "small", THREE)
    at = open_page("benchmark", plan=plan.id, section="queries", a="maxsim", b="bm25")
    found = app.results.differences(plan, "maxsim", "bm25", "nDCG@10")
    wins = sum(one.difference > 0 for one in found)
    assert f"`maxsim` is better on **{wins}**" in texts(at)
    table = next(frame.value for frame in at.dataframe if "Difference" in frame.value.columns)
    assert list(table["Id"]) == [one.query_id for one in found]


def test_the_link_of_a_query_shows_the_candidates_of_the_benchmark_with_both_rankings(
    app: App, open_page: Open, small: Collection
) -> None:
    plan = finished_plan(app, "small", THREE)
    link = link_params(app, plan, "q1", ["maxsim", "bm25", "maxsim"])
    assert link == {"collection": "small", "query": "q1", "system": ["maxsim", "bm25"], "candidates": "bm25 top 10"}
    at = open_page("playground", **link)
    columns = component(at, "runoff_ranking_view")["columns"]
    assert [len(column["rows"]) for column in columns] == [10, 10, 10]
    assert not [one for one in at.button if one.label == "Run"]
    at.selectbox(key="choice_candidates").set_value("usual").run()
    assert [one for one in at.button if one.label == "Run"]


def test_without_labels_cost_and_disagreement_are_shown_and_no_quality(
    app: App, open_page: Open, small: Collection
) -> None:
    plan = finished_plan(app, "small", THREE, queries=["q5"])  # the one without labels
    at = open_page("benchmark", plan=plan.id)
    assert not at.error
    assert "no labels" in texts(at) or "relevance labels" in texts(at)
    assert not at.get("plotly_chart")
    offered = next(one.options for one in at.segmented_control if one.key == "choice_section")
    assert "Pairs" not in offered
    assert "Disagreements" in offered


def test_one_system_and_one_query_have_a_mean_and_nothing_to_compare(
    app: App, open_page: Open, small: Collection
) -> None:
    alone = open_page("benchmark", plan=finished_plan(app, "small", {"first-stage": 0.0}).id)
    assert not alone.error
    assert "Pairs" not in next(one.options for one in alone.segmented_control if one.key == "choice_section")
    once = open_page("benchmark", plan=finished_plan(app, "small", THREE, queries=["q0"], seed=3).id)
    assert not once.error
    assert "±" not in next(iter(once.dataframe[0].value["nDCG@10"]))


def test_unfinished_systems_are_named_and_compared_with_nobody(app: App, open_page: Open, small: Collection) -> None:
    plan = finished_plan(app, "small", THREE, missing={"maxsim": 2})
    at = open_page("benchmark", plan=plan.id)
    assert "Not compared yet, since not every query is ranked: `maxsim`" in texts(at)
    assert "maxsim" not in list(next(f.value for f in at.dataframe if "Group" in f.value.columns)["System"])


def test_a_link_to_a_plan_brings_its_collection_and_an_unknown_one_gives_way(
    app: App, open_page: Open, small: Collection
) -> None:
    app.collections.ensure_sample()
    plan = finished_plan(app, "small", THREE)
    at = open_page("benchmark", plan=plan.id)
    assert next(box for box in at.selectbox if box.label == "Collection").value == "small"
    lost = open_page("benchmark", collection="small", plan="gone")
    assert not lost.error
    assert lost.query_params["plan"] == plan.id


def test_the_collection_follows_the_person_from_page_to_page(app: App, open_page: Open, small: Collection) -> None:
    app.collections.ensure_sample()
    at = open_page("home", collection="small")
    at.query_params.clear()
    at.switch_page("pages/benchmark.py").run()
    assert at.query_params["collection"] == "small"


def test_removing_a_plan_leaves_its_rankings(app: App, open_page: Open, small: Collection) -> None:
    plan = finished_plan(app, "small", THREE)
    at = open_page("benchmark", plan=plan.id)
    button(at, "Remove this plan").click().run()
    assert not app.benchmarks.all()
    assert "A new benchmark" in [one.value for one in at.subheader]
    assert app.store.rankings(list(app.store.candidate_set(plan.collection, plan.first_stage.set_name).values()))
