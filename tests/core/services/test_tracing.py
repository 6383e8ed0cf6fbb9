"""Traces as jobs: made once, joined while under way, kept while they are wanted, refused to voters."""

from __future__ import annotations

import pytest

from core.bootstrap import App
from core.domain.collections import Collection
from core.domain.documents import CandidateList
from core.domain.errors import NotAllowedError
from core.domain.jobs import Job, JobKind, JobState
from core.domain.roles import Actor, Role
from core.domain.work import TraceWork
from core.services import tracing
from tests.support.fake_engine import FakeEngine, fake_ranking

WAIT_S = 10


@pytest.fixture
def candidates(app: App, small: Collection) -> CandidateList:
    return app.candidates.for_query("small", "q1")


def ended(app: App, job: Job) -> Job:
    return app.jobs.wait(job.id, WAIT_S)


def works(engine: FakeEngine) -> list[TraceWork]:
    return [work for work in engine.works if isinstance(work, TraceWork)]


def test_a_trace_is_made_once_and_kept(app: App, engine: FakeEngine, candidates: CandidateList) -> None:
    assert app.tracing.of(candidates, "bm25") is None
    job = ended(app, app.tracing.start(candidates, "bm25"))
    assert (job.kind, job.state, job.done, job.total) == (JobKind.TRACE, JobState.DONE, 1, 2)
    trace = app.tracing.of(candidates, "bm25")
    assert trace.run.order == fake_ranking(app.systems.resolve("bm25"), candidates).order
    (work,) = works(engine)
    assert work.candidates == candidates
    assert [fingerprint for fingerprint, _ in work.collections] == [candidates.collection]
    assert app.store.rankings([candidates.hash]) == (), "a replay is no ranking"


def test_a_trace_under_way_is_joined_and_can_be_cancelled(
    app: App, engine: FakeEngine, candidates: CandidateList
) -> None:
    engine.held = True
    job = app.tracing.start(candidates, "bm25")
    assert app.tracing.start(candidates, "bm25").id == job.id
    assert app.tracing.running(candidates, "bm25").id == job.id
    assert app.tracing.running(candidates, "bi-encoder") is None
    app.jobs.cancel(job.id)
    assert ended(app, job).state is JobState.CANCELLED
    assert app.tracing.of(candidates, "bm25") is None
    assert app.tracing.running(candidates, "bm25") is None


def test_a_failure_says_why_and_may_be_tried_again(app: App, engine: FakeEngine, candidates: CandidateList) -> None:
    engine.failing = {"bm25": "bm25: no such index"}
    job = ended(app, app.tracing.start(candidates, "bm25"))
    assert (job.state, job.message) == (JobState.FAILED, "bm25: no such index")
    engine.failing = {}
    assert ended(app, app.tracing.start(candidates, "bm25")).state is JobState.DONE


def test_the_oldest_make_room(app: App, candidates: CandidateList, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tracing, "MOST_REQUESTS", 2)
    for spec in ("bm25", "bi-encoder", "bm25", "maxsim"):  # each has one request
        if app.tracing.of(candidates, spec) is None:
            ended(app, app.tracing.start(candidates, spec))
    kept = [spec for spec in ("bm25", "bi-encoder", "maxsim") if app.tracing.of(candidates, spec) is not None]
    assert kept == ["bm25", "maxsim"]


def test_a_voter_gets_no_trace(app: App, candidates: CandidateList) -> None:
    ended(app, app.tracing.start(candidates, "bm25"))
    seen = app.seen_by(Actor(id="vera", role=Role.VOTER)).tracing
    for deed in ("start", "of", "running"):
        with pytest.raises(NotAllowedError, match="compare systems by name"):
            getattr(seen, deed)
    assert app.seen_by(Actor(id="rita", role=Role.RESEARCHER)).tracing.of(candidates, "bm25") is not None
