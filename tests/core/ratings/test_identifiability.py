"""Who can be rated against whom: strong components of "beats or ties"."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse.csgraph import connected_components

from core.ratings.bradley_terry import fit_bradley_terry
from core.ratings.identifiability import Identifiability, NotIdentifiableError, examine
from core.ratings.outcomes import Outcomes, build
from core.ratings.pairs import PairTable, pair_table
from tests.support.battle_logs import from_counts, names

Counts = dict[tuple[str, str], tuple[int, int, int]]


def look(counts: Counts) -> Identifiability:
    return examine(pair_table(from_counts(counts)))


def test_a_cycle_is_identifiable() -> None:
    found = look({("A", "B"): (1, 0, 0), ("B", "C"): (1, 0, 0), ("C", "A"): (1, 0, 0)})
    assert found.identifiable
    assert found.missing == ()
    assert [c.systems for c in found.components] == [("A", "B", "C")]


def test_unbeaten_system_stands_apart_and_says_what_is_missing() -> None:
    counts = {("A", "B"): (3, 0, 0), ("B", "C"): (1, 0, 1)}
    found = look(counts)
    assert not found.identifiable
    assert [(c.systems, c.rateable, c.why) for c in found.components] == [
        (("A",), False, "A: unbeaten by the others."),
        (("B", "C"), True, "B, C: never won or tied against the others."),
    ]
    assert [(m.first, m.second, m.battles, m.needed) for m in found.missing] == [
        ("A", "C", 0, "a battle"),
        ("A", "B", 3, "a win or tie of B"),
    ]
    with pytest.raises(NotIdentifiableError, match="A: unbeaten by the others") as caught:
        fit_bradley_terry(pair_table(from_counts(counts)))
    assert caught.value.identifiability == found


def test_one_tie_joins_an_unbeaten_system() -> None:
    assert look({("A", "B"): (3, 1, 0), ("B", "C"): (1, 0, 1)}).identifiable


def test_two_groups_that_never_met() -> None:
    found = look({("A", "B"): (2, 0, 1), ("C", "D"): (1, 1, 0)})
    assert [(c.systems, c.rateable, c.why) for c in found.components] == [
        (("A", "B"), True, "A, B: never met the others."),
        (("C", "D"), True, "C, D: never met the others."),
    ]
    assert [(m.first, m.second) for m in found.missing] == [("A", "C"), ("A", "D"), ("B", "C"), ("B", "D")]


def test_ties_only_give_no_ratings() -> None:
    counts = {("A", "B"): (0, 2, 0), ("B", "C"): (0, 1, 0)}
    found = look(counts)
    assert not found.identifiable
    assert [(c.rateable, c.why) for c in found.components] == [(False, "A, B, C: only ties between them.")]
    assert [(m.first, m.second, m.needed) for m in found.missing] == [
        ("A", "C", "a battle"),
        ("B", "C", "a decided battle"),
        ("A", "B", "a decided battle"),
    ]
    with pytest.raises(NotIdentifiableError, match="only ties"):
        fit_bradley_terry(pair_table(from_counts(counts)))


def test_components_between_others_are_explained_and_ordered_from_the_top() -> None:
    found = look({("A", "B"): (1, 0, 0), ("B", "C"): (2, 0, 0)})
    assert [c.systems for c in found.components] == [("A",), ("B",), ("C",)]
    assert found.components[1].why == "B: won against some others and lost against others, never both ways."


def nobody(systems: list[str]) -> Outcomes:
    return build(left=[], right=[], share=[], voter=[], query=[], systems=systems)


@pytest.mark.parametrize("systems", [[], ["A"]])
def test_fewer_than_two_systems(systems: list[str]) -> None:
    table = pair_table(nobody(systems))
    assert not examine(table).identifiable
    with pytest.raises(NotIdentifiableError, match="fewer than two"):
        fit_bradley_terry(table)


def test_no_votes_at_all() -> None:
    found = examine(pair_table(nobody(["A", "B"])))
    assert [c.systems for c in found.components] == [("A",), ("B",)]
    assert [(m.first, m.second, m.needed) for m in found.missing] == [("A", "B", "a battle")]


@pytest.mark.parametrize("seed", range(30))
def test_components_agree_with_scipy(seed: int) -> None:
    rng = np.random.default_rng(seed)
    k = int(rng.integers(2, 12))
    wins = (rng.random((k, k)) < 1.5 / k).astype(np.int64)
    np.fill_diagonal(wins, 0)
    found = examine(PairTable(systems=names("s", k), wins=wins, ties=np.zeros_like(wins)))
    _, label = connected_components(wins, directed=True, connection="strong")
    expected = {frozenset(f"s{i:04d}" for i in np.flatnonzero(label == group)) for group in set(label)}
    assert {frozenset(c.systems) for c in found.components} == expected
