"""What results are about while lists are still missing, were made anew, or will never be there."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO

import pytest

from core.bootstrap import App
from core.domain.collections import Collection
from core.domain.documents import Query
from core.domain.errors import InvalidInputError
from core.domain.first_stages import FirstStage, first_stage
from core.domain.jobs import JobState
from core.domain.work import Retrieved, RetrieveWork
from core.services.benchmarks.results import ResultsService
from tests.support import fake_engine
from tests.support.benchmarks import finished_plan
from tests.support.fake_engine import FakeEngine

STAGE = FirstStage(depth=8)
DENSE = first_stage("dense:all-minilm-l6-v2", 8)


def test_rankings_of_some_queries_are_no_result_of_all(app: App, engine: FakeEngine, small: Collection) -> None:
    """A finished subset, or one query that was measured, must not count the other judged queries as 0."""
    some = app.benchmarks.create("small", ["bm25"], stage=STAGE, queries=["q1", "q2"], probe_queries=0)
    app.jobs.wait(app.benchmarks.start(some).id, 10)
    assert len(app.results.of(some).rows) == 2
    every = app.benchmarks.create("small", ["bm25"], stage=STAGE, probe_queries=0)
    found = app.results.of(every)
    assert (found.rows, set(found.open)) == ((), {"first-stage", "bm25"})
    with pytest.raises(InvalidInputError, match="Run it first"):
        app.bundles.write(every, BytesIO())
    app.jobs.wait(app.benchmarks.start(every).id, 10)
    assert len(app.results.of(every).rows) == 2


def test_judged_queries_that_a_run_lacks_are_no_part_of_the_results(
    app: App, engine: FakeEngine, small: Collection
) -> None:
    run = {f"q{n}": [(f"d{n}", 2.0), (f"d{n + 6}", 1.0)] for n in (1, 2)}
    stage = app.candidates.give_run("small", "two.trec", run, 2)
    plan = app.benchmarks.create("small", ["bm25"], stage=stage, measures=("P@2",), probe_queries=0)
    app.jobs.wait(app.benchmarks.start(plan).id, 10)
    found = app.results.of(plan)
    assert (found.queries, found.judged_queries, found.recall_ceiling) == (2, ("q1", "q2"), 1.0)
    assert [row.measures["P@2"].mean for row in found.rows] == [1.0, 1.0]
    assert app.bundles.snapshot(plan).candidates.keys() == {"q1", "q2"}


def remodelled(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on every embedder has another revision, which finds the documents the other way round."""
    entry, found = app.catalog.entry, fake_engine._retrieved

    def reversed_(work: RetrieveWork, query: Query) -> Retrieved:
        made = found(work, query).candidates
        scores = tuple(-score for score in reversed(made.first_stage_scores or ()))
        turned = replace(made, documents=made.documents[::-1], first_stage_scores=scores)
        return Retrieved(job=work.job, candidates=turned)

    monkeypatch.setattr(app.candidates._maker, "_models", lambda id: replace(entry(id), revision="another"))
    monkeypatch.setattr(fake_engine, "_retrieved", reversed_)


def test_lists_of_another_revision_are_not_todays(
    app: App, engine: FakeEngine, small: Collection, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = app.benchmarks.create("small", ["bm25"], stage=DENSE, depths=(4,), probe_queries=0)
    assert app.jobs.wait(app.benchmarks.start(plan).id, 10).state is JobState.DONE
    before = app.results.of(plan)
    assert [cell.done for cell in app.benchmarks.progress(plan).cells] == [6, 6, 6, 6]
    remodelled(app, monkeypatch)
    assert [cell.done for cell in app.benchmarks.progress(plan).cells] == [0, 0, 0, 0]
    assert app.results.of(plan) == before  # of the lists that were ranked, named by their digest
    assert app.jobs.wait(app.benchmarks.start(plan).id, 10).state is JobState.DONE
    after = app.results.of(plan)
    assert after.candidate_hash != before.candidate_hash
    assert after.candidate_hash == app.candidates.hash_of(app.candidates.make("small", DENSE))


def test_lists_that_two_first_stages_share_are_made_once(app: App, engine: FakeEngine, small: Collection) -> None:
    """The fake engine finds the same documents by every method, so the lists have one hash."""
    lexical = app.candidates.make("small", STAGE)
    assert app.candidates.make("small", DENSE) == lexical
    made = len(engine.works)
    assert app.candidates.make("small", DENSE) == lexical
    assert len(engine.works) == made
    assert [stage.notation for stage in app.candidates.stages("small")] == ["bm25", DENSE.notation]


def test_what_is_remembered_is_bounded_by_its_size(
    app: App, small: Collection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Thousands of queries must not be kept two dozen times over in the process that serves pages."""
    monkeypatch.setattr("core.services.benchmarks.results.VALUES", 20)
    monkeypatch.setattr("core.services.benchmarks.reading.NUMBERS", 20)
    results = ResultsService(app.store, app.collections, app.candidates, app.systems)
    plans = [finished_plan(app, "small", {"bm25": 0.5, "maxsim": 1.0}, name=name) for name in ("a", "b")]
    found = [results.of(plan) for plan in plans]
    assert results.of(plans[1]) is found[1]  # what was made last always stays
    assert results.of(plans[0]) is not found[0]
    assert results.of(plans[0]).sentence == found[0].sentence
