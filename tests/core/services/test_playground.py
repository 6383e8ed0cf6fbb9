"""Playground: the same frozen list for all, honest forecasts, agreement and measures by hand."""

import pytest

from core.bootstrap import App
from core.domain.collections import Collection
from core.domain.documents import Document
from core.domain.errors import InvalidInputError
from core.measures.effectiveness import evaluate_ranking
from tests.support.fake_engine import FakeEngine

SPECS = ["first-stage", "bm25", "maxsim"]


def test_compare_and_view(app: App, small: Collection) -> None:
    candidates = app.candidates.for_query("small", "q1")
    app.playground.compare(candidates, SPECS)
    view = app.playground.view(candidates, SPECS)
    assert [column.system.spec for column in view.columns] == SPECS
    for column in view.columns:
        assert column.ranking is not None
        assert sorted(column.ranking.order) == sorted(candidates.ids)
        assert column.measures == evaluate_ranking(column.ranking.order, view.labels, ("nDCG@10", "RR", "AP"))
    assert len(view.agreements) == 3
    assert dict(view.labels) == {"d1": 2, "d7": 1}


def test_a_list_is_found_again_by_its_hash(app: App, small: Collection) -> None:
    made = app.candidates.for_query("small", "q1")
    assert app.candidates.load(made.hash) == made
    pasted = app.candidates.pasted("which", [Document(id="1", text="one"), Document(id="2", text="two")])
    assert app.candidates.load(pasted.hash) == pasted


def test_retrieval_is_asked_once_for_a_query(app: App, engine: FakeEngine, small: Collection) -> None:
    app.candidates.for_query("small", "q1")
    works = len(engine.works)
    app.candidates.for_query("small", "q1")
    assert len(engine.works) == works


def test_a_typed_query_has_no_labels(app: App, small: Collection) -> None:
    candidates = app.candidates.for_text("small", "the dog cabin")
    app.playground.compare(candidates, SPECS)
    view = app.playground.view(candidates, SPECS)
    assert view.labels == {}
    assert all(column.measures == {} for column in view.columns)


def test_the_forecast_counts_calls_of_members_too(app: App, small: Collection) -> None:
    candidates = app.candidates.for_query("small", "q1")
    n = len(candidates.documents)
    spec = "rrf?of=(bm25,bi-encoder)"
    found = app.playground.forecast(candidates, ["first-stage", "bi-encoder", spec])
    calls = {f.system.spec: f.predicted.calls for f in found}
    assert calls["first-stage"] == 0
    assert calls["bi-encoder"] == n + 1
    assert calls[spec] >= calls["bi-encoder"] + 1
    assert not any(f.ready for f in found)
    assert [f.predicted.seconds for f in found] == [0.0, None, None]
    assert [f.predicted.rounds for f in found] == [0, 1, 1]
    app.playground.compare(candidates, ["bi-encoder"])
    again = app.playground.forecast(candidates, ["bi-encoder"])[0]
    assert again.ready
    assert again.predicted.seconds == pytest.approx(0.01 * again.predicted.calls)


def test_a_failure_is_shown_and_the_others_stay(app: App, engine: FakeEngine, small: Collection) -> None:
    engine.failing = {"maxsim": "maxsim: 3 non-finite scores"}
    candidates = app.candidates.for_query("small", "q1")
    app.playground.compare(candidates, SPECS)
    columns = {c.system.spec: c for c in app.playground.view(candidates, SPECS).columns}
    assert columns["maxsim"].ranking is None
    assert columns["maxsim"].failure == "maxsim: 3 non-finite scores"
    assert columns["bm25"].ranking is not None


@pytest.mark.parametrize("specs", [[], ["first-stage"] * 1 + [f"prp-heapsort?k={k}" for k in range(1, 8)]])
def test_the_number_of_systems_is_bounded(app: App, small: Collection, specs: list[str]) -> None:
    with pytest.raises(InvalidInputError, match="Choose one to 6 systems"):
        app.playground.compare(app.candidates.for_query("small", "q1"), specs)


@pytest.mark.parametrize(
    ("query", "texts", "message"),
    [
        ("  ", ["a", "b"], "Enter a query"),
        ("q", ["a"], "Add at least two documents"),
        ("q", ["", " "], "None of the documents has any text"),
        ("q", ["a", "x" * 100_001], "100001 characters"),
        ("q", ["a"] * 1001, "At most 1000 documents, not 1001"),
        ("q" * 4001, ["a", "b"], "4000 characters, not 4001"),
    ],
)
def test_bad_input_is_refused_before_any_model_call(
    app: App, engine: FakeEngine, query: str, texts: list[str], message: str
) -> None:
    with pytest.raises(InvalidInputError, match=message):
        app.candidates.pasted(query, [Document(id=str(n), text=text) for n, text in enumerate(texts)])
    assert engine.works == []


def test_the_same_id_twice_is_refused(app: App) -> None:
    with pytest.raises(InvalidInputError, match="same id"):
        app.candidates.pasted("q", [Document(id="1", text="a"), Document(id="1", text="b")])


def test_a_query_that_finds_nothing_says_so(app: App, small: Collection) -> None:
    with pytest.raises(InvalidInputError, match="finds 0 passages"):
        app.candidates.for_text("small", "zzz")
