"""The documentation is true: it is what the strategies say, its examples work, and the list of names is committed."""

import re
import sys
from pathlib import Path

import pytest

import core.strategies.all  # noqa: F401  (registers the built-in strategies)
from core.strategies.about import Fidelity
from core.strategies.base import discard, registered
from core.strategies.contract import check, check_file
from core.strategies.document import filled
from core.strategies.loading import load_file, module_name
from core.strategies.resolve import build, resolve
from tests.support.judges import PerfectJudge, candidates, drive, find_model, ideal

DOCS = Path(__file__).resolve().parents[3] / "docs"
NAMES = tuple((Path(__file__).parent / "names.txt").read_text("utf-8").split())
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


def test_the_strategies_are_those_of_the_committed_list():
    assert sorted(BUILT_IN) == sorted(NAMES)


def test_the_document_is_what_the_strategies_say():
    text = (DOCS / "strategies.md").read_text("utf-8")
    assert text == filled(text, BUILT_IN.values()), "run: python -m core strategies --write docs/strategies.md"


@pytest.mark.parametrize("name", NAMES)
def test_every_strategy_has_a_line_in_the_table(name):
    text = (DOCS / "strategies.md").read_text("utf-8")
    assert re.search(rf"^\| \[`{re.escape(name)}`\]\(#{re.escape(name)}\) \|", text, re.MULTILINE)


@pytest.mark.parametrize("name", NAMES)
def test_every_strategy_says_what_a_person_wants_to_know(name):
    about = BUILT_IN[name].about
    assert len(about.summary.split()) >= 12
    assert about.cost
    assert about.rounds
    assert about.strengths
    assert about.failures
    assert about.fidelity_note
    assert BUILT_IN[name].paper or about.fidelity in (Fidelity.NONE, Fidelity.OURS)
    assert about.weights or not any(slot.format for _, slot in BUILT_IN[name].slots)


def test_the_specifications_in_the_documentation_resolve():
    text = (DOCS / "strategies.md").read_text("utf-8").partition("<!-- strategies")[0]
    specs = re.findall(r"^\| `([^`]+)` \|", text, re.MULTILINE)
    assert len(specs) >= 6
    for spec in specs:
        resolve(spec, find_model)
