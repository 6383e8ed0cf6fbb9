"""Ctrl-C: what is finished stays, the job ends, and the command says how to go on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from core.bootstrap import App, start
from core.cli import benchmark
from core.cli.main import main
from core.domain.first_stages import FirstStage
from core.domain.jobs import Job, JobState
from core.services.jobs import JobService
from core.settings import load_settings
from tests.support.collections_on_disk import write_small_beir
from tests.support.fake_engine import FakeEngine
from tests.support.waiting import until


@pytest.fixture
def file(tmp_path: Path) -> Path:
    write_small_beir(tmp_path / "beir")
    text = 'collection = "small"\npath = "beir"\ndepth = 8\nsystems = ["bm25", "maxsim"]\nprobe_queries = 0\n'
    (tmp_path / "config.toml").write_text(text, "utf-8")
    return tmp_path / "config.toml"


def open_with(engine: FakeEngine, tmp_path: Path) -> App:
    return start(load_settings({"RUNOFF_HOME": str(tmp_path / "home")}), engine=engine)


def use(monkeypatch: pytest.MonkeyPatch, app: App) -> None:
    @contextmanager
    def running(_strategies: tuple[Path, ...]) -> Iterator[App]:
        yield app

    monkeypatch.setattr(benchmark, "running_app", running)


def test_ctrl_c_keeps_what_is_finished_and_the_same_command_goes_on(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    engine = FakeEngine(held=True)
    app = open_with(engine, tmp_path)
    use(monkeypatch, app)
    real, calls = JobService.wait, []

    def wait(self: JobService, job_id: str, timeout: float | None = None) -> Job:
        calls.append(job_id)
        if len(calls) == 1:
            (inner,) = until(lambda: engine.waiting)
            engine.step(inner, 4)
            raise KeyboardInterrupt
        return real(self, job_id, timeout)

    with monkeypatch.context() as patched:
        patched.setattr(JobService, "wait", wait)
        assert main(["benchmark", str(file)]) == 130
    assert "stopped after 4 of 18; the same command goes on from there" in capsys.readouterr().err
    assert app.store.job(calls[0]).state is JobState.CANCELLED
    engine.held = False
    assert main(["benchmark", str(file)]) == 0
    assert "done: 18 of 18" in capsys.readouterr().err
    app.close()


def test_ctrl_c_leaves_a_benchmark_of_another_process_alone(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    engine = FakeEngine(held=True)
    other, mine = open_with(engine, tmp_path), open_with(FakeEngine(), tmp_path)
    other.collections.import_path(tmp_path / "beir", "small")
    plan = other.benchmarks.create("small", ["bm25", "maxsim"], stage=FirstStage(depth=8), probe_queries=0)
    job = other.benchmarks.start(plan)
    until(lambda: engine.waiting)
    use(monkeypatch, mine)

    def wait(_self: JobService, _job: str, timeout: float | None = None) -> Job:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(JobService, "wait", wait)
        assert main(["benchmark", str(file)]) == 130
    assert "Another process runs this benchmark" in capsys.readouterr().err
    assert other.benchmarks.running(plan) is not None
    engine.release()
    assert other.jobs.wait(job.id, 5).state is JobState.DONE
    for app in (other, mine):
        app.close()
