"""The packed columns say what the votes say, also across blocks, in parts, after failures and from other processes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from core.domain.comparisons import Comparisons
from core.domain.errors import InvalidInputError
from core.domain.voting import Ballot, BattleForm, Mark, Verdict, Vote, VoterKind, compared
from db.store import SqlStore
from tests.support.random_log import fill
from tests.support.stored import NOON, make_battle

Row = tuple[object, ...]


def rows_of(votes: Sequence[Vote], collection: str, kind: VoterKind, after: int = 0) -> list[Row]:
    """What the columns should say, from the votes themselves."""
    return [
        (
            vote.id,
            pair.left,
            pair.right,
            pair.share,
            vote.verdict is Verdict.BOTH_BAD,
            vote.voter,
            vote.query_id,
            vote.voter_group,
            math.floor(vote.cast_at.timestamp() * 1000),
            vote.depth,
            int(vote.form is BattleForm.SIDE_BY_SIDE),
            round((vote.cast_at - (vote.shown_at or vote.cast_at)).total_seconds(), 6),
        )
        for vote in votes
        if vote.collection == collection and vote.voter_kind is kind and not vote.control and vote.id > after
        for pair in compared(vote.slots, vote.verdict, vote.order)
    ]


def rows_in(found: Comparisons) -> list[Row]:
    """The columns as rows of names."""
    return [
        (
            int(found.vote[n]),
            found.systems[found.left[n]],
            found.systems[found.right[n]],
            float(found.share[n]),
            bool(found.both_bad[n]),
            found.voters[found.voter[n]],
            found.queries[found.query[n]],
            found.groups[found.group[n]],
            int(found.at[n]),
            int(found.depth[n]),
            int(found.slot[n]),
            round(float(found.seconds[n]), 6),
        )
        for n in range(len(found))
    ]


@pytest.fixture
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("db.streams.BLOCK", 8)


@pytest.mark.usefixtures("small_blocks")
def test_columns_say_what_the_votes_say(store: SqlStore) -> None:
    cast = fill(store, 0, votes=45, acts=5)
    for collection in ("col", "other"):
        for kind in (VoterKind.PERSON, VoterKind.JUDGE):
            for after in (0, 1, 7, 8, 9, 30, 44, 45, 100):
                found = store.comparisons(collection=collection, kind=kind, after=after)
                assert rows_in(found) == rows_of(cast, collection, kind, after)


@pytest.mark.usefixtures("small_blocks")
def test_reading_on_continues_what_was_read(store: SqlStore) -> None:
    fill(store, 0, votes=20)
    first = store.comparisons(collection="col", kind=VoterKind.PERSON)
    fill(store, 1, votes=20)
    later = store.comparisons(collection="col", kind=VoterKind.PERSON, after=20)
    whole = store.comparisons(collection="col", kind=VoterKind.PERSON)
    for names in ("systems", "voters", "queries", "groups"):
        assert getattr(later, names)[: len(getattr(first, names))] == getattr(first, names)
        assert getattr(whole, names) == getattr(later, names)
    for column in ("left", "voter", "query", "vote", "at", "share", "slot"):
        joined = np.concatenate([getattr(first, column), getattr(later, column)])
        assert joined.tolist() == getattr(whole, column).tolist()


def test_nothing_there_is_empty(store: SqlStore) -> None:
    fill(store, 0, votes=3)
    found = store.comparisons(collection="nowhere", kind=VoterKind.PERSON)
    assert (len(found), found.systems, found.voters) == (0, (), ())
    assert found.left.dtype == np.int64
    assert found.share.dtype == np.float64


def test_refused_ballot_leaves_no_trace_and_the_next_vote_counts(store: SqlStore) -> None:
    store.add_battle(make_battle("b1", "new", left="X", right="Y", collection="fresh"))
    store.show_battle("b1", "new", NOON)
    with pytest.raises(InvalidInputError, match="Allowed: left, right"):
        store.cast_vote("b1", "new", VoterKind.PERSON, Ballot(verdict=Verdict.ORDERED, order=((0,), (1,))), NOON)
    assert store.vote_sources() == ()
    assert list(store.log()) == []
    vote = store.cast_vote("b1", "new", VoterKind.PERSON, Ballot(verdict=Verdict.LEFT), NOON)
    found = store.comparisons(collection="fresh", kind=VoterKind.PERSON)
    assert rows_in(found) == rows_of([vote], "fresh", VoterKind.PERSON)


def test_two_stores_on_one_database_number_names_alike(
    sqlite_store: SqlStore, tmp_path: Path, database_url: str
) -> None:
    other = SqlStore(database_url, tmp_path)
    cast = [*fill(sqlite_store, 0, votes=6), *fill(other, 1, votes=6), *fill(sqlite_store, 2, votes=6)]
    other.close()
    for kind in (VoterKind.PERSON, VoterKind.JUDGE):
        found = sqlite_store.comparisons(collection="col", kind=kind)
        assert rows_in(found) == rows_of(cast, "col", kind)
        assert len(set(found.voters)) == len(found.voters)


def test_mark_must_name_a_document_of_the_list(store: SqlStore) -> None:
    fill(store, 0, votes=1)
    battle = make_battle("b1")
    store.add_battle(battle)
    store.show_battle("b1", "ann", NOON)
    ballot = Ballot(verdict=Verdict.LEFT, marks=(Mark(document="d1", useful=True),))
    with pytest.raises(InvalidInputError, match="mark on 'd1' names no document"):
        store.cast_vote("b1", "ann", VoterKind.PERSON, ballot, NOON)
