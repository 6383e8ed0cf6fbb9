"""Votes become arrays; kinds of voters are never pooled."""

from __future__ import annotations

import pytest

from core.domain.errors import InvalidInputError
from core.domain.voting import Verdict, VoterKind
from core.ratings.outcomes import LEFT_SHARE, build, from_votes
from core.ratings.pairs import pair_table
from tests.support.battle_logs import from_counts
from tests.support.stored import make_vote

VOTES = [
    make_vote("B", "A", Verdict.LEFT, voter="zoe", query="q2"),
    make_vote("A", "B", Verdict.LEFT, voter="ann", query="q1"),
    make_vote("C", "A", Verdict.RIGHT, voter="ann", query="q2"),
    make_vote("C", "B", Verdict.EQUAL, voter="ann", query="q3"),
    make_vote("B", "C", Verdict.BOTH_BAD, voter="zoe", query="q1"),
    make_vote("C", "A", Verdict.LEFT, voter="bob", query="q9", withdrawn=True),
]


def test_columns() -> None:
    outcomes = from_votes(VOTES)
    assert outcomes.systems == ("A", "B", "C")
    assert outcomes.left.tolist() == [1, 0, 2, 2, 1]
    assert outcomes.right.tolist() == [0, 1, 0, 1, 2]
    assert outcomes.share.tolist() == [1.0, 1.0, 0.0, 0.5, 0.5]
    assert outcomes.voters == ("ann", "zoe")
    assert outcomes.voter.tolist() == [1, 0, 0, 0, 1]
    assert outcomes.queries == ("q1", "q2", "q3")
    assert outcomes.query.tolist() == [1, 0, 1, 2, 0]


def test_every_verdict_has_a_share() -> None:
    assert set(LEFT_SHARE) == set(Verdict)


def test_systems_without_votes_may_be_named() -> None:
    assert from_votes(VOTES, systems=["D", "A"]).systems == ("A", "B", "C", "D")
    empty = from_votes([], systems=["D"])
    assert (empty.systems, len(empty)) == (("D",), 0)


def test_kinds_of_voters_are_never_pooled() -> None:
    judged = make_vote("A", "B", Verdict.LEFT, kind=VoterKind.JUDGE)
    with pytest.raises(InvalidInputError, match="judge, person"):
        from_votes([*VOTES, judged])


def test_battle_against_itself_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="'A' against itself"):
        build(left=["A"], right=["A"], share=[1.0], voter=["v"], query=["q"])


def test_pair_table_counts_by_hand() -> None:
    table = pair_table(from_votes(VOTES, systems=["D"]))
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
    kept = from_votes(VOTES).only(["B", "C"])
    assert kept.systems == ("B", "C")
    assert kept.share.tolist() == [0.5, 0.5]
    assert [kept.queries[i] for i in kept.query] == ["q3", "q1"]
    with pytest.raises(InvalidInputError, match="'X'"):
        from_votes(VOTES).only(["X"])


def test_merged_systems_share_an_entry_and_lose_their_own_battles() -> None:
    merged = pair_table(
        from_counts({("A", "B"): (3, 0, 1), ("A", "C"): (2, 1, 0), ("B", "C"): (1, 0, 4)}).merged([("A", "B")])
    )
    assert merged.systems == ("A", "C")
    assert merged.wins.tolist() == [[0, 3], [4, 0]]
    assert merged.ties.tolist() == [[0, 1], [1, 0]]
