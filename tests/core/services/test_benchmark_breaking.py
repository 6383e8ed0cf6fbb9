"""An engine that gives up on whole works: one bad list costs one ranking, a hopeless system only itself."""

from __future__ import annotations

import pytest

from core.bootstrap import App
from core.domain.collections import Collection
from core.domain.first_stages import FirstStage
from core.domain.jobs import Job, JobState
from core.domain.ports import Listener
from core.domain.work import Ended, EngineStatus, RankWork, Work
from tests.support.fake_engine import FakeEngine

STAGE = FirstStage(depth=8)
DIED = "The engine died twice on this work alone."


class BreakingEngine(FakeEngine):
    """Gives up on every work in which ``strategy`` has to rank one of the ``queries`` (None: any)."""

    strategy = "maxsim"
    queries: frozenset[str] | None = frozenset()
    state = "ready"

    def status(self) -> EngineStatus:
        return EngineStatus(state=self.state)

    def submit(self, work: Work, listener: Listener) -> None:
        if isinstance(work, RankWork) and any(self._bad(work, system, made) for system, made in work.tasks):
            self.works.append(work)
            listener(Ended(job=work.job, error=DIED))
        else:
            super().submit(work, listener)

    def _bad(self, work: RankWork, system: int, made: int) -> bool:
        bad = self.queries is None or work.lists[made].query.id in self.queries
        return bad and work.systems[system].strategy == self.strategy


@pytest.fixture
def engine() -> BreakingEngine:
    return BreakingEngine()


def run(app: App) -> tuple[Job, dict[str, tuple[int, int]]]:
    plan = app.benchmarks.create("small", ["bm25", "maxsim"], stage=STAGE, probe_queries=0)
    job = app.jobs.wait(app.benchmarks.start(plan).id, 10)
    return job, {cell.system: (cell.done, cell.failed) for cell in app.benchmarks.progress(plan).cells}


def test_one_bad_list_costs_one_ranking(app: App, engine: BreakingEngine, small: Collection) -> None:
    engine.queries = frozenset({"q4"})
    job, cells = run(app)
    assert (job.state, job.done, job.message) == (JobState.DONE, 18, "1 ranking failed.")
    assert cells == {"first-stage": (6, 0), "bm25": (6, 0), "maxsim": (5, 1)}


def test_a_hopeless_system_is_left_out_after_some_attempts(
    app: App, engine: BreakingEngine, small: Collection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.services.benchmarks.ranking.MOST_BREAKS", 2)
    engine.queries = None
    job, cells = run(app)
    assert (job.state, job.done, job.message) == (JobState.DONE, 18, "6 rankings failed.")
    assert cells == {"first-stage": (6, 0), "bm25": (6, 0), "maxsim": (0, 6)}
    works = [work for work in engine.works if isinstance(work, RankWork)]
    assert [len(work.tasks) for work in works] == [18, 6, 6, 6, 3]  # together, each alone, half of the bad one's
    assert {failure.message for failure in app.store.failures(list(app.candidates.make("small", STAGE).values()))} == {
        DIED
    }


def test_an_engine_that_cannot_be_started_fails_the_job_at_once(
    app: App, engine: BreakingEngine, small: Collection
) -> None:
    engine.queries, engine.state = None, "failed"
    job, cells = run(app)
    assert (job.state, job.message) == (JobState.FAILED, DIED)
    assert set(cells.values()) == {(0, 0)}
