"""Latencies: what is kept, what is not measured twice, and what counts as the same machine."""

from __future__ import annotations

import platform
from dataclasses import replace
from importlib.metadata import version

import pytest

from core.bootstrap import App, start
from core.domain.benchmarks import BenchmarkPlan, Probe
from core.domain.collections import Collection
from core.domain.first_stages import FirstStage
from core.domain.jobs import JobState
from core.domain.work import EngineStatus, ProbeWork
from core.services.benchmarks.machines import same_machine
from tests.support.fake_engine import FakeEngine, fake_ranking
from tests.support.stored import NOON
from tests.support.waiting import until

STAGE = FirstStage(depth=8)
NUMPY = f"numpy {version('numpy')}"
HERE = f"{platform.machine()}, Python {platform.python_version()}, {NUMPY}"


def run(app: App, plan: BenchmarkPlan, *, fresh: bool = False) -> JobState:
    return app.jobs.wait(app.benchmarks.start(plan, fresh=fresh).id, 10).state


def probed(engine: FakeEngine) -> list[str]:
    return [work.systems[0].spec for work in engine.works if isinstance(work, ProbeWork)]


def test_a_latency_known_on_this_machine_is_measured_again_only_on_request(
    app: App, engine: FakeEngine, small: Collection
) -> None:
    plan = app.benchmarks.create("small", ["bm25"], stage=STAGE, probe_queries=3)
    run(app, plan)
    longer = app.benchmarks.create("small", ["bm25", "maxsim"], stage=STAGE, probe_queries=3)
    run(app, longer)
    assert probed(engine) == ["first-stage", "bm25", "maxsim"]
    assert run(app, longer, fresh=True) is JobState.DONE
    assert probed(engine)[3:] == ["first-stage", "bm25", "maxsim"]
    more = app.benchmarks.create("small", ["bm25"], stage=STAGE, probe_queries=4)  # over more queries than known
    run(app, more)
    assert probed(engine)[6:] == ["first-stage", "bm25"]


def test_a_fresh_measurement_that_was_interrupted_goes_on(app: App, engine: FakeEngine, small: Collection) -> None:
    plan = app.benchmarks.create("small", ["bm25"], stage=STAGE, probe_queries=2)
    run(app, plan)
    engine.held, engine.holds = True, (ProbeWork,)
    job = app.benchmarks.start(plan, fresh=True)
    until(lambda: engine.waiting)
    engine.release()  # the first system; the second one waits
    until(lambda: len(probed(engine)) == 4 and engine.waiting)
    app.close()
    second = FakeEngine()
    following = start(app.settings, engine=second)
    try:
        assert [taken.id for taken in following.jobs.resume()] == [job.id]
        assert following.jobs.wait(job.id, 5).state is JobState.DONE
        assert probed(second) == ["bm25"]
    finally:
        following.close()


def test_disturbed_queries_are_counted_and_left_out(app: App, engine: FakeEngine, small: Collection) -> None:
    engine.disturbed = frozenset({"q1"})
    plan = app.benchmarks.create("small", ["bm25"], stage=STAGE, probe_queries=3)
    run(app, plan)
    system = app.systems.resolve("bm25").fingerprint
    (probe,) = app.store.probes([system])
    assert (len(probe.wall_ms), probe.disturbed, probe.orders_equal) == (2, 1, 1.0)
    assert app.benchmarks.progress(plan).probes_done == 2
    engine.disturbed = frozenset({"q1", "q3", "q5"})
    run(app, plan, fresh=True)
    assert app.store.probes([system])[0].wall_ms == ()
    assert app.benchmarks.progress(plan).probes_done == 0


def test_orders_are_compared_with_the_stored_rankings(app: App, engine: FakeEngine, small: Collection) -> None:
    hashes = app.candidates.make("small", STAGE)
    system = app.systems.resolve("bm25")
    made = fake_ranking(system, app.candidates.load(hashes["q1"]))
    app.store.save_ranking(replace(made, order=made.order[::-1]))
    plan = app.benchmarks.create("small", ["bm25"], stage=STAGE, probe_queries=3)
    run(app, plan)
    (probe,) = app.store.probes([system.fingerprint])
    assert probe.orders_equal == pytest.approx(2 / 3)


def probe(machine: str, device: str = "cpu") -> Probe:
    return Probe(
        system="s",
        collection="c",
        depth=10,
        wall_ms=(1.0,),
        disturbed=0,
        memory=(),
        device=device,
        machine=machine,
        measured_at=NOON,
    )


TORCH = "torch 9.9.9"  # a version that is not here decides against a probe, whatever the engine has loaded


@pytest.mark.parametrize(
    ("measured", "device", "status", "same"),
    [
        (f"cpu, 2 threads, fp32, {HERE}", "cpu", EngineStatus(state="starting"), True),
        (f"cpu, 2 threads, fp32, {HERE}", "cpu", EngineStatus(state="ready", machine=f"cpu, 8 threads, {HERE}"), True),
        (f"cpu, 2 threads, {HERE}, {TORCH}", "cpu", EngineStatus(state="ready"), False),
        ("cpu, 2 threads, Python 2.7.1", "cpu", EngineStatus(state="ready"), False),
        ("cpu, 2 threads, numpy 0.1", "cpu", EngineStatus(state="ready"), False),
        ("cpu, 2 threads, somebody 0.1", "cpu", EngineStatus(state="ready"), True),
        (
            f"cpu, 2 threads, {'arm64' if platform.machine() != 'arm64' else 'x86_64'}",
            "cpu",
            EngineStatus(state="ready"),
            False,
        ),
    ],
)
def test_same_machine(measured: str, device: str, status: EngineStatus, same: bool) -> None:
    assert same_machine(probe(measured, device), status) is same


def test_device_and_threads_count_once_torch_is_loaded() -> None:
    torch = f"torch {version('torch')}"
    here = EngineStatus(state="ready", device="cpu", machine=f"cpu, 1 thread, {HERE}, {torch}")
    assert same_machine(probe(f"cpu, 1 thread, fp32, {HERE}, {torch}"), here)
    assert not same_machine(probe(f"cpu, 2 threads, fp32, {HERE}, {torch}"), here)
    assert not same_machine(probe(f"cuda (H200), 1 thread, {HERE}, {torch}", "cuda (H200)"), here)
