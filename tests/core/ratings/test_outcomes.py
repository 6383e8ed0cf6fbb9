"""Comparisons become arrays, and stay together."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from core.domain.comparisons import Comparisons
from core.domain.errors import InvalidInputError
from core.ratings.outcomes import Outcomes, build, from_comparisons
from core.ratings.pairs import pair_table
from tests.support.battle_logs import from_counts


def five() -> Outcomes:
    """A has beaten B, B has beaten A, A has beaten C, B and C tied twice."""
    return build(
        left=["B", "A", "C", "C", "B"],
        right=["A", "B", "A", "B", "C"],
        share=[1.0, 1.0, 0.0, 0.5, 0.5],
        voter=["zoe", "ann", "ann", "ann", "zoe"],
        query=["q2", "q1", "q2", "q3", "q1"],
    )


def test_columns() -> None:
    outcomes = five()
    assert outcomes.systems == ("A", "B", "C")
    assert outcomes.left.tolist() == [1, 0, 2, 2, 1]
    assert outcomes.right.tolist() == [0, 1, 0, 1, 2]
    assert outcomes.share.tolist() == [1.0, 1.0, 0.0, 0.5, 0.5]
    assert outcomes.voters == ("ann", "zoe")
    assert outcomes.voter.tolist() == [1, 0, 0, 0, 1]
    assert outcomes.queries == ("q1", "q2", "q3")
    assert outcomes.query.tolist() == [1, 0, 1, 2, 0]


COLUMNS = Comparisons(
    systems=("z", "unused", "a", "m"),
    voters=("zoe", "ann"),
    queries=("q1", "q2"),
    groups=("",),
    left=np.array([0, 0, 2, 3]),
    right=np.array([2, 3, 3, 0]),
    share=np.array([1.0, 0.5, 0.0, 1.0]),
    both_bad=np.array([False, True, False, False]),
    voter=np.array([0, 0, 0, 1]),
    query=np.array([1, 1, 1, 0]),
    group=np.zeros(4, dtype=np.int64),
    vote=np.array([7, 7, 7, 9]),
    at=np.zeros(4, dtype=np.int64),
    depth=np.full(4, 10),
    slot=np.array([1, 1, 1, 0]),
    seconds=np.full(4, np.nan),
)


def test_columns_of_the_store_become_outcomes() -> None:
    outcomes = from_comparisons(COLUMNS, systems=["b"])
    assert outcomes.systems == ("a", "b", "m", "z")
    assert [outcomes.systems[i] for i in outcomes.left] == ["z", "z", "a", "m"]
    assert [outcomes.systems[i] for i in outcomes.right] == ["a", "m", "m", "z"]
    assert [outcomes.voters[i] for i in outcomes.voter] == ["zoe", "zoe", "zoe", "ann"]
    assert outcomes.voters == ("ann", "zoe")
    assert [outcomes.queries[i] for i in outcomes.query] == ["q2", "q2", "q2", "q1"]
    assert (outcomes.vote.tolist(), outcomes.votes) == ([7, 7, 7, 9], 2)
    assert outcomes.slot.tolist() == [1, 1, 1, 0]
    assert outcomes.share is COLUMNS.share
    with pytest.raises(InvalidInputError, match="'z' against itself"):
        from_comparisons(replace(COLUMNS, right=np.array([0, 3, 3, 0])))


def test_where_and_weighted_keep_the_columns_together() -> None:
    outcomes = from_comparisons(COLUMNS).weighted(np.array([1.0, 2.0, 3.0, 4.0]))
    kept = outcomes.where(np.array([True, False, False, True]))
    assert (kept.systems, kept.voters) == (outcomes.systems, outcomes.voters)
    assert (kept.vote.tolist(), kept.weight.tolist(), kept.slot.tolist()) == ([7, 9], [1.0, 4.0], [1, 0])
    assert outcomes.only(["a", "m"]).weight.tolist() == [3.0]
    assert outcomes.merged([("a", "m")]).vote.tolist() == [7, 7, 9]
    for weights in ([1.0, 0.0, 1.0, 1.0], [1.0, np.nan, 1.0, 1.0]):
        with pytest.raises(InvalidInputError, match="finite and above 0"):
            outcomes.weighted(np.array(weights))
    with pytest.raises(InvalidInputError, match="3 values of vote for 4 outcomes"):
        replace(outcomes, vote=np.arange(3))


def test_weighted_pairs_by_hand() -> None:
    table = pair_table(from_comparisons(COLUMNS).weighted(np.array([1.5, 2.0, 3.0, 4.0])))
    assert table.systems == ("a", "m", "z")
    assert table.wins.tolist() == [[0, 0, 0], [3.0, 0, 4.0], [1.5, 0, 0]]
    assert table.ties.tolist() == [[0, 0, 0], [0, 0, 2.0], [0, 2.0, 0]]
    assert table.half_wins[2, 1] == 1.0
    with pytest.raises(InvalidInputError, match="nothing else"):
        pair_table(replace(from_comparisons(COLUMNS), share=np.array([1.0, 0.7, 0.0, 1.0])))


def test_systems_without_votes_may_be_named() -> None:
    empty = build(left=[], right=[], share=[], voter=[], query=[], systems=["D"])
    assert (empty.systems, len(empty), empty.votes) == (("D",), 0, 0)


def test_every_outcome_is_a_vote_of_weight_one_unless_said() -> None:
    outcomes = five()
    assert (outcomes.votes, outcomes.one_per_vote, outcomes.weighted_equally) == (5, True, True)
    assert outcomes.slot.tolist() == [1] * 5
    assert not replace(outcomes, vote=np.array([3, 2, 1, 2, 0])).one_per_vote


def test_battle_against_itself_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="'A' against itself"):
        build(left=["A"], right=["A"], share=[1.0], voter=["v"], query=["q"])


def test_pair_table_counts_by_hand() -> None:
    table = pair_table(replace(five(), systems=("A", "B", "C", "D")))
    assert table.wins.tolist() == [[0, 1, 1, 0], [1, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0]]
    assert table.losses.tolist() == [[0, 1, 0, 0], [1, 0, 0, 0], [1, 0, 0, 0], [0, 0, 0, 0]]
    assert table.ties.tolist() == [[0, 0, 0, 0], [0, 0, 2, 0], [0, 2, 0, 0], [0, 0, 0, 0]]
    assert table.met.tolist() == [[0, 2, 1, 0], [2, 0, 2, 0], [1, 2, 0, 0], [0, 0, 0, 0]]
    rate = table.win_rate
    assert rate[0, 1] == 0.5
    assert (rate[0, 2], rate[2, 0]) == (1.0, 0.0)
    assert rate[1, 2] == 0.5
    assert str(rate[3, 0]) == str(rate[0, 0]) == "nan"


def test_only_keeps_the_battles_between_the_named() -> None:
    kept = five().only(["B", "C"])
    assert kept.systems == ("B", "C")
    assert kept.share.tolist() == [0.5, 0.5]
    assert [kept.queries[i] for i in kept.query] == ["q3", "q1"]
    with pytest.raises(InvalidInputError, match="'X'"):
        five().only(["X"])


def test_merged_systems_share_an_entry_and_lose_their_own_battles() -> None:
    merged = pair_table(
        from_counts({("A", "B"): (3, 0, 1), ("A", "C"): (2, 1, 0), ("B", "C"): (1, 0, 4)}).merged([("A", "B")])
    )
    assert merged.systems == ("A", "C")
    assert merged.wins.tolist() == [[0, 3], [4, 0]]
    assert merged.ties.tolist() == [[0, 1], [1, 0]]
