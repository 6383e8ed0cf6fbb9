"""Candidate sets: made once, given as a run, cut and shuffled, told apart by a digest."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from core.bootstrap import App
from core.domain.collections import Collection
from core.domain.errors import CancelledError, ImportFormatError, InvalidInputError, UnknownNameError
from core.domain.first_stages import FirstStage, Retriever, first_stage, stage_of_set
from core.domain.variants import WHOLE, Variant
from core.domain.work import Priority, RetrieveWork
from core.services.candidate_making import CandidateMaker
from core.services.candidate_runs import ForeignRunError
from tests.support.fake_engine import FakeEngine

RUN = {"q1": [("d7", 3.0), ("d1", 2.0), ("d2", 2.0)], "q0": [("d0", 1.0)]}
QUERIES = [f"q{n}" for n in range(6)]


def retrievals(engine: FakeEngine) -> list[RetrieveWork]:
    return [work for work in engine.works if isinstance(work, RetrieveWork)]


def test_lists_are_made_where_missing_and_once(app: App, small: Collection, engine: FakeEngine) -> None:
    stage = FirstStage(depth=4)
    some = app.candidates.make("small", stage, queries=["q3", "q1", "q3"])
    assert list(some) == ["q3", "q1"]
    every = app.candidates.make("small", stage)
    assert list(every) == QUERIES
    assert {query: every[query] for query in some} == some
    assert [[query.id for query in work.queries] for work in retrievals(engine)] == [
        ["q3", "q1"], ["q0", "q2", "q4", "q5"],
    ]  # fmt: skip
    assert app.candidates.make("small", stage) == every
    assert len(retrievals(engine)) == 2
    assert app.store.candidate_set(small.fingerprint, "bm25 top 4") == every


def test_dense_lists_are_asked_of_the_named_model(app: App, small: Collection, engine: FakeEngine) -> None:
    stage = first_stage("dense:all-minilm-l6-v2", 3)
    made = app.candidates.make("small", stage, job="bench-1")
    (work,) = retrievals(engine)
    assert (work.method, work.depth, work.priority) == ("dense", 3, Priority.BACKGROUND)
    assert work.model == app.catalog.entry("all-minilm-l6-v2")
    assert work.job.startswith("bench-1-")
    assert app.store.candidate_set(small.fingerprint, "dense all-minilm-l6-v2 top 3") == made
    assert app.candidates.load(made["q0"]).first_stage.startswith("dense all-minilm-l6-v2 top 3 (")
    app.candidates.make("small", stage)
    assert len(retrievals(engine)) == 1


def test_another_revision_of_the_model_makes_its_lists_anew(app: App, small: Collection, engine: FakeEngine) -> None:
    stage = first_stage("hybrid:all-minilm-l6-v2", 3)
    app.candidates.make("small", stage)
    newer = replace(app.catalog.entry("all-minilm-l6-v2"), revision="another")
    maker = CandidateMaker(app.store, engine, lambda _id: newer)
    assert maker.known(small.fingerprint, stage) == {}


@pytest.mark.parametrize(
    ("notation", "said"),
    [
        ("dense:lexical", "gives no text vectors"),
        ("dense:nothing", "Unknown model 'nothing'"),
        ("run:mine", "Kept here"),
    ],
)
def test_what_cannot_be_made_is_said(app: App, small: Collection, notation: str, said: str) -> None:
    with pytest.raises(InvalidInputError, match=said):
        app.candidates.make("small", first_stage(notation, 5))
    with pytest.raises(InvalidInputError, match="Depth must be 1 to"):
        app.candidates.make("small", FirstStage(depth=100_000))
    with pytest.raises(UnknownNameError, match="'q99'"):
        app.candidates.make("small", FirstStage(), queries=["q99"])


class StuckEngine(FakeEngine):
    """Makes one list and then nothing more, until it is cancelled."""

    def submit(self, work, listener) -> None:
        self.works.append(work)
        self._waiting[work.job] = (work, listener)
        one = FakeEngine()
        one.submit(replace(work, queries=work.queries[:1]), lambda e: type(e).__name__ == "Ended" or listener(e))


def test_cancelling_keeps_what_was_made(app: App, small: Collection) -> None:
    engine = StuckEngine()
    maker = CandidateMaker(app.store, engine, app.catalog.entry)
    queries = app.collections.reader("small").queries()
    with pytest.raises(CancelledError):
        maker.keep(small, queries, FirstStage(depth=4), cancelled=lambda: True)
    assert list(app.store.candidate_set(small.fingerprint, "bm25 top 4")) == ["q0"]


def test_a_given_run_is_a_stage_of_its_own(app: App, small: Collection) -> None:
    stage = app.candidates.give_run("small", "mine.trec", RUN, 2)
    assert stage == FirstStage(retriever=Retriever.RUN, depth=2, source="mine.trec")
    made = app.candidates.make("small", stage)
    assert list(made) == ["q0", "q1"]
    found = app.candidates.load(made["q1"])
    assert (found.ids, found.first_stage_scores) == (("d7", "d1"), (3.0, 2.0))
    assert found.first_stage == "run mine.trec top 2"
    assert app.candidates.give_run("small", "mine.trec", RUN, 2) == stage
    assert app.candidates.make("small", stage, queries=["q1"]) == {"q1": made["q1"]}


def test_another_run_of_the_same_name_does_not_take_its_place(app: App, small: Collection) -> None:
    first = app.candidates.give_run("small", "mine", RUN, 3)
    before = app.candidates.make("small", first)
    other = app.candidates.give_run("small", "mine", {"q1": [("d1", 1.0)]}, 3)
    assert other.source.startswith("mine-")
    assert app.candidates.make("small", first) == before
    assert list(app.candidates.make("small", other)) == ["q1"]
    assert app.candidates.give_run("small", "mine", {"q1": [("d1", 1.0)]}, 3) == other


@pytest.mark.parametrize(
    ("run", "said"),
    [
        ({"q9": [("d1", 1.0)]}, "query 'q9' is not in 'small'"),
        ({"q1": [("d1", 1.0), ("d99", 0.5)]}, "document 'd99' of query 'q1' is not in 'small'"),
        ({"q1": [("d1", 1.0), ("d1", 0.5)]}, "has a document twice"),
        ({"q1": [("d1", 1.0), ("d2", 1.5)]}, "scores of query 'q1' rise"),
        ({"q1": [("d1", float("nan"))]}, "not finite"),
        ({}, "holds no ranking"),
        ({"q1": []}, "holds no ranking"),
    ],
)
def test_a_run_that_does_not_fit_is_refused_whole(app: App, small: Collection, run, said: str) -> None:
    with pytest.raises(InvalidInputError, match=said):
        app.candidates.give_run("small", "mine", {"q0": [("d0", 1.0)], **run} if run.get("q1") else run, 10)
    assert app.store.candidate_sets(small.fingerprint) == ()


@pytest.mark.parametrize(
    ("text", "line"), [("q1 Q0 d1 1 2 t\nq1 Q0 d99 2 1 t\n", 2), ("q1 Q0 d1 1 2 t\n\nq9 Q0 d1 1 2 t\n", 3)]
)
def test_a_file_is_refused_with_the_line(app: App, small: Collection, tmp_path: Path, text: str, line: int) -> None:
    path = tmp_path / "given.trec"
    path.write_text(text, "utf-8")
    with pytest.raises(ImportFormatError, match=f"given.trec, line {line}:") as caught:
        app.candidates.give_run_file("small", path, 10)
    assert isinstance(caught.value.__cause__, ForeignRunError)


def test_stages_that_are_kept(app: App, small: Collection) -> None:
    assert app.candidates.stages("small") == ()
    app.candidates.make("small", FirstStage(depth=4))
    base = app.candidates.make("small", first_stage("dense", 4), queries=["q1", "q2"])
    run = app.candidates.give_run("small", "my run", {"q1": [("d1", 1.0)]}, 5)
    app.candidates.variants(base, first_stage("dense", 4).set_name, Variant(first=2))
    assert app.candidates.stages("small") == (FirstStage(depth=4), first_stage("dense", 4), run)


def test_written_lists_come_first_among_the_stages(app: App) -> None:
    sample = app.collections.ensure_sample()
    app.candidates.make(sample.fingerprint, FirstStage(depth=3))
    written = FirstStage(retriever=Retriever.WRITTEN)
    assert app.candidates.stages(sample.fingerprint) == (written, FirstStage(depth=3))
    made = app.candidates.make(sample.fingerprint, written)
    assert made == app.candidates.for_collection(sample.fingerprint)
    assert app.candidates.stages(sample.fingerprint)[0] == written


def test_variants_are_cut_and_shuffled_and_kept(app: App, small: Collection) -> None:
    base = app.candidates.make("small", FirstStage(depth=8))
    assert app.candidates.variants(base, "bm25 top 8", WHOLE) == base
    cut = app.candidates.variants(base, "bm25 top 8", Variant(first=3))
    for query, hash in cut.items():
        assert app.candidates.load(hash).ids == app.candidates.load(base[query]).ids[:3]
    assert app.store.candidate_set(small.fingerprint, "bm25 top 8, first 3") == cut
    shuffled = app.candidates.variants(base, "bm25 top 8", Variant(shuffle=1))
    assert shuffled == app.candidates.variants(base, "bm25 top 8", Variant(shuffle=1))
    loaded, whole = app.candidates.load(shuffled["q1"]), app.candidates.load(base["q1"])
    assert loaded.ids != whole.ids
    assert sorted(loaded.ids) == sorted(whole.ids)


def test_the_digest_of_a_set(app: App, small: Collection) -> None:
    base = app.candidates.make("small", FirstStage(depth=4))
    assert app.candidates.hash_of(base) == app.candidates.hash_of(dict(reversed(base.items())))
    assert app.candidates.hash_of(base) != app.candidates.hash_of({"q1": base["q1"]})
    assert len(app.candidates.hash_of({})) == 64


@pytest.mark.parametrize("notation", ["bm25", "dense:m", "hybrid:a b", "run:x top 3"])
def test_a_stage_is_read_back_from_the_name_of_its_set(notation: str) -> None:
    stage = first_stage(notation, 17)
    assert stage_of_set(stage.set_name) == stage


@pytest.mark.parametrize(
    "name", ["bm25 top 100, first 20", "mine.trec top 9", "dense top 9", "bm25 x top 9", "bm25 top 0", ""]
)
def test_other_sets_are_no_stage(name: str) -> None:
    assert stage_of_set(name) is None


def test_telling_the_first_stages_asks_for_no_single_list(
    app: App, small: Collection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The Playground tells them every time it is drawn, of collections with thousands of queries."""
    app.candidates.make("small", FirstStage(depth=4))
    sample = app.collections.ensure_sample()

    def refuse(_self: object, query: str) -> None:
        raise AssertionError(f"asked for {query}")

    monkeypatch.setattr("core.datasets.collection_file.CollectionFile.candidates", refuse)
    assert [stage.notation for stage in app.candidates.stages("small")] == ["bm25"]
    assert [stage.notation for stage in app.candidates.stages(sample.name)] == ["written"]
