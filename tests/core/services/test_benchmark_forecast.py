"""What is left: calls by the strategies' own forecast, seconds only where something was measured here."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import event

from core.bootstrap import App
from core.domain.benchmarks import BenchmarkPlan
from core.domain.collections import Collection
from core.domain.first_stages import FirstStage
from core.domain.jobs import JobState
from core.domain.rankings import ExecutedCost, LogicalCost
from core.domain.variants import WHOLE, Variant
from core.domain.work import Priority, RankWork
from core.services.benchmarks.views import Cell
from db.store import SqlStore
from tests.support.fake_engine import FakeEngine, fake_ranking
from tests.support.waiting import until

STAGE = FirstStage(depth=8)


def cells(app: App, plan: BenchmarkPlan) -> dict[tuple[str, Variant], Cell]:
    return {(cell.system, cell.variant): cell for cell in app.benchmarks.progress(plan).cells}


def make_lists(app: App, small: Collection) -> list[str]:
    return list(app.candidates.make("small", STAGE).values())


def rank(app: App, spec: str, hashes: list[str], seconds: float, *, executed: int = 9) -> None:
    """Rankings of these lists that took ``seconds`` each."""
    system = app.systems.resolve(spec)
    for hash in hashes:
        made = fake_ranking(system, app.candidates.load(hash))
        cost = ExecutedCost(seconds=seconds, calls=executed)
        app.store.save_ranking(replace(made, executed=cost, logical=LogicalCost(calls=9)))


def test_nothing_is_known_before_anything_ran_but_the_calls(app: App, small: Collection) -> None:
    plan = app.benchmarks.create("small", ["bi-encoder", "rrf?of=(bm25,bi-encoder)"], stage=STAGE, depths=(4,))
    progress = app.benchmarks.progress(plan)
    found = {(cell.system, cell.variant): cell for cell in progress.cells}
    # one vector for the query and one for each document, over six lists of at most 8
    bi = found["bi-encoder", WHOLE]
    assert (bi.calls, bi.exact, bi.seconds_left, bi.total) == (6 * 9, False, None, 6)
    assert found["bi-encoder", Variant(first=4)].calls == 6 * 5
    assert found["first-stage", WHOLE].calls == 0
    assert found["first-stage", WHOLE].seconds_left == 0
    assert progress.unmeasured == ("bi-encoder", "rrf?of=(bm25,bi-encoder)")
    assert progress.seconds_left is None


def test_calls_are_exact_once_the_lists_are_made(app: App, small: Collection) -> None:
    plan = app.benchmarks.create("small", ["bi-encoder"], stage=STAGE)
    hashes = make_lists(app, small)
    sizes = [len(app.candidates.load(hash).documents) for hash in hashes]
    cell = cells(app, plan)["bi-encoder", WHOLE]
    assert (cell.calls, cell.exact) == (sum(size + 1 for size in sizes), True)


def test_pace_on_these_lists_comes_first(app: App, small: Collection) -> None:
    plan = app.benchmarks.create("small", ["yes-no"], stage=STAGE, depths=(4,))
    hashes = make_lists(app, small)
    rank(app, "yes-no", hashes[:2], 3.0)
    elsewhere = list(app.candidates.make("small", FirstStage(depth=3)).values())
    rank(app, "yes-no", elsewhere, 100.0)
    found = cells(app, plan)
    whole = found["yes-no", WHOLE]
    assert (whole.done, whole.seconds_left) == (2, pytest.approx(4 * 3.0))
    # the short lists were not measured: in proportion to their calls, 4 of 8
    assert found["yes-no", Variant(first=4)].seconds_left == pytest.approx(6 * 3.0 * 4 / 8)


def test_pace_of_other_lists_counts_per_executed_call(app: App, small: Collection) -> None:
    plan = app.benchmarks.create("small", ["yes-no"], stage=STAGE)
    elsewhere = list(app.candidates.make("small", FirstStage(depth=3)).values())
    rank(app, "yes-no", elsewhere, 0.5, executed=5)
    assert cells(app, plan)["yes-no", WHOLE].seconds_left == pytest.approx(6 * 8 * 0.1)


def test_a_text_is_computed_once_whichever_list_it_is_in(app: App, small: Collection) -> None:
    """12 passages and 6 queries: an embedding strategy executes 18 calls, not 6 x 9."""
    plan = app.benchmarks.create("small", ["bi-encoder"], stage=STAGE, depths=(4,))
    hashes = make_lists(app, small)
    rank(app, "bi-encoder", hashes[:1], 3.0, executed=9)
    found = cells(app, plan)
    assert found["bi-encoder", WHOLE].seconds_left == pytest.approx((18 - 9) * 3.0 / 9)
    assert found["bi-encoder", Variant(first=4)].seconds_left == pytest.approx((18 - 9) * 3.0 / 9)
    rank(app, "bi-encoder", hashes[1:2], 3.0, executed=9)
    found = cells(app, plan)
    assert found["bi-encoder", WHOLE].seconds_left == 0
    assert found["bi-encoder", Variant(first=4)].seconds_left == 0


def test_a_combination_is_forecast_by_its_members(app: App, small: Collection) -> None:
    spec = "rrf?of=(bm25,yes-no)"
    plan = app.benchmarks.create("small", [spec], stage=STAGE)
    elsewhere = list(app.candidates.make("small", FirstStage(depth=3)).values())
    rank(app, "yes-no", elsewhere, 0.5, executed=5)
    assert cells(app, plan)[spec, WHOLE].seconds_left is None
    rank(app, "bm25", elsewhere, 0.01, executed=1)
    assert cells(app, plan)[spec, WHOLE].seconds_left == pytest.approx(6 * (8 * 0.1 + 0.01))


def test_members_that_are_in_the_benchmark_are_paid_there(app: App, small: Collection) -> None:
    spec = "rrf?of=(bm25,yes-no)"
    plan = app.benchmarks.create("small", [spec, "yes-no", "bm25"], stage=STAGE)
    progress = app.benchmarks.progress(plan)
    assert progress.unmeasured == ("yes-no", "bm25")
    assert {cell.system: cell.seconds_left for cell in progress.cells}[spec] == 0


def test_rankings_that_the_cache_answered_cost_nothing_here(app: App, small: Collection) -> None:
    plan = app.benchmarks.create("small", ["yes-no"], stage=STAGE)
    rank(app, "yes-no", make_lists(app, small)[:1], 0.0, executed=0)
    progress = app.benchmarks.progress(plan)
    assert (progress.unmeasured, progress.seconds_left) == ((), 0)


def test_measuring_ranks_the_query_of_median_length_and_gives_a_forecast(
    app: App, engine: FakeEngine, small: Collection
) -> None:
    plan = app.benchmarks.create("small", ["yes-no", "query-likelihood"], stage=STAGE)
    rank(app, "query-likelihood", make_lists(app, small)[:1], 1.0)
    job = app.jobs.wait(app.benchmarks.measure_speed(plan).id, 5)
    assert (job.state, job.done, job.total) == (JobState.DONE, 1, 1)
    assert job.title.startswith("Measure the speed of ")
    (work,) = [work for work in engine.works if isinstance(work, RankWork)]
    assert [system.spec for system in work.systems] == ["yes-no"]
    # by length: dog ferry, ferry ferry, cabin ferry, storm ferry, refund ferry, ticket ferry
    assert [made.query.text for made in work.lists] == ["storm ferry"]
    assert work.priority is Priority.INTERACTIVE
    progress = app.benchmarks.progress(plan)
    assert progress.unmeasured == ()
    assert progress.seconds_left == pytest.approx(5 * 0.08 + 5 * 1.0)
    assert app.benchmarks.start(plan).id != job.id


def test_progress_is_cheap(app: App, engine: FakeEngine, small: Collection) -> None:
    """The number of statements does not depend on the number of lists; a finished benchmark needs no forecast."""
    specs = ["bm25", "bi-encoder", "maxsim", "rrf?of=(bm25,bi-encoder)"]
    plan = app.benchmarks.create("small", specs, stage=STAGE, depths=(4,), shuffles=1)
    one = app.benchmarks.create("small", specs, stage=STAGE, depths=(4,), shuffles=1, queries=("q1",))
    assert statements(app, one) == statements(app, plan) < 80
    app.jobs.wait(app.benchmarks.start(plan).id, 10)
    assert statements(app, one) == statements(app, plan) < 30


def statements(app: App, plan: BenchmarkPlan) -> int:
    assert isinstance(app.store, SqlStore)
    asked: list[str] = []

    def note(_c: object, _cursor: object, sql: str, *_rest: object) -> None:
        if sql.startswith("SELECT"):
            asked.append(sql)

    engine = app.store.database.engine
    event.listen(engine, "before_cursor_execute", note)
    app.benchmarks.progress(plan)
    event.remove(engine, "before_cursor_execute", note)
    return len(asked)


def test_what_failed_is_forecast_again_unless_it_runs(app: App, engine: FakeEngine, small: Collection) -> None:
    """A start tries failed rankings again, so a forecast counts them; a run that goes on does not."""
    engine.failing = {"bi-encoder": "bi-encoder: out of memory"}
    plan = app.benchmarks.create("small", ["bi-encoder", "bm25"], stage=STAGE, probe_queries=0)
    hashes = make_lists(app, small)
    rank(app, "bi-encoder", hashes[:2], 0.5, executed=1)
    assert app.jobs.wait(app.benchmarks.start(plan).id, 10).state is JobState.DONE
    cell = cells(app, plan)["bi-encoder", WHOLE]
    assert (cell.done, cell.failed, cell.complete) == (2, 4, False)
    per_list = sum(len(app.candidates.load(hash).documents) + 1 for hash in hashes) / 6
    assert cell.calls == round(4 * per_list)
    assert cell.seconds_left is not None
    assert cell.seconds_left > 0
    assert app.benchmarks.progress(plan).seconds_left == cell.seconds_left
    engine.failing, engine.held = {}, True
    job = app.benchmarks.start(plan)
    going_on = cells(app, plan)["bi-encoder", WHOLE]
    assert (going_on.calls, going_on.seconds_left) == (0, 0.0)
    until(lambda: engine.waiting)
    engine.held = False
    engine.release()
    assert app.jobs.wait(job.id, 10).state is JobState.DONE
    assert cells(app, plan)["bi-encoder", WHOLE].complete
