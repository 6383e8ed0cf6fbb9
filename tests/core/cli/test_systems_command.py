"""``python -m core systems``: what runs, what a hub says of checkpoints, and what can be loaded."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.strategies.base import registered
from tests.support.command_line import run
from tests.support.http_server import serving
from tests.support.hub_server import Hub

COMMIT = "0123456789abcdef0123456789abcdef01234567"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("RUNOFF_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    said: dict[str, object] = {"cardData": {"license": "mit"}, "safetensors": {"total": 22_713_601}}
    made = Hub("cross-encoder/ms-marco-MiniLM-L6-v2", COMMIT, {"model.safetensors": b"x"}, said=said)
    with serving(made) as running:
        monkeypatch.setenv("HF_ENDPOINT", running.address)
        yield made


def test_every_strategy_is_listed_and_what_is_missing(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "systems", "--json")
    lines = json.loads(out)
    assert code == 0
    assert {line["strategy"] for line in lines} == set(registered())
    missing = [line for line in lines if not line["available"]]
    assert all(line["reason"] for line in missing)
    assert len({line["strategy"] for line in missing}) == len(missing)


def test_commits_are_looked_up_and_kept(capsys: pytest.CaptureFixture[str], hub: Hub) -> None:
    code, out, _ = run(capsys, "systems", "--resolve", "ms-marco-minilm-l6-v2")
    assert code == 0
    line = out.splitlines()[1]
    assert line.split()[:3] == ["ms-marco-minilm-l6-v2", COMMIT[:12], "safetensors"]
    assert "licence: apache-2.0 in the catalogue, mit on the hub" in line
    code, out, _ = run(capsys, "systems", "--resolve", "ms-marco-minilm-l6-v2", "--json")
    [found] = json.loads(out)
    assert (code, found["commit"], found["parameters"], found["error"]) == (0, COMMIT, 22_713_601, "")
    code, out, _ = run(capsys, "systems", "--check", "--json")
    check = next(one for one in json.loads(out) if one["model"] == "ms-marco-minilm-l6-v2")
    assert (check["revision"], check["loads"], check["reasons"]) == (COMMIT, False, ["not downloaded"])
    assert check["differences"] == ["licence: apache-2.0 in the catalogue, mit on the hub"]


def test_what_the_hub_does_not_have_fails_alone(capsys: pytest.CaptureFixture[str], hub: Hub) -> None:
    code, out, _ = run(capsys, "systems", "--resolve", "ms-marco-minilm-l6-v2", "bge-m3", "--json")
    found = {one["id"]: one for one in json.loads(out)}
    assert code == 1
    assert found["ms-marco-minilm-l6-v2"]["commit"] == COMMIT
    assert "not found there" in found["bge-m3"]["error"]
    code, _, err = run(capsys, "systems", "--resolve", "nothing")
    assert (code, "Unknown well-known checkpoint 'nothing'" in err) == (2, True)


def test_a_check_is_a_table_that_ends_well(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "systems", "--check")
    lines = {line.split()[0]: line for line in out.splitlines() if line}
    assert code == 0
    assert lines["all-minilm-l6-v2"].split()[-1] == "yes"
    assert "revision not known yet" in lines["bge-m3"]
    assert "never executes" in lines["jina-reranker-v2-base-multilingual"]
    assert "python -m core systems --resolve" in out.splitlines()[-1]


def test_models_are_checked_by_name(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "systems", "--check", "bge-m3", "lexical", "--json")
    assert (code, [one["model"] for one in json.loads(out)]) == (0, ["lexical", "bge-m3"])
    code, _, err = run(capsys, "systems", "--check", "nothing")
    assert (code, "Unknown model 'nothing'" in err) == (2, True)


@pytest.mark.thorough
def test_load_really_loads(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(capsys, "systems", "--check", "all-minilm-l6-v2", "bge-m3", "--load", "--json")
    assert code == 0, err
    loaded, absent = json.loads(out)
    assert (loaded["loaded"], absent["loaded"]) == (True, None)
