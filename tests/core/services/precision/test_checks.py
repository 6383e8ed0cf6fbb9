"""Measuring what a lower precision changes: which systems, which lists, what is kept, and what is said of it."""

from dataclasses import replace

import pytest

from core.bootstrap import App
from core.domain.errors import InvalidInputError, UnknownNameError
from core.domain.jobs import Job, JobState
from core.domain.models import ModelEntry
from core.domain.precision import PrecisionCheck
from core.domain.work import ProbeWork
from core.services.precision.lowering import in_precision, lowered_models
from tests.support.fake_engine import FakeEngine, fake_ranking

UNMEASURED = 'bf16, not measured against fp32 yet: run python -m core precision mine --system "cross-encoder:mine"'


def ended(app: App, job: Job) -> Job:
    return app.jobs.wait(job.id, timeout=30)


def probes(engine: FakeEngine) -> list[ProbeWork]:
    return [work for work in engine.works if isinstance(work, ProbeWork)]


def test_both_precisions_rank_the_same_lists_and_the_figures_are_kept(
    app: App, engine: FakeEngine, lowered: ModelEntry
) -> None:
    job, (system,) = app.precision.start("mine", queries=3)
    done = ended(app, job)
    assert (done.state, done.done, done.total, done.message) == (JobState.DONE, 6, 6, "")
    full, lower = probes(engine)
    assert [work.systems[0].models[0].precision for work in (full, lower)] == ["fp32", "bf16"]
    assert lower.systems == (system,)
    assert system.fingerprint == app.systems.resolve("cross-encoder:mine").fingerprint  # what is said is said of it
    assert full.lists == lower.lists
    assert len({made.query.id for made in full.lists}) == 3
    (check,) = app.precision.of_model("mine")
    orders = [(fake_ranking(full.systems[0], made).order, fake_ranking(system, made).order) for made in full.lists]
    assert check.unchanged == sum(first == second for first, second in orders) / 3
    assert (check.system, check.precision, check.queries, check.device) == (system.fingerprint, "bf16", 3, "cpu")
    assert check.machine == "cpu, 2 threads, bf16"
    assert check.seconds is not None
    assert check.ndcg is not None


def test_without_a_number_every_query_of_the_sample(app: App, engine: FakeEngine, lowered: ModelEntry) -> None:
    job, _ = app.precision.start("mine")
    assert ended(app, job).total == 2 * 75
    assert len(probes(engine)[0].lists) == 75


def test_systems_with_one_call_per_document_unless_named(app: App, lowered: ModelEntry) -> None:
    _, found = app.precision.start("smollm2-135m-instruct", precision="fp16", queries=1)
    assert {system.spec for system in found} == {"graded-judge", "query-likelihood", "yes-no"}
    assert {model.precision for system in found for model in system.models} == {"fp16"}
    _, (named,) = app.precision.start("mine", queries=1, specs=["cascade?of=(bi-encoder,cross-encoder:mine)&keep=5"])
    assert [model.id for model in lowered_models(named)] == ["mine"]  # the other model stays as it is


def test_what_cannot_be_measured_is_refused(app: App, lowered: ModelEntry) -> None:
    with pytest.raises(InvalidInputError, match="no weights here"):
        app.precision.start("lexical")
    with pytest.raises(InvalidInputError, match="one of bf16, fp16, not 'int8'"):
        app.precision.start("mine", precision="int8")
    with pytest.raises(InvalidInputError, match="bm25 does not use the model mine"):
        app.precision.start("mine", specs=["bm25"])
    with pytest.raises(InvalidInputError, match="must not be negative"):
        app.precision.start("mine", queries=-1)
    with pytest.raises(UnknownNameError):
        app.precision.start("nobody")


def test_a_system_that_fails_leaves_no_figures(app: App, engine: FakeEngine, lowered: ModelEntry) -> None:
    engine.failing["cross-encoder"] = "no such weights"
    job, _ = app.precision.start("mine", queries=2)
    done = ended(app, job)
    assert (done.state, done.message) == (JobState.FAILED, "cross-encoder:mine in fp32: no such weights")
    assert app.precision.of_model("mine") == ()


def test_cancelled_between_two_lists(app: App, engine: FakeEngine, lowered: ModelEntry) -> None:
    engine.held = True
    job, _ = app.precision.start("mine", queries=2)
    app.jobs.cancel(job.id)
    assert ended(app, job).state is JobState.CANCELLED
    assert app.precision.of_model("mine") == ()


def test_what_is_said_of_systems(app: App, lowered: ModelEntry) -> None:
    assert app.precision.notes(["bm25", "no such system", "x:y", "bi-encoder"]) == {}
    assert app.precision.notes(["bm25", "cross-encoder:mine"]) == {"cross-encoder:mine": UNMEASURED}
    job, _ = app.precision.start("mine", queries=2)
    ended(app, job)
    (check,) = app.precision.of_model("mine")
    assert app.precision.notes(["cross-encoder:mine"]) == {"cross-encoder:mine": check.said}
    app.store.save_precision_check(replace(check, tau=0.5))  # the newest counts
    said = app.precision.notes(["cross-encoder:mine"])["cross-encoder:mine"]
    assert said.startswith("bf16, Kendall tau 0.50")


def test_another_revision_was_not_measured(app: App, lowered: ModelEntry) -> None:
    check: PrecisionCheck
    job, (system,) = app.precision.start("mine", queries=2)
    ended(app, job)
    (check,) = app.precision.of_model("mine")
    app.systems.unregister("mine")
    app.systems.register(replace(lowered, revision="f" * 40))
    assert app.precision.notes(["cross-encoder:mine"]) == {"cross-encoder:mine": UNMEASURED}
    assert check.system == system.fingerprint


def test_endpoints_and_indexes_keep_their_precision(app: App) -> None:
    system = app.systems.resolve("rrf?of=(bm25,bi-encoder)")
    lower = in_precision(system, "bf16")
    assert {model.id: model.precision for model in lower.models} == {"lexical": "fp32", "all-minilm-l6-v2": "bf16"}
    assert in_precision(lower, "fp32") == system
