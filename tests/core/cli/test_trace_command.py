"""The command ``trace`` on the real engine: rounds as text, everything as JSON, stored files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from core.domain.codec import from_json
from core.domain.traces import Trace
from core.services.stored_traces import stored_trace
from tests.support.command_line import run

pytestmark = pytest.mark.thorough  # long; `make check` runs it


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("RUNOFF_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("RUNOFF_THREADS", "1")
    return tmp_path / "home"


def test_rounds_as_text_and_everything_as_json(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    spec = "rrf?of=(first-stage,bm25)"
    code, out, err = run(capsys, "trace", spec, "--query", "b14", "--depth", "4", "--prompts")
    assert code == 0, err
    lines = out.splitlines()
    assert lines[0].startswith(f"{spec} on 'restore an old folder")
    assert lines[1].startswith("1 call in 1 round, 0 from the cache; 0 tokens read, 0 written; 0 repairs")
    assert lines[2] == "round 1: 2 requests"
    assert [line.split(":")[0].strip() for line in lines if "member" in line] == ["1. member 0", "2. member 1"]
    assert any(line.strip() == "[query]" for line in lines)
    order = lines[-1].removeprefix("order: ").split()
    assert len(order) == 4

    code, out, err = run(capsys, "trace", "bm25", "--query", "b14", "--depth", "4", "--json")
    assert code == 0, err
    trace = from_json(Trace, json.loads(out))
    assert set(trace.run.order) == set(order)

    code, out, _ = run(capsys, "trace", "--store", "bm25", "--out", str(tmp_path / "traces"))
    assert code == 0
    assert out.startswith(str(tmp_path / "traces" / "bm25.json"))
    assert len(stored_trace("bm25", tmp_path / "traces").titles) == 8


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["bm25"], "Name one system and --query"),
        (["--query", "b14"], "Name one system and --query"),
        (["bm25", "--query", "b14", "--depth", "-1"], "--depth must be at least 1"),
        (["no-such", "--query", "b14"], "no-such"),
    ],
)
def test_what_cannot_be_traced_is_said(capsys: pytest.CaptureFixture[str], arguments: list[str], said: str) -> None:
    code, out, err = run(capsys, "trace", *arguments)
    assert code == 2
    assert said in err
    assert not out
