"""What a person's work waits for, in words, until the engine has begun it."""

from datetime import UTC, datetime

import pytest

from core.bootstrap import App
from core.domain.collections import Collection
from core.domain.jobs import Job, JobKind, JobState
from core.domain.work import EngineStatus, Progress
from core.services.waiting import waits_for
from tests.support.fake_engine import FakeEngine

READY = EngineStatus(state="ready")
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def running(kind: JobKind, title: str, message: str = "") -> Job:
    return Job(
        id=title,
        kind=kind,
        state=JobState.RUNNING,
        title=title,
        request={},
        done=0,
        total=1,
        message=message,
        created_at=NOW,
        updated_at=NOW,
    )


@pytest.mark.parametrize(
    ("status", "others", "said"),
    [
        (READY, [], ""),
        (READY, [running(JobKind.IMPORT, "Import"), running(JobKind.FETCH, "Download m")], ""),
        (READY, [running(JobKind.BENCHMARK, "Benchmark b", "3 of 9")], "waiting for one batch of: Benchmark b"),
        (
            READY,
            [running(JobKind.BENCHMARK, "Benchmark b"), running(JobKind.COMPARE, "Compare 2")],
            "waiting for one batch of: Compare 2",
        ),
        (
            READY,
            [running(JobKind.COMPARE, "Compare 2"), running(JobKind.PREPARE, "Battles", "loading smollm2")],
            "waiting until smollm2 is loaded for: Battles",
        ),
        (EngineStatus(state="starting"), [running(JobKind.BENCHMARK, "b")], "the engine is starting"),
        (EngineStatus(state="restarting"), [], "the engine is being restarted"),
    ],
)
def test_in_words(status: EngineStatus, others: list[Job], said: str) -> None:
    assert waits_for(status, others) == said


def test_until_the_engine_has_said_something(app: App, engine: FakeEngine, small: Collection) -> None:
    engine.held = True
    lists = [app.candidates.for_query("small", query) for query in ("q0", "q1")]
    systems = [app.systems.resolve("bm25")]
    app.jobs.rank(systems, lists[:1], kind=JobKind.PREPARE, title="Battles")
    mine = app.jobs.rank(systems, lists[1:], kind=JobKind.COMPARE, title="Compare")
    assert app.jobs.waits_for(mine.id) == "waiting for one batch of: Battles"
    _, listener = engine._waiting[mine.id]
    listener(Progress(job=mine.id, done=0, total=10, note="loading smollm2"))
    assert app.jobs.waits_for(mine.id) == ""
    assert app.jobs.get(mine.id).message == "loading smollm2"
    assert app.jobs.waits_for("nobody") == ""
