"""Battles and votes: one vote per battle, by its voter, once it was shown; undone by a row, never by an edit."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import StatementError

from core.domain.errors import AlreadyVotedError, InvalidInputError, NotOpenError, RunoffError, UnknownNameError
from core.domain.voting import Ballot, BattleState, Verdict, Voter, VoterKind
from db.schema import votes as vote_table
from db.store import SqlStore
from tests.support.stored import NOON, make_battle

LATER = NOON + timedelta(seconds=30)


def issue_and_show(store: SqlStore, id: str = "b1", voter: str = "ann", **fields: str) -> None:
    store.add_battle(make_battle(id, voter, **fields))
    store.show_battle(id, voter, NOON)


def vote(store: SqlStore, id: str = "b1", voter: str = "ann", verdict: Verdict = Verdict.LEFT):
    return store.cast_vote(id, voter, VoterKind.PERSON, Ballot(verdict=verdict), LATER)


def test_voter_is_named_renamed_and_keeps_the_kind(store: SqlStore) -> None:
    assert store.voter("ann") is None
    store.save_voter(Voter(id="ann"))
    store.save_voter(Voter(id="ann", kind=VoterKind.JUDGE, name="Ann"))
    assert store.voter("ann") == Voter(id="ann", kind=VoterKind.PERSON, name="Ann")


def test_battle_comes_back_whole(store: SqlStore) -> None:
    store.add_battle(make_battle("b1"))
    assert store.battle("b1") == make_battle("b1")
    with pytest.raises(UnknownNameError, match="battle 'b2'"):
        store.battle("b2")
    with pytest.raises(InvalidInputError, match="'b1' exists"):
        store.add_battle(make_battle("b1", "bob"))


def test_battles_of_one_voter_oldest_first(store: SqlStore) -> None:
    store.add_battle(make_battle("late", minutes=5))
    store.add_battle(make_battle("early", minutes=1, collection="other"))
    store.add_battle(make_battle("strange", "bob"))
    assert [b.id for b in store.battles("ann")] == ["early", "late"]
    assert [b.id for b in store.battles("ann", "other")] == ["early"]
    assert store.battles("nobody") == ()


def test_showing_sets_the_first_time_and_keeps_it(store: SqlStore) -> None:
    store.add_battle(make_battle("b1"))
    assert store.show_battle("b1", "ann", NOON).shown_at == NOON
    again = store.show_battle("b1", "ann", LATER)
    assert (again.state, again.shown_at) == (BattleState.SHOWN, NOON)


def test_vote_is_returned_logged_and_closes_the_battle(store: SqlStore) -> None:
    issue_and_show(store)
    cast = vote(store, verdict=Verdict.BOTH_BAD)
    assert (cast.left, cast.right, cast.voter, cast.query_id, cast.verdict) == ("A", "B", "ann", "q1", Verdict.BOTH_BAD)
    assert (cast.candidates, cast.collection, cast.category, cast.cast_at) == ("list-q1", "col", "keyword", LATER)
    assert store.votes() == (cast,)
    assert store.battle("b1").state is BattleState.VOTED


def test_second_vote_is_refused_and_the_first_stands(store: SqlStore) -> None:
    issue_and_show(store)
    first = vote(store)
    with pytest.raises(AlreadyVotedError, match="Vote already recorded"):
        vote(store, verdict=Verdict.RIGHT)
    assert store.votes() == (first,)


def never_shown(store: SqlStore) -> None:
    store.add_battle(make_battle("b1"))


def of_another_voter(store: SqlStore) -> None:
    issue_and_show(store, voter="bob")


def voted_by_another(store: SqlStore) -> None:
    issue_and_show(store, voter="bob")
    vote(store, voter="bob")


def skipped(store: SqlStore) -> None:
    issue_and_show(store)
    store.close_battle("b1", "ann", BattleState.SKIPPED)


def expired(store: SqlStore) -> None:
    issue_and_show(store)
    store.close_battle("b1", "ann", BattleState.EXPIRED)


def undone(store: SqlStore) -> None:
    issue_and_show(store)
    vote(store)
    store.withdraw_vote("b1", "ann", LATER)


def unknown(store: SqlStore) -> None:
    del store


@pytest.mark.parametrize(
    "prepare", [never_shown, of_another_voter, voted_by_another, skipped, expired, undone, unknown]
)
def test_vote_on_a_battle_that_is_not_open(store: SqlStore, prepare: Callable[[SqlStore], None]) -> None:
    prepare(store)
    before = store.votes(include_withdrawn=True)
    with pytest.raises(NotOpenError, match="not open for you") as caught:
        vote(store)
    assert not isinstance(caught.value, AlreadyVotedError)
    assert store.votes(include_withdrawn=True) == before


@pytest.mark.parametrize("prepare", [of_another_voter, voted_by_another, skipped, expired, undone, unknown])
def test_showing_or_closing_a_battle_that_is_not_open(store: SqlStore, prepare: Callable[[SqlStore], None]) -> None:
    prepare(store)
    with pytest.raises(NotOpenError):
        store.show_battle("b1", "ann", LATER)
    with pytest.raises(NotOpenError):
        store.close_battle("b1", "ann", BattleState.SKIPPED)


def test_showing_a_voted_battle_says_so(store: SqlStore) -> None:
    issue_and_show(store)
    vote(store)
    with pytest.raises(AlreadyVotedError):
        store.show_battle("b1", "ann", LATER)


def test_closing_takes_only_the_two_states(store: SqlStore) -> None:
    store.add_battle(make_battle("b1"))
    with pytest.raises(InvalidInputError, match="Allowed: skipped, expired"):
        store.close_battle("b1", "ann", BattleState.VOTED)
    store.close_battle("b1", "ann", BattleState.EXPIRED)
    assert store.battle("b1").state is BattleState.EXPIRED


def test_undo_hides_the_vote_keeps_its_row_and_retires_the_battle(store: SqlStore) -> None:
    issue_and_show(store)
    cast = vote(store)
    store.withdraw_vote("b1", "ann", LATER)
    assert store.votes() == ()
    (kept,) = store.votes(include_withdrawn=True)
    assert (kept.id, kept.verdict, kept.withdrawn) == (cast.id, Verdict.LEFT, True)
    assert store.battle("b1").state is BattleState.RETIRED
    with store.database.read() as connection:
        assert connection.execute(select(vote_table.c.verdict)).scalars().all() == ["left"]


@pytest.mark.parametrize("prepare", [never_shown, voted_by_another, skipped, undone, unknown])
def test_nothing_to_undo(store: SqlStore, prepare: Callable[[SqlStore], None]) -> None:
    prepare(store)
    before = store.votes(include_withdrawn=True)
    with pytest.raises(NotOpenError, match="no vote of yours"):
        store.withdraw_vote("b1", "ann", LATER)
    assert store.votes(include_withdrawn=True) == before


def test_log_is_filtered_and_in_order_of_casting(store: SqlStore) -> None:
    issue_and_show(store, "b3", "ann")
    issue_and_show(store, "b2", "bob", collection="other")
    issue_and_show(store, "b1", "judge")
    vote(store, "b3", "ann")
    vote(store, "b2", "bob")
    store.cast_vote("b1", "judge", VoterKind.JUDGE, Ballot(verdict=Verdict.EQUAL), LATER)
    assert [v.battle for v in store.votes()] == ["b3", "b2", "b1"]
    assert [v.battle for v in store.votes(collection="other")] == ["b2"]
    assert [v.battle for v in store.votes(kind=VoterKind.JUDGE)] == ["b1"]
    assert [v.battle for v in store.votes(voter="ann", collection="col")] == ["b3"]
    assert store.votes(voter="ann", kind=VoterKind.JUDGE) == ()


def test_naive_time_is_refused_and_the_battle_stays_open(store: SqlStore) -> None:
    issue_and_show(store)
    naive = datetime(2026, 3, 1, 12)
    with pytest.raises(StatementError, match="has no time zone"):
        store.cast_vote("b1", "ann", VoterKind.PERSON, Ballot(verdict=Verdict.LEFT), naive)
    assert vote(store).id == 1


def test_threads_that_vote_on_one_battle_make_one_vote(store: SqlStore) -> None:
    issue_and_show(store)
    outcomes: list[str] = []
    start = threading.Barrier(8)

    def click() -> None:
        start.wait()
        try:
            vote(store)
            outcomes.append("recorded")
        except RunoffError as error:
            outcomes.append(type(error).__name__)

    threads = [threading.Thread(target=click) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["AlreadyVotedError"] * 7 + ["recorded"]
    assert len(store.votes()) == 1


def test_votes_of_one_candidate_list(store: SqlStore) -> None:
    for id, query in (("b1", "q1"), ("b2", "q2")):
        issue_and_show(store, id, query=query)
        vote(store, id)
    assert [found.battle for found in store.votes(candidates="list-q2")] == ["b2"]
    assert store.votes(candidates="list-q3") == ()


def test_the_revision_changes_with_a_vote_and_with_its_withdrawal(store: SqlStore) -> None:
    seen = [store.revision()]
    issue_and_show(store)
    assert store.revision() == seen[-1]
    vote(store)
    seen.append(store.revision())
    store.withdraw_vote("b1", "ann", LATER)
    seen.append(store.revision())
    assert len(set(seen)) == 3
