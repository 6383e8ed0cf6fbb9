"""Behaviour of every built-in strategy under a fixed judge: a change needs a new version."""

import json

import pytest

from core.strategies.pairwise import comparison
from tests.support import strategy_goldens as goldens

KEPT = goldens.read()


def test_every_built_in_strategy_has_a_golden():
    assert sorted(KEPT) == goldens.built_in()


@pytest.mark.parametrize("name", goldens.built_in())
def test_behaviour_is_the_golden_one(name):
    kept, now = KEPT[name], goldens.observe(name)
    if now["version"] == kept["version"]:
        assert now == kept, f"{name} behaves differently: raise its version, then run {goldens.COMMAND}"
    assert now == kept, f"{name} has a new version: run {goldens.COMMAND}"


@pytest.mark.thorough
def test_a_changed_prompt_is_noticed_and_not_written_without_a_version(monkeypatch, tmp_path):
    file = tmp_path / "goldens.json"
    monkeypatch.setattr(goldens, "FILE", file)
    assert goldens.main([]) == 0
    assert json.loads(file.read_text("utf-8")) == KEPT
    monkeypatch.setattr(comparison, "_SYSTEM", "Another instruction.")
    assert goldens.observe("prp-heapsort")["requests"] != KEPT["prp-heapsort"]["requests"]
    assert goldens.main([]) == 1
    assert json.loads(file.read_text("utf-8")) == KEPT
    assert goldens.main(["--force"]) == 0
    assert json.loads(file.read_text("utf-8")) != KEPT
