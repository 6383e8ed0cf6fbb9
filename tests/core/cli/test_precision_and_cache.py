"""``precision`` over an engine without a process, and ``cache`` without any engine."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from core.bootstrap import App, start
from core.cli import precision
from core.services import answer_file
from core.settings import load_settings
from tests.support.command_line import run
from tests.support.fake_engine import FakeEngine

ENGINE_FAILS = {"maxsim": "no tokens"}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("RUNOFF_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def engine(home: Path, monkeypatch: pytest.MonkeyPatch) -> FakeEngine:
    """The engine that the command finds."""
    made = FakeEngine()

    @contextmanager
    def running() -> Iterator[App]:
        app = start(load_settings(), engine=made)
        try:
            yield app
        finally:
            app.close()

    monkeypatch.setattr(precision, "running_app", running)
    return made


def test_the_table_has_a_line_per_system(engine: FakeEngine, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(capsys, "precision", "all-minilm-l6-v2", "--queries", "2")
    assert code == 0, err
    lines = out.splitlines()
    assert lines[0] == "bf16 against fp32, 2 sample queries, cpu, 2 threads, bf16"
    assert [line.split()[0] for line in lines[3:]] == ["bi-encoder", "maxsim"]
    assert "8 of 8 rankings" in err


def test_as_json_and_in_the_precision_asked_for(engine: FakeEngine, capsys: pytest.CaptureFixture[str]) -> None:
    asked = ("--queries", "2", "--precision", "fp16", "--system", "bi-encoder", "--json")
    code, out, _ = run(capsys, "precision", "all-minilm-l6-v2", *asked)
    (found,) = json.loads(out)
    assert code == 0
    assert (found["precision"], found["spec"], found["queries"]) == ("fp16", "bi-encoder", 2)
    assert -1 <= found["tau_low"] <= found["tau"] <= found["tau_high"] <= 1


def test_a_system_that_fails_is_told_and_the_others_stay(
    engine: FakeEngine, capsys: pytest.CaptureFixture[str]
) -> None:
    engine.failing.update(ENGINE_FAILS)
    code, out, err = run(capsys, "precision", "all-minilm-l6-v2", "--queries", "2")
    assert code == 1
    assert [line.split()[0] for line in out.splitlines()[3:]] == ["bi-encoder"]
    assert "maxsim in fp32: no tokens" in err


def test_a_model_without_weights_is_refused(engine: FakeEngine, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = run(capsys, "precision", "lexical")
    assert code == 2
    assert "lexical is a lexical: it has no weights here" in err


def test_the_cache_is_told_and_emptied(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = home / "cache" / answer_file.NAME
    file.parent.mkdir(parents=True)
    file.write_bytes(bytes(2_000_000))
    code, out, _ = run(capsys, "cache")
    assert code == 0
    assert out.splitlines() == [str(file), "2.0 MB of 2,000 MB; safe to delete"]
    code, out, err = run(capsys, "cache", "--clear")
    assert code == 0
    assert err == "emptied; 2.0 MB are free\n"
    assert out.splitlines()[1].startswith("0.0 MB")
