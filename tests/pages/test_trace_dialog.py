"""The trace of a ranking: asked for, made, shown as text, filtered; the cut and the reasoning beside the rankings."""

from dataclasses import replace

import pytest

from core.bootstrap import App
from core.domain.collections import Collection
from core.domain.work import TraceWork
from core.services.playground import Column
from pages._ui import trace_requests
from pages._ui.comparison_panels import rank_table, show_reasoning
from pages._ui.ranking_view import view_data
from pages._ui.trace_requests import Shown, matching
from tests.pages.conftest import Open
from tests.support.fake_engine import FakeEngine, fake_ranking
from tests.support.judge_adapter import lists_of_sizes, systems_of
from tests.support.judges import NonsenseJudge
from tests.support.page_tree import component, sent, texts
from tests.support.traces import replayed

TWO = ["bm25", "bi-encoder"]
LINK = {"collection": "small", "query": "q0", "system": TWO}


def ran(app: App, open_page: Open, **query: object):
    candidates = app.candidates.for_query("small", "q0")
    for spec in TWO:
        app.store.save_ranking(fake_ranking(app.systems.resolve(spec), candidates))
    return open_page("playground", **LINK, **query), candidates


def buttons(at) -> dict[str, object]:
    return {button.label: button for button in at.button}


def traces(engine: FakeEngine) -> list[TraceWork]:
    return [work for work in engine.works if isinstance(work, TraceWork)]


def test_nothing_of_a_trace_is_made_until_it_is_asked_for(
    app: App, engine: FakeEngine, open_page: Open, small: Collection
) -> None:
    at, _ = ran(app, open_page)
    columns = component(at, "runoff_ranking_view")["columns"]
    assert [column["traced"] for column in columns] == [False, True, True]
    assert not traces(engine)
    assert "runoff_trace_view" not in sent(at)


def test_the_button_below_a_table_opens_the_trace(
    app: App, engine: FakeEngine, open_page: Open, small: Collection
) -> None:
    at, candidates = ran(app, open_page, view="table")
    buttons(at)["`bi-encoder`"].click().run()
    assert not at.exception, at.exception
    (work,) = traces(engine)
    assert (work.system.spec, work.candidates) == ("bi-encoder", candidates)
    assert at.query_params["trace"] == "bi-encoder"
    assert "12 calls in 1 round, 0 answers from the cache; 120 tokens read, 0 written; 1 repair" in texts(at)
    (made,) = component(at, "runoff_trace_view")["rounds"]
    (request,) = made["requests"]
    order = fake_ranking(work.system, candidates).order
    assert (request["kind"], request["incomplete"], request["winners"]) == ("Generate", True, [request["order"][0]])
    assert len(request["documents"]) == len(order) == 12
    assert made["steps"][0]["note"] == "read the whole order"
    assert [turn["role"] for turn in request["turns"]] == ["system", "user"]


def test_a_link_to_a_trace_offers_to_make_it(app: App, engine: FakeEngine, open_page: Open, small: Collection) -> None:
    at, _ = ran(app, open_page, trace="bm25")
    assert "runoff_trace_view" not in sent(at)
    engine.failing = {"bm25": "bm25: no such index"}
    buttons(at)["Make the trace"].click().run()
    assert "There is no trace: bm25: no such index" in texts(at).replace("\\", "")
    engine.failing = {}
    buttons(at)["Make the trace"].click().run()
    assert component(at, "runoff_trace_view")["rounds"]


def test_a_trace_under_way_shows_progress(app: App, engine: FakeEngine, open_page: Open, small: Collection) -> None:
    engine.held = True
    at, _ = ran(app, open_page, trace="bm25")
    buttons(at)["Make the trace"].click().run()
    assert "Cancel" in buttons(at)
    assert "Trace of bm25" in sent(at).replace("\\", "")


@pytest.mark.parametrize("asked", ["maxsim", "no-such-thing", "<b>"])
def test_a_trace_of_something_that_was_not_ranked_here_is_not_shown(
    app: App, engine: FakeEngine, open_page: Open, small: Collection, asked: str
) -> None:
    at, _ = ran(app, open_page, trace=asked)
    assert "Make the trace" not in buttons(at)
    assert not traces(engine)


def test_requests_are_filtered_by_document_and_by_what_was_repaired(
    app: App, open_page: Open, small: Collection
) -> None:
    at, candidates = ran(app, open_page, trace="bm25")
    buttons(at)["Make the trace"].click().run()
    next(box for box in at.selectbox if box.label == "Document").select(candidates.ids[3]).run()
    next(one for one in at.toggle if one.label == "Only repaired answers").set_value(True).run()
    assert len(component(at, "runoff_trace_view")["rounds"]) == 1


def test_a_page_of_requests_carries_only_its_own_texts() -> None:
    (system,), (candidates,) = systems_of("prp-heapsort"), lists_of_sizes([30])
    trace = replayed(system, candidates)
    titles = {document.id: document.text for document in candidates.documents}
    shown = Shown(trace=trace, run=trace.run, titles=titles)
    found = matching(trace.run)
    assert len(found) == trace.asked > trace_requests.PAGE
    data = trace_requests.view_data(shown, found[:4])
    assert [len(made["requests"]) for made in data["rounds"]] == [2, 2]
    used = {
        place for made in data["rounds"] for r in made["requests"] for turn in r["turns"] for place in turn["pieces"]
    }
    assert used == set(range(len(data["pieces"])))
    with_one = matching(trace.run, document=candidates.ids[0])
    assert 0 < len(with_one) < len(found)
    assert all(candidates.ids[0] in request.documents for _, request in with_one)


def test_nonsense_is_marked_as_repaired() -> None:
    (system,), (candidates,) = systems_of("listwise?window=4&step=2"), lists_of_sizes([8])
    trace = replayed(system, candidates, NonsenseJudge(seed=1))
    assert matching(trace.run, incomplete=True)
    assert trace.run.repairs


def test_the_cut_is_said_in_the_list_and_in_the_table(app: App, open_page: Open, small: Collection) -> None:
    _, candidates = ran(app, open_page)
    comparison = app.playground.view(candidates, TWO)
    first, second = comparison.columns
    cut = replace(first, ranking=replace(first.ranking, keep=2))
    changed = replace(comparison, columns=(cut, second))
    columns = view_data(changed, grades=False, waiting="")["columns"]
    assert [column["keep"] for column in columns] == [None, 2, None]
    assert "2 of 12 judged relevant" in columns[1]["note"]
    table = rank_table(changed, grades=False)
    said = dict(zip(table["Id"], table["bm25 judges"], strict=True))
    order = cut.ranking.order
    assert [said[id] for id in order] == ["relevant"] * 2 + ["not relevant"] * 10
    assert "bi-encoder judges" not in table


def test_reasoning_is_plain_text(monkeypatch: pytest.MonkeyPatch) -> None:
    from streamlit.testing.v1 import AppTest

    def page(columns) -> None:
        from pages._ui.comparison_panels import show_reasoning

        show_reasoning(columns)

    (system,), (candidates,) = systems_of("yes-no"), lists_of_sizes([3])
    ranking = replace(fake_ranking(system, candidates), reasoning=("[1]: **it** names <b>", "[2]: no", "x" * 40_000))
    columns = (
        Column(system=system, ranking=ranking, failure="", measures={}),
        Column(system=system, ranking=None, failure="", measures={}),
    )
    at = AppTest.from_function(page, args=(columns,)).run()
    assert [one.label for one in at.expander] == ["Reasoning of `yes-no`: 3 texts"]
    assert [text.value for text in at.text][:2] == ["[1]: **it** names <b>", "[2]: no"]
    assert len(at.text[2].value) < 30_001
    assert show_reasoning(()) is None
