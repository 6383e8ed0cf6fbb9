"""Playground: choose, run, watch, cancel, compare; everything in the URL."""

import threading

from core.bootstrap import App
from core.domain.collections import Collection
from core.domain.jobs import JobKind, JobState
from core.services.systems import ROSTER
from tests.pages.conftest import Open
from tests.support.fake_engine import FakeEngine, fake_ranking
from tests.support.page_tree import component, sent, texts

TWO = ["bm25", "bi-encoder"]


def buttons(at) -> dict[str, object]:
    return {button.label: button for button in at.button}


def test_fresh_it_offers_the_default_systems_and_a_forecast(open_page: Open, small: Collection) -> None:
    at = open_page("playground")
    assert at.multiselect[0].value == list(ROSTER)
    assert "Run" in buttons(at)
    assert "A run asks:" in texts(at)
    data = component(at, "runoff_ranking_view")
    assert data["columns"][0]["rows"]
    assert [column["message"] for column in data["columns"][1:]] == ["Not run yet. Press Run."] * len(ROSTER)


def test_a_run_fills_the_columns_in_the_order_of_the_engine(app: App, open_page: Open, small: Collection) -> None:
    at = open_page("playground", collection="small", query="q2", system=TWO)
    buttons(at)["Run"].click().run()
    candidates = app.candidates.for_query("small", "q2")
    columns = component(at, "runoff_ranking_view")["columns"]
    assert [column["name"] for column in columns[1:]] == TWO
    for column in columns[1:]:
        order = fake_ranking(app.systems.resolve(column["name"]), candidates).order
        assert [candidates.ids[row["doc"]] for row in column["rows"]] == list(order)
        assert [row["move"] for row in column["rows"]] == [
            candidates.ids.index(id) - rank for rank, id in enumerate(order)
        ]
    assert "Run" not in buttons(at)


def test_what_is_chosen_is_in_the_url_and_a_colleague_sees_the_same(open_page: Open, small: Collection) -> None:
    at = open_page("playground", collection="small", query="q3", system=TWO)
    buttons(at)["Run"].click().run()
    link = dict(at.query_params)
    assert link["query"] == "q3"
    assert link["system"] == TWO
    assert link["job"]
    colleague = open_page("playground", **link)
    assert component(colleague, "runoff_ranking_view") == component(at, "runoff_ranking_view")


def test_the_choice_survives_a_visit_to_another_page(open_page: Open, small: Collection) -> None:
    at = open_page("playground", collection="small", query="q3", system=TWO)
    at.switch_page("pages/systems.py").run()
    at.query_params.clear()
    at.switch_page("pages/playground.py").run()
    assert at.multiselect[0].value == TWO
    assert next(box for box in at.selectbox if box.label.startswith("Query")).value == "q3"


def test_a_running_job_shows_progress_and_can_be_cancelled(
    app: App, engine: FakeEngine, open_page: Open, small: Collection
) -> None:
    at = open_page("playground", collection="small", query="q1", system=TWO)
    engine.held = True
    buttons(at)["Run"].click().run()
    (job,) = app.jobs.active()
    assert "0 of 2 rankings" in sent(at)
    reloaded = open_page("playground", **at.query_params)
    assert "0 of 2 rankings" in sent(reloaded)
    buttons(reloaded)["Cancel"].click().run()
    assert app.jobs.get(job.id).state is JobState.CANCELLED
    reloaded.run()
    assert "was cancelled" in texts(reloaded)
    assert "Run" in buttons(reloaded)


def test_a_finished_ranking_appears_while_the_others_run(
    app: App, engine: FakeEngine, open_page: Open, small: Collection
) -> None:
    at = open_page("playground", collection="small", query="q1", system=TWO)
    engine.held = True
    buttons(at)["Run"].click().run()
    engine.step(app.jobs.active()[0].id, 1)
    at.run()
    first, second = component(at, "runoff_ranking_view")["columns"][1:]
    assert len(first["rows"]) == 12
    assert (second["rows"], second["message"]) == ([], "Running")


def test_a_system_that_fails_says_why_and_the_others_stay(
    engine: FakeEngine, open_page: Open, small: Collection
) -> None:
    engine.failing = {"bi-encoder": "bi-encoder: 3 non-finite scores"}
    at = open_page("playground", collection="small", query="q1", system=TWO)
    buttons(at)["Run"].click().run()
    good, bad = component(at, "runoff_ranking_view")["columns"][1:]
    assert len(good["rows"]) == 12
    assert bad["message"] == "Failed: bi-encoder: 3 non-finite scores"


def test_an_unknown_system_is_told_with_an_incident_and_without_a_traceback(open_page: Open, small: Collection) -> None:
    at = open_page("playground", collection="small", system=[*TWO, "no-such-thing"])
    (error,) = at.error
    assert "no\\-such\\-thing" in error.value
    assert "Incident" in error.value
    assert "Traceback" not in sent(at)
    assert component(at, "runoff_ranking_view")


def test_one_system_is_not_a_comparison(open_page: Open, small: Collection) -> None:
    at = open_page("playground", collection="small", system=["bm25"])
    assert "Choose at least two systems" in texts(at)


def test_labels_are_shown_and_can_be_switched_off(open_page: Open, small: Collection) -> None:
    at = open_page("playground", collection="small", query="q0", system=TWO)
    data = component(at, "runoff_ranking_view")
    grades = {document["id"]: document["grade"] for document in data["documents"]}
    assert data["grades"] is True
    assert (grades["d0"], grades["d6"], grades["d1"]) == (2, 1, None)
    at.toggle[0].set_value(False).run()
    assert component(at, "runoff_ranking_view")["grades"] is False


def test_matching_terms_are_marked_and_hostile_text_stays_text(open_page: Open, small: Collection) -> None:
    at = open_page("playground", collection="small", query="q0", system=TWO)
    documents = component(at, "runoff_ranking_view")["documents"]
    hostile = next(document for document in documents if document["id"] == "d0")
    assert "".join(piece for piece, _ in hostile["segments"]).endswith("**loud**")
    assert [piece for piece, hit in hostile["segments"] if hit] == ["ferry", "ferry"]
    assert "tracker.example" not in texts(at)


def test_pasted_documents_are_compared_and_linked_by_hash(app: App, open_page: Open, small: Collection) -> None:
    at = open_page("playground", source="documents", system=TWO)
    at.text_input(key="paste_query").set_value("what is red?")
    at.text_area(key="paste_text").set_value("Fire engines are red.\nGrass is green.\nThe sky is blue.")
    buttons(at)["Use these documents"].click().run()
    buttons(at)["Run"].click().run()
    data = component(at, "runoff_ranking_view")
    assert [document["title"] for document in data["documents"]] == [
        "Fire engines are red.",
        "Grass is green.",
        "The sky is blue.",
    ]
    colleague = open_page("playground", **at.query_params)
    assert component(colleague, "runoff_ranking_view") == data
    assert colleague.text_input(key="paste_query").value == "what is red?"


def test_one_pasted_document_and_an_empty_query_are_refused(open_page: Open, small: Collection) -> None:
    at = open_page("playground", source="documents")
    at.text_area(key="paste_text").set_value("only one")
    buttons(at)["Use these documents"].click().run()
    assert "Enter a query" in texts(at)
    at.text_input(key="paste_query").set_value("q")
    buttons(at)["Use these documents"].click().run()
    assert "Add at least two documents" in texts(at)


def test_an_uploaded_file_of_hits_brings_query_and_order(open_page: Open, small: Collection) -> None:
    at = open_page("playground", source="documents", system=TWO)
    lines = "query,document id,text,rank\nred?,x,Grass is green,2\nred?,y,Engines are red,1\n"
    at.file_uploader[0].upload("hits.csv", lines.encode())
    buttons(at)["Use these documents"].click().run()
    documents = component(at, "runoff_ranking_view")["documents"]
    assert [document["id"] for document in documents] == ["y", "x"]


def test_an_own_query_gets_candidates_of_the_collection(open_page: Open, small: Collection) -> None:
    at = open_page("playground", source="query", system=TWO)
    at.text_input(key="own_query_text").set_value("storm refund")
    buttons(at)["Find candidates"].click().run()
    documents = component(at, "runoff_ranking_view")["documents"]
    assert {document["id"] for document in documents} == {"d3", "d4", "d9", "d10"}
    assert at.query_params["list"]


def test_the_other_views_and_the_tables_are_drawn(open_page: Open, prepared: Collection) -> None:
    at = open_page("playground", collection="small", query="q0", view="table")
    ranks, costs = at.dataframe[0].value, at.dataframe[1].value
    assert len(ranks) == 12
    assert next(iter(costs["System"])) == "candidates as they come"
    assert list(costs["Calls"])[1:] == [12] * len(ROSTER)
    assert open_page("playground", collection="small", query="q0", view="bump").get("plotly_chart")


def test_the_category_narrows_the_queries(open_page: Open, small: Collection) -> None:
    at = open_page("playground", collection="small", category="odd")
    query = next(box for box in at.selectbox if box.label.startswith("Query"))
    assert query.options == ["dog ferry", "refund ferry", "ticket ferry"]


def test_progress_says_what_is_waited_for_and_cancel_is_answered_at_once(
    app: App, engine: FakeEngine, open_page: Open, small: Collection
) -> None:
    engine.held = True
    lists = [app.candidates.for_query("small", "q1")]
    app.jobs.rank([app.systems.resolve("bm25")], lists, kind=JobKind.PREPARE, title="Battles")
    at = open_page("playground", collection="small", query="q0", system=["bm25", "bi-encoder"])
    next(button for button in at.button if button.label == "Run").click()
    at.run()
    assert "waiting for one batch of: Battles" in sent(at).replace("\\", "")
    job = next(job for job in app.jobs.active() if job.kind is JobKind.COMPARE)
    at.button(key=f"cancel-{job.id}").click().run()
    assert app.jobs.get(job.id).state is JobState.CANCELLED
    assert not [button for button in at.button if button.key == f"cancel-{job.id}"]


def test_a_job_that_takes_time_to_stop_says_so(app: App, open_page: Open, small: Collection) -> None:
    go_on = threading.Event()
    job = app.jobs.work(lambda _task: str(go_on.wait(20)), kind=JobKind.BENCHMARK, title="Slow", request={})
    try:
        at = open_page("home", collection="small")
        at.button(key=f"cancel-{job.id}").click().run()
        button = at.button(key=f"cancel-{job.id}")
        assert (button.label, button.disabled) == ("Cancelling", True)
    finally:
        go_on.set()
        app.jobs.wait(job.id, 20)
