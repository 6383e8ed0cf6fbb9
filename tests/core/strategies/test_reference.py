"""What is called run against the reference code was: docs/reference.json has the counts, and they say that it is."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import core.strategies.all  # noqa: F401  (registers the built-in strategies)
from core.strategies.about import Fidelity
from core.strategies.base import registered

DOCS = Path(__file__).parents[3] / "docs"
DATA = json.loads((DOCS / "reference.json").read_text("utf-8"))
ROWS = [row for suite in DATA["suites"].values() for row in suite["rows"]]
EQUAL, WHERE_RIGHT = "equal", "equal where the reference is right"
BUILT_IN = {name: info for name, info in registered().items() if info.type.__module__.startswith("core.strategies.")}
CLAIMED = sorted(name for name, info in BUILT_IN.items() if info.about.fidelity is Fidelity.REFERENCE)


@pytest.mark.parametrize("name", CLAIMED)
def test_a_strategy_that_claims_it_was_run_beside_its_reference(name):
    assert name in DATA["strategies"], "run: python -m benchmarks.reference --write docs/reference.md"
    entry = DATA["strategies"][name]
    assert entry["outcome"] in (EQUAL, WHERE_RIGHT)
    assert entry["differs"] == 0
    assert entry["equal"] >= 100
    assert (entry["outcome"] == EQUAL) == (entry["reference_wrong"] == 0)


@pytest.mark.parametrize("name", sorted(DATA["strategies"]))
def test_an_entry_is_the_sum_of_its_rows(name):
    own = [row for row in ROWS if row["strategy"] == name and not row["aside"]]
    entry = DATA["strategies"][name]
    assert name in BUILT_IN
    assert own
    for key in ("cases", "equal", "reference_wrong"):
        assert entry[key] == sum(row[key] for row in own)
    assert entry["differs"] == sum(row["ours_wrong"] + row["unlike"] for row in own)
    assert entry["cases"] == entry["equal"] + entry["reference_wrong"] + entry["differs"] > 0


def test_the_page_has_every_row():
    text = (DOCS / "reference.md").read_text("utf-8")
    for name, entry in DATA["strategies"].items():
        assert f"| {name} | {entry['outcome']} | {entry['cases']:,} |" in text
    for row in ROWS:
        assert f"| {row['strategy']} | {row['package']}: {row['code']} |" in text
