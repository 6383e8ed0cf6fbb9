"""The documentation is true: its example is a working strategy, and every strategy is described."""

import re
import sys
from pathlib import Path

import pytest

from core.strategies.base import discard, registered
from core.strategies.contract import check, check_file
from core.strategies.loading import load_file, module_name
from core.strategies.parameters import parameters_of
from core.strategies.resolve import build, resolve
from tests.support.judges import PerfectJudge, candidates, drive, find_model, ideal

DOCS = Path(__file__).resolve().parents[3] / "docs"
BUILT_IN = {name: info for name, info in registered().items() if info.type.__module__.startswith("core.strategies.")}


@pytest.fixture
def example(tmp_path):
    text = (DOCS / "adding-a-strategy.md").read_text("utf-8")
    (source,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    file = tmp_path / "score_and_rank.py"
    file.write_text(source, "utf-8")
    yield file
    discard(module_name(file.resolve()))
    sys.modules.pop(module_name(file.resolve()), None)


def test_the_documented_example_keeps_the_contract_and_runs(example):
    assert check_file(example) == ()
    (info,) = load_file(example)
    assert check(info) == ()
    lists, judge = candidates(12), PerfectJudge(seed=5)
    alone = build(resolve("score-and-rank:a cross encoder?weight=1", find_model))
    assert drive(alone, lists, judge).outcome.order == ideal(lists, judge)
    ignored = build(resolve("score-and-rank:a cross encoder?weight=0", find_model))
    assert drive(ignored, lists, judge).outcome.order == tuple(range(12))


def section(name):
    text = (DOCS / "strategies.md").read_text("utf-8")
    found = re.search(rf"^## `{re.escape(name)}`\n(.*?)(?=^## |\Z)", text, re.DOTALL | re.MULTILINE)
    assert found, f"docs/strategies.md has no section for {name}"
    return found.group(1)


@pytest.mark.parametrize("name", sorted(BUILT_IN))
def test_every_strategy_is_described_with_cost_paper_and_parameters(name):
    text = section(name)
    info = BUILT_IN[name]
    assert "**Cost.**" in text
    assert "**Fidelity.**" in text
    number = re.search(r"(arXiv|doi):\S+", info.paper)
    assert number is None or number.group() in text
    for parameter in parameters_of(info):
        assert f"`{parameter.name}` ({parameter.default})" in text
    for _, slot in info.slots:
        assert all(f"`{need}`" in text for need in slot.needs)
        assert slot.default is None or f"`{slot.default}`" in text


def test_no_strategy_is_described_that_does_not_exist():
    text = (DOCS / "strategies.md").read_text("utf-8")
    described = {name.split(":")[0] for name in re.findall(r"^## `([^`]+)`$", text, re.MULTILINE)}
    assert described == set(BUILT_IN)


def test_the_specifications_in_the_documentation_resolve():
    text = (DOCS / "strategies.md").read_text("utf-8")
    specs = re.findall(r"^\| `([^`]+)` \|", text, re.MULTILINE)
    assert len(specs) >= 6
    for spec in specs:
        resolve(spec, find_model)
