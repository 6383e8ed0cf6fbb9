"""Decide: what the page says, shows and offers in every state."""

from __future__ import annotations

import json

import pytest
from streamlit.testing.v1 import AppTest

from core.bootstrap import App
from core.domain.benchmarks import BenchmarkPlan
from core.domain.collections import Collection
from tests.pages.conftest import Open
from tests.support.benchmarks import finished_plan
from tests.support.page_tree import texts

QUALITY = {"first-stage": 0.0, "bm25": 0.5, "bi-encoder": 0.9, "maxsim": 0.95}


@pytest.fixture
def plan(app: App, small: Collection) -> BenchmarkPlan:
    """p95 at depth 10: bm25 28 ms, bi-encoder 42 ms, maxsim 56 ms."""
    return finished_plan(app, "small", QUALITY, depths=(5,))


def said(at: AppTest) -> str:
    return texts(at).replace("\\", "")


def test_the_sentence_the_front_the_table_and_the_code(open_page: Open, app: App, plan: BenchmarkPlan) -> None:
    at = open_page("decide", collection="small")
    choice = app.chooser.choose(plan)
    assert not at.error, [error.value for error in at.error]
    assert choice.sentence in said(at)
    assert all(sentence in said(at) for sentence in choice.evidence)
    (table,) = (frame.value for frame in at.dataframe)
    assert list(table["System"]) == [option.name for option in choice.options]
    assert list(table["State"]).count("recommended") == 1
    figure = json.loads(at.get("plotly_chart")[0].proto.spec)
    numbers = [text for trace in figure["data"] if trace.get("text") for text in trace["text"]]
    assert sorted(numbers) == ["1", "2", "3", "4"]
    assert "def rerank(query: str, documents: list[str]) -> list[int]:" in at.code[0].value
    assert [button.proto.label for button in at.get("download_button")] == ["Data as CSV", "Decision bundle", "Report"]


def test_limits_come_from_the_url_and_return_to_it(open_page: Open, app: App, plan: BenchmarkPlan) -> None:
    at = open_page("decide", collection="small", p95="30", licence=["mit"], axis="memory")
    assert [box.value for box in at.number_input] == [30.0, None, None]
    assert at.multiselect[0].value == ["mit"]
    states = dict(zip(at.dataframe[0].value["System"], at.dataframe[0].value["Why not"], strict=True))
    assert states["maxsim"] == "p95 56 ms is over 30 ms; licence of all-minilm-l6-v2 is apache-2.0"
    at.number_input[0].set_value(60.0).run()
    at.multiselect[0].set_value([]).run()
    assert at.query_params["p95"] == "60"
    assert "licence" not in at.query_params
    assert at.query_params["axis"] == "memory"
    assert set(at.dataframe[0].value["Why not"]) == {""}


@pytest.mark.parametrize("nonsense", ["abc", "-3", "inf", "nan", "0"])
def test_a_limit_in_a_link_that_is_no_amount_is_left_out(open_page: Open, plan: BenchmarkPlan, nonsense: str) -> None:
    at = open_page("decide", collection="small", p95=nonsense, licence="none of these", depth="77", device="x")
    assert not at.error
    assert at.number_input[0].value is None
    assert at.multiselect[0].value == []


def test_more_room_is_one_click_away(open_page: Open, app: App, plan: BenchmarkPlan) -> None:
    at = open_page("decide", collection="small", p95="1")
    assert "No reranker of this benchmark is within the limits" in said(at)
    assert "would allow" in said(at)
    at.button(key="relax_0").click().run()
    needed = float(at.query_params["p95"])
    assert needed in (28.0, 42.0, 56.0)
    assert at.number_input[0].value == needed
    assert "No reranker of this benchmark" not in said(at)


def test_another_depth_measure_and_system_of_the_code(open_page: Open, app: App, plan: BenchmarkPlan) -> None:
    at = open_page("decide", collection="small", depth="5", measure="RR@10", code="first-stage")
    assert "RR@10" in at.dataframe[0].value.columns
    assert "return list(range(len(documents)))" in at.code[0].value
    p95 = dict(zip(at.dataframe[0].value["System"], at.dataframe[0].value["p95 ms"], strict=True))
    assert p95["maxsim"] == 28


def test_what_is_not_known_says_what_to_do(open_page: Open, app: App, small: Collection) -> None:
    plan = finished_plan(app, "small", QUALITY, probed=False)
    at = open_page("decide", collection="small", price="3")
    assert "No choice yet: of 3 systems" in said(at)
    assert "Run the latency probe of the benchmark." in said(at)
    assert "Set machine_per_hour in [prices] of runoff.toml" in said(at)
    links = [link.proto for link in at.get("page_link")]
    assert any(plan.id in link.query_string for link in links if link.label == "Open the benchmark")


def test_a_collection_without_a_benchmark_leads_to_one(open_page: Open, small: Collection) -> None:
    at = open_page("decide", collection="small")
    assert "Nothing is measured on this collection yet" in said(at)
    assert [link.proto.label for link in at.get("page_link")] == ["Plan a benchmark"]


def test_an_unfinished_benchmark_says_so(open_page: Open, app: App, small: Collection) -> None:
    finished_plan(app, "small", QUALITY, missing=dict.fromkeys(QUALITY, 1))
    at = open_page("decide", collection="small")
    assert "No choice yet: no system has ranked every query" in said(at)
    assert not at.get("plotly_chart")
    assert "Open the benchmark" in [link.proto.label for link in at.get("page_link")]


def test_a_plan_in_a_link_decides_the_collection(open_page: Open, app: App, plan: BenchmarkPlan) -> None:
    app.collections.ensure_sample()
    at = open_page("decide", plan=plan.id)
    assert next(box for box in at.selectbox if box.label == "Collection").value == "small"
    assert app.chooser.choose(plan).sentence in said(at)
