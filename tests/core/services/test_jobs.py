"""Jobs: every finished ranking stays, nothing is made twice, an interrupted job is taken over."""

from datetime import UTC, datetime

import pytest

from core.bootstrap import App
from core.domain.collections import Collection
from core.domain.errors import InvalidInputError, StorageBusyError
from core.domain.jobs import Job, JobKind, JobState
from core.domain.rankings import Ranking
from core.domain.work import Priority, RankWork
from core.services.ownership import Owner
from tests.support.fake_engine import FakeEngine


def test_rankings_are_stored_and_not_made_again(app: App, engine: FakeEngine, small: Collection) -> None:
    candidates = app.candidates.for_query("small", "q0")
    systems = [app.systems.resolve(spec) for spec in ("first-stage", "bm25")]
    job = app.jobs.rank(systems, [candidates], kind=JobKind.COMPARE, title="t")
    job = app.jobs.wait(job.id)
    assert (job.state, job.done, job.total) == (JobState.DONE, 2, 2)
    assert len(app.store.rankings([candidates.hash])) == 2
    works = len(engine.works)
    again = app.jobs.rank(systems, [candidates], kind=JobKind.COMPARE, title="t")
    assert (again.state, again.total) == (JobState.DONE, 0)
    assert len(engine.works) == works


def test_only_what_is_missing_is_asked_for(app: App, engine: FakeEngine, small: Collection) -> None:
    candidates = app.candidates.for_query("small", "q0")
    first, second = (app.systems.resolve(spec) for spec in ("first-stage", "bm25"))
    app.jobs.rank([first], [candidates], kind=JobKind.COMPARE, title="t")
    app.jobs.rank([first, second], [candidates], kind=JobKind.COMPARE, title="t")
    work = engine.works[-1]
    assert isinstance(work, RankWork)
    assert [work.systems[s].spec for s, _ in work.tasks] == ["bm25"]
    assert work.priority is Priority.INTERACTIVE
    assert dict(work.collections) == {small.fingerprint: small.path}


def test_cancel_keeps_what_is_finished(app: App, engine: FakeEngine, small: Collection) -> None:
    engine.held = True
    candidates = app.candidates.for_query("small", "q0")
    systems = [app.systems.resolve(spec) for spec in ("first-stage", "bm25", "maxsim")]
    job = app.jobs.rank(systems, [candidates], kind=JobKind.COMPARE, title="t")
    engine.step(job.id, 1)
    assert (app.jobs.get(job.id).state, app.jobs.get(job.id).done) == (JobState.RUNNING, 1)
    app.jobs.cancel(job.id)
    assert app.jobs.wait(job.id).state is JobState.CANCELLED
    assert len(app.store.rankings([candidates.hash])) == 1
    assert app.jobs.active() == ()


def test_one_failing_system_leaves_the_others(app: App, engine: FakeEngine, small: Collection) -> None:
    engine.failing = {"maxsim": "maxsim: 3 non-finite scores"}
    candidates = app.candidates.for_query("small", "q0")
    systems = [app.systems.resolve(spec) for spec in ("bm25", "maxsim")]
    job = app.jobs.rank(systems, [candidates], kind=JobKind.COMPARE, title="t")
    assert app.jobs.get(job.id).state is JobState.DONE
    assert "1 ranking failed" in app.jobs.get(job.id).message
    assert [f.message for f in app.store.failures([candidates.hash])] == ["maxsim: 3 non-finite scores"]
    assert len(app.store.rankings([candidates.hash])) == 1


def left_over(app: App, kind: JobKind, request: object, owner: str = "1-dead") -> Job:
    now = datetime.now(UTC)
    job = Job(
        id=f"old-{kind}",
        kind=kind,
        state=JobState.RUNNING,
        title="left over",
        request=request,
        done=0,
        total=2,
        message="",
        created_at=now,
        updated_at=now,
        owner=owner,
    )
    app.store.save_job(job)
    return job


def test_a_job_whose_process_is_gone_is_resumed_under_its_own_id(app: App, small: Collection) -> None:
    candidates = app.candidates.for_query("small", "q1")
    job = left_over(app, JobKind.COMPARE, {"systems": ["bm25", "maxsim"], "lists": [candidates.hash]})
    resumed = app.jobs.resume()
    assert [r.id for r in resumed] == [job.id]
    assert app.jobs.get(job.id).state is JobState.DONE
    assert len(app.store.rankings([candidates.hash])) == 2


def test_a_job_of_a_living_process_is_left_alone(app: App) -> None:
    job = left_over(app, JobKind.COMPARE, {"systems": [], "lists": []}, owner=app.owner.name)
    assert app.jobs.resume() == ()
    assert app.store.job(job.id).state is JobState.RUNNING


@pytest.mark.parametrize("kind", [JobKind.PREPARE, JobKind.FETCH])
def test_other_jobs_of_a_dead_process_are_closed(app: App, kind: JobKind) -> None:
    job = left_over(app, kind, {"model": "m"})
    assert app.jobs.resume() == ()
    assert app.store.job(job.id).state is JobState.CANCELLED


def test_a_job_that_no_longer_makes_sense_fails_with_the_reason(app: App) -> None:
    job = left_over(app, JobKind.COMPARE, {"systems": ["no-such-strategy"], "lists": []})
    app.jobs.resume()
    assert app.store.job(job.id).state is JobState.FAILED
    assert "no-such-strategy" in app.store.job(job.id).message


def test_a_busy_database_fails_the_job_and_not_the_engine_thread(
    app: App, small: Collection, monkeypatch: pytest.MonkeyPatch
) -> None:
    candidates = app.candidates.for_query("small", "q0")

    def busy(_ranking: Ranking) -> None:
        raise StorageBusyError("Database busy; ranking NOT saved. Retry.")

    monkeypatch.setattr(app.store, "save_ranking", busy)
    job = app.jobs.rank([app.systems.resolve("bm25")], [candidates], kind=JobKind.COMPARE, title="t")
    ended = app.jobs.wait(job.id)
    assert ended.state is JobState.FAILED
    assert "NOT saved" in ended.message


def test_closing_the_process_leaves_the_job_to_the_next_one(app: App, engine: FakeEngine, small: Collection) -> None:
    engine.held = True
    candidates = app.candidates.for_query("small", "q0")
    job = app.jobs.rank([app.systems.resolve("bm25")], [candidates], kind=JobKind.COMPARE, title="t")
    engine.interrupt()
    assert app.store.job(job.id).state is JobState.RUNNING


def test_a_job_of_another_process_is_cancelled_there_or_when_it_is_gone(app: App) -> None:
    other = Owner(app.settings.home / "run")
    job = left_over(app, JobKind.COMPARE, {}, owner=other.name)
    with pytest.raises(InvalidInputError, match="runs in another process"):
        app.jobs.cancel(job.id)
    other.close()
    app.jobs.cancel(job.id)
    assert app.store.job(job.id).state is JobState.CANCELLED
