"""Relevance labels as votes."""

from __future__ import annotations

import math

import pytest

from core.domain.errors import InvalidInputError
from core.ratings.board import rate
from core.ratings.intervals import ClusterBy
from core.ratings.label_votes import from_labels
from core.ratings.pairs import pair_table

VALUES = {
    "A": {"q1": 0.9, "q2": 0.5, "q3": 0.2},
    "B": {"q1": 0.8, "q2": 0.5, "q3": 0.4, "q4": 1.0},
    "C": {"q1": 0.1, "q2": 0.6},
}


def test_better_value_wins_and_equal_values_tie() -> None:
    table = pair_table(from_labels(VALUES))
    assert table.systems == ("A", "B", "C")
    assert table.wins.tolist() == [[0, 1, 1], [1, 0, 1], [1, 1, 0]]
    assert table.ties.tolist() == [[0, 1, 0], [1, 0, 0], [0, 0, 0]]


def test_margin_makes_ties() -> None:
    values = {"A": {"q1": 0.75, "q2": 0.5}, "B": {"q1": 0.5, "q2": 0.0}}
    table = pair_table(from_labels(values, margin=0.25))
    assert (table.wins[0, 1], table.ties[0, 1]) == (1, 1)


def test_clusters_are_queries_of_one_voter() -> None:
    outcomes = from_labels(VALUES)
    assert outcomes.voters == ("labels",)
    assert outcomes.queries == ("q1", "q2", "q3")
    board = rate(outcomes)
    assert board.intervals is not None
    assert (board.intervals.by, board.intervals.scope) == (ClusterBy.QUERY, "for these voters")


def test_system_without_values_stays_on_the_board() -> None:
    assert from_labels({**VALUES, "D": {}}).systems == ("A", "B", "C", "D")


def test_nonsense_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="negative"):
        from_labels(VALUES, margin=-0.1)
    with pytest.raises(InvalidInputError, match="'q1'"):
        from_labels({"A": {"q1": math.nan}, "B": {"q1": 0.0}})
