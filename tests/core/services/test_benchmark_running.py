"""A benchmark as a job: its phases, cancelling in each, failures, two at once, going on where it was."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from core.bootstrap import App, start
from core.domain.benchmarks import BenchmarkPlan
from core.domain.collections import Collection
from core.domain.errors import InvalidInputError, StorageBusyError
from core.domain.first_stages import FirstStage
from core.domain.jobs import Job, JobKind, JobState
from core.domain.rankings import Ranking
from core.domain.variants import Variant
from core.domain.work import Priority, ProbeWork, RankWork, RetrieveWork
from core.services.ownership import Owner
from tests.support.fake_engine import FakeEngine
from tests.support.waiting import until

STAGE = FirstStage(depth=8)


def finished(app: App, plan: BenchmarkPlan) -> Job:
    return app.jobs.wait(app.benchmarks.start(plan).id, timeout=10)


def rank_works(engine: FakeEngine) -> list[RankWork]:
    return [work for work in engine.works if isinstance(work, RankWork)]


def probe_works(engine: FakeEngine) -> list[ProbeWork]:
    return [work for work in engine.works if isinstance(work, ProbeWork)]


def test_everything_is_ranked_and_measured_once(app: App, engine: FakeEngine, small: Collection) -> None:
    plan = app.benchmarks.create("small", ["bm25", "maxsim"], stage=STAGE, depths=(4,), shuffles=1, shuffled_queries=2)
    before = app.benchmarks.progress(plan)
    assert [(cell.done, cell.total) for cell in before.cells] == [(0, 6)] * 6 + [(0, 2)] * 3
    job = finished(app, plan)
    assert (job.kind, job.state, job.message) == (JobKind.BENCHMARK, JobState.DONE, "")
    assert job.request == {"plan": plan.id}
    # 3 systems over 6 whole lists, 6 short ones, 2 shuffled ones; latency over 6 lists at two depths
    assert job.done == job.total == 3 * (6 + 6 + 2) + 3 * 6 * 2
    progress = app.benchmarks.progress(plan)
    assert all(cell.complete for cell in progress.cells)
    assert {cell.variant for cell in progress.cells} == {Variant(), Variant(first=4), Variant(shuffle=1)}
    assert (progress.probes, progress.probes_done, progress.seconds_left) == (6, 6, 0)
    works = len(engine.works)
    again = finished(app, plan)
    assert (again.state, again.done, again.total) == (JobState.DONE, job.total, job.total)
    assert len(engine.works) == works


def test_quick_systems_rank_together_and_slow_ones_after_them(app: App, engine: FakeEngine, small: Collection) -> None:
    slow = "query-likelihood"
    plan = app.benchmarks.create("small", [slow, "bm25", "maxsim"], stage=STAGE, depths=(4,), probe_queries=0)
    finished(app, plan)
    groups = [[system.spec for system in work.systems] for work in rank_works(engine)]
    assert groups == [["first-stage", "bm25", "maxsim"], [slow]] * 2
    assert [len(work.lists[0].documents) for work in rank_works(engine)] == [8, 8, 4, 4]
    assert {work.priority for work in rank_works(engine)} == {Priority.BACKGROUND}
    assert probe_works(engine) == []


def test_probe_measures_the_same_queries_for_every_system_and_depth(
    app: App, engine: FakeEngine, small: Collection
) -> None:
    plan = app.benchmarks.create("small", ["bm25"], stage=STAGE, depths=(4,), probe_queries=3)
    finished(app, plan)
    works = probe_works(engine)
    assert [(work.systems[0].spec, len(work.lists[0].documents)) for work in works] == [
        ("first-stage", 8),
        ("bm25", 8),
        ("first-stage", 4),
        ("bm25", 4),
    ]
    assert {tuple(made.query.id for made in work.lists) for work in works} == {("q1", "q3", "q5")}
    (probe,) = app.store.probes([app.systems.resolve("bm25").fingerprint], small.fingerprint)[1:]
    assert (probe.depth, len(probe.wall_ms), probe.disturbed, probe.orders_equal) == (8, 3, 0, 1.0)


def test_cancel_while_candidates_are_made(app: App, engine: FakeEngine, small: Collection) -> None:
    engine.held, engine.holds = True, (RetrieveWork,)
    plan = app.benchmarks.create("small", ["bm25"], stage=STAGE)
    job = app.benchmarks.start(plan)
    until(lambda: any(isinstance(work, RetrieveWork) for work in engine.works))
    assert "candidates, bm25 top 8" in app.jobs.get(job.id).message
    assert cancelled_within_a_second(app, plan, job)
    assert rank_works(engine) == []


def test_cancel_while_ranking_keeps_what_is_finished(app: App, engine: FakeEngine, small: Collection) -> None:
    engine.held = True
    plan = app.benchmarks.create("small", ["bm25"], stage=STAGE)
    job = app.benchmarks.start(plan)
    work = until(lambda: rank_works(engine))[0]
    until(lambda: work.job in engine.waiting)
    engine.step(work.job, 5)
    assert (app.jobs.get(job.id).done, app.benchmarks.running(plan)) == (5, app.jobs.get(job.id))
    assert cancelled_within_a_second(app, plan, job)
    assert app.benchmarks.running(plan) is None
    engine.held = False
    assert finished(app, plan).state is JobState.DONE
    assert len(rank_works(engine)[1].tasks) == 12 - 5


def test_cancel_while_measuring_keeps_what_is_measured(app: App, engine: FakeEngine, small: Collection) -> None:
    plan = app.benchmarks.create("small", ["bm25", "maxsim"], stage=STAGE)
    engine.held, engine.holds = True, (ProbeWork,)
    job = app.benchmarks.start(plan)
    first = until(lambda: probe_works(engine))[0]
    until(lambda: first.job in engine.waiting)
    engine.release()
    second = until(lambda: probe_works(engine)[1:])[0]
    until(lambda: second.job in engine.waiting)
    engine.step(second.job, 2)
    assert app.jobs.get(job.id).message == "latency of bm25: 2 of 6 queries"
    assert app.jobs.get(job.id).done == 18 + 6 + 2
    assert cancelled_within_a_second(app, plan, job)
    assert app.benchmarks.progress(plan).probes_done == 1
    engine.held = False
    finished(app, plan)
    assert [work.systems[0].spec for work in probe_works(engine)[2:]] == ["bm25", "maxsim"]


def cancelled_within_a_second(app: App, plan: BenchmarkPlan, job: Job) -> bool:
    started = time.monotonic()
    app.benchmarks.cancel(plan)
    ended = app.jobs.wait(job.id, timeout=5)
    assert (ended.id, ended.state) == (job.id, JobState.CANCELLED)
    assert app.store.job(job.id).state is JobState.CANCELLED
    return time.monotonic() - started < 1.0


def test_failures_of_one_system_leave_the_others(app: App, engine: FakeEngine, small: Collection) -> None:
    engine.failing = {"maxsim": "maxsim: 3 non-finite scores"}
    plan = app.benchmarks.create("small", ["bm25", "maxsim"], stage=STAGE)
    job = finished(app, plan)
    assert (job.state, job.done) == (JobState.DONE, job.total)
    assert job.message == (
        "6 rankings failed. Latency of maxsim at depth 8 was not measured: maxsim: 3 non-finite scores"
    )
    cells = {cell.system: cell for cell in app.benchmarks.progress(plan).cells}
    assert (cells["bm25"].done, cells["bm25"].complete) == (6, True)
    assert (cells["maxsim"].done, cells["maxsim"].failed) == (0, 6)
    assert cells["maxsim"].reason == "maxsim: 3 non-finite scores"
    engine.failing = {}
    assert finished(app, plan).state is JobState.DONE
    assert all(cell.complete for cell in app.benchmarks.progress(plan).cells)


def test_two_plans_run_at_once(app: App, engine: FakeEngine, small: Collection) -> None:
    engine.held = True
    first = app.benchmarks.create("small", ["bm25"], stage=STAGE, probe_queries=0)
    second = app.benchmarks.create("small", ["maxsim"], stage=STAGE, probe_queries=0)
    jobs = [app.benchmarks.start(first), app.benchmarks.start(second)]
    assert app.benchmarks.start(first).id == jobs[0].id  # one job for a plan
    until(lambda: len(engine.waiting) == 2)
    with pytest.raises(InvalidInputError, match="running"):
        app.benchmarks.remove(first.id)
    app.benchmarks.cancel(first)
    assert app.jobs.wait(jobs[0].id, 5).state is JobState.CANCELLED
    assert app.benchmarks.running(second) is not None
    until(lambda: len(engine.waiting) == 1)
    engine.release()
    assert app.jobs.wait(jobs[1].id, 5).state is JobState.DONE
    assert app.benchmarks.latest(second) == app.jobs.get(jobs[1].id)


def test_a_benchmark_of_another_process_is_seen_and_left_alone(app: App, small: Collection) -> None:
    plan = app.benchmarks.create("small", ["bm25"], stage=STAGE)
    other = Owner(app.settings.home / "run")
    job = left_over(app, plan, other.name)
    assert app.benchmarks.running(plan) == job
    assert app.benchmarks.start(plan) == job
    with pytest.raises(InvalidInputError, match="another process"):
        app.benchmarks.cancel(plan)
    other.close()
    assert app.benchmarks.running(plan) is None
    assert app.jobs.wait(app.benchmarks.start(plan).id, 5).id == job.id
    assert app.store.job(job.id).state is JobState.DONE


def test_a_job_whose_process_is_gone_goes_on_under_its_id(app: App, engine: FakeEngine, small: Collection) -> None:
    plan = app.benchmarks.create("small", ["bm25", "maxsim"], stage=STAGE)
    engine.held = True
    job = app.benchmarks.start(plan)
    work = until(lambda: rank_works(engine))[0]
    until(lambda: work.job in engine.waiting)
    engine.step(work.job, 7)
    app.close()
    second = FakeEngine()
    following = start(app.settings, engine=second)
    try:
        assert following.store.job(job.id).state is JobState.RUNNING
        assert [taken.id for taken in following.jobs.resume()] == [job.id]
        assert following.jobs.wait(job.id, 5).state is JobState.DONE
        assert [len(work.tasks) for work in rank_works(second)] == [18 - 7]
        assert all(cell.complete for cell in following.benchmarks.progress(plan).cells)
    finally:
        following.close()


def test_a_job_of_a_removed_plan_fails_with_the_reason(app: App, small: Collection) -> None:
    plan = app.benchmarks.create("small", ["bm25"], stage=STAGE)
    job = left_over(app, plan, "1-dead")
    app.benchmarks.remove(plan.id)
    assert app.jobs.resume() == ()
    assert app.store.job(job.id).state is JobState.FAILED
    assert "Unknown benchmark" in app.store.job(job.id).message


def left_over(app: App, plan: BenchmarkPlan, owner: str) -> Job:
    job = Job(
        id="old",
        kind=JobKind.BENCHMARK,
        state=JobState.RUNNING,
        title="left over",
        request={"plan": plan.id},
        done=0,
        total=2,
        message="",
        created_at=plan.created_at,
        updated_at=plan.created_at,
        owner=owner,
    )
    app.store.save_job(job)
    return app.store.job("old")


def test_a_busy_database_fails_the_job_and_the_next_start_makes_what_is_missing(
    app: App, small: Collection, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = app.benchmarks.create("small", ["bm25"], stage=STAGE)

    def busy(_ranking: Ranking) -> None:
        raise StorageBusyError("Database busy; ranking NOT saved.")

    with monkeypatch.context() as patched:
        patched.setattr(app.store, "save_ranking", busy)
        job = finished(app, plan)
    assert job.state is JobState.FAILED
    assert job.message == "Database busy; ranking NOT saved. Start it again to make what is missing."
    assert finished(app, plan).state is JobState.DONE


def test_a_failed_list_that_is_its_own_first_part_is_counted_once(
    app: App, engine: FakeEngine, small: Collection
) -> None:
    """Lists may be shorter than a depth of the sweep: whole and cut ones are then the same list."""
    engine.failing = {"maxsim": "maxsim: 3 non-finite scores"}
    systems, stage = ["bm25", "maxsim"], FirstStage(depth=100)
    plan = app.benchmarks.create("small", systems, stage=stage, depths=(50,), probe_queries=0)
    job = finished(app, plan)
    progress = app.benchmarks.progress(plan)
    assert (job.done, job.total) == (36, sum(cell.total for cell in progress.cells)) == (36, 36)
    assert [cell.failed for cell in progress.cells if cell.system == "maxsim"] == [6, 6]
    assert job.message == "6 rankings failed."


def test_a_start_does_more_than_a_dead_job_would_have_done(app: App, engine: FakeEngine, small: Collection) -> None:
    """A measurement of one query was killed, or latencies are wanted afresh: the old job is closed, a new one runs."""
    plan = app.benchmarks.create("small", ["bm25"], stage=STAGE, probe_queries=0)
    measuring = replace(left_over(app, plan, "1-dead"), request={"plan": plan.id, "one_query": ["bm25"]})
    app.store.save_job(measuring)
    job = finished(app, plan)
    assert (job.id != "old", job.done, job.total) == (True, 12, 12)
    assert app.store.job("old").state is JobState.CANCELLED
    app.store.save_job(replace(measuring, request={"plan": plan.id}))
    fresh = app.jobs.wait(app.benchmarks.start(plan, fresh=True).id, 5)
    assert fresh.id != "old"
    assert isinstance(fresh.request, dict)
    assert "fresh_since" in fresh.request
