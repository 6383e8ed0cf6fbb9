"""Texts by number without an object each."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.retrieval import names as module
from core.retrieval.names import Names

NAMES = st.lists(st.text(max_size=6), unique=True, max_size=30)


@pytest.fixture(autouse=True)
def short_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Several runs to merge even of few names."""
    monkeypatch.setattr(module, "RUN", 4)


@given(NAMES, st.text(max_size=6))
def test_every_name_is_found_and_no_other(names: list[str], other: str) -> None:
    found = Names.of(names)
    assert [found[number] for number in range(len(found))] == names
    assert [found.number(name) for name in names] == list(range(len(names)))
    assert found.number(other) == (names.index(other) if other in names else None)


@given(NAMES)
def test_ranks_are_places_in_the_order_of_code_points(names: list[str]) -> None:
    assert Names.of(names).ranks().tolist() == [sorted(names).index(name) for name in names]


def test_mapped_names_are_the_same(tmp_path: Path) -> None:
    names = ["b", "", "ä", "aa", "𐍈", "\ud800"]
    Names.of(names).save(tmp_path, "ids")
    found = Names.load(tmp_path, "ids")
    assert [found[number] for number in range(len(found))] == names
    assert found.number("𐍈") == 4
    assert found.number("c") is None


def test_no_names_at_all(tmp_path: Path) -> None:
    Names.of([]).save(tmp_path, "ids")
    found = Names.load(tmp_path, "ids")
    assert len(found) == 0
    assert found.number("a") is None
    assert found.ranks().dtype == np.int32
