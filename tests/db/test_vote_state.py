"""What acts make of votes: SQL against the rules of core/domain/decisions.py, and the pages against a plain search."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from core.domain.decisions import Decisions
from core.domain.errors import InvalidInputError, UnknownNameError
from core.domain.vote_filter import VoteFilter, VoteSource, VoteStatus
from core.domain.vote_log import Act, ActKind
from core.domain.voting import Ballot, Control, Verdict, Vote, VoterKind
from db.store import SqlStore
from tests.support.random_log import SYSTEMS, VOTERS, fill
from tests.support.stored import NOON, make_battle


def exclude(battle: str = "", *, voter: str = "", kind: ActKind = ActKind.EXCLUDE) -> Act:
    return Act(kind=kind, actor="op", reason="why", at=NOON, battle=battle, voter=voter)


def judged(cast: list[Vote], decisions: Decisions) -> list[Vote]:
    """The votes as the pure rules see them."""
    found = []
    for vote in cast:
        state = decisions.state(vote.id, vote.voter)
        found.append(
            replace(
                vote,
                withdrawn=state.withdrawn,
                excluded=state.excluded,
                quarantined=state.quarantined,
                verdict=state.verdict or vote.verdict,
                cast_verdict=vote.verdict if state.verdict else None,
            )
        )
    return found


@pytest.mark.parametrize("seed", range(4))
def test_votes_come_back_whole_with_what_became_of_them(store: SqlStore, seed: int) -> None:
    cast = fill(store, seed, votes=25, acts=30)
    expected = judged(cast, Decisions(store.decisions()))
    assert list(store.votes(include_withdrawn=True)) == expected
    assert list(store.votes()) == [vote for vote in expected if not vote.withdrawn]
    assert {vote.counted for vote in expected} == {True, False}
    assert list(store.find_votes(VoteFilter(), limit=100).votes) == expected[::-1]


def has(vote: Vote, status: VoteStatus) -> bool:
    return {
        VoteStatus.COUNTED: vote.counted,
        VoteStatus.WITHDRAWN: vote.withdrawn,
        VoteStatus.EXCLUDED: vote.excluded and not vote.withdrawn,
        VoteStatus.QUARANTINED: vote.quarantined and not vote.withdrawn,
        VoteStatus.CORRECTED: vote.counted and vote.cast_verdict is not None,
    }[status]


FILTERS: list[tuple[VoteFilter, Callable[[Vote], bool]]] = [
    (VoteFilter(collection="col"), lambda vote: vote.collection == "col"),
    (VoteFilter(kind=VoterKind.JUDGE), lambda vote: vote.voter_kind is VoterKind.JUDGE),
    (VoteFilter(collection="none"), lambda _: False),
    (VoteFilter(voters=("ann", "cyd")), lambda vote: vote.voter in ("ann", "cyd")),
    (VoteFilter(battle="r0-7"), lambda vote: vote.battle == "r0-7"),
    (VoteFilter(query_id="q2"), lambda vote: vote.query_id == "q2"),
    (VoteFilter(category="question"), lambda vote: vote.category == "question"),
    (VoteFilter(control=Control.NONE), lambda vote: vote.control is Control.NONE),
    (VoteFilter(control=Control.SWAPPED, voters=("bob",)), lambda v: v.control == "swapped" and v.voter == "bob"),
    (VoteFilter(since=NOON + timedelta(minutes=20)), lambda vote: vote.cast_at >= NOON + timedelta(minutes=20)),
    (VoteFilter(until=NOON + timedelta(minutes=20)), lambda vote: vote.cast_at < NOON + timedelta(minutes=20)),
    *((VoteFilter(systems=(name,)), lambda vote, name=name: name in vote.slots) for name in SYSTEMS),
    (
        VoteFilter(systems=("A", "B"), collection="col"),
        lambda v: v.collection == "col" and bool({"A", "B"} & {*v.slots}),
    ),
    *((VoteFilter(verdict=verdict), lambda vote, verdict=verdict: vote.verdict is verdict) for verdict in Verdict),
    *((VoteFilter(status=status), lambda vote, status=status: has(vote, status)) for status in VoteStatus),
]


def test_every_filter_finds_what_a_plain_search_finds(sqlite_store: SqlStore) -> None:
    fill(sqlite_store, 0, votes=50, acts=40)
    everything = sqlite_store.votes(include_withdrawn=True)[::-1]
    for wanted, is_wanted in FILTERS:
        expected = [vote for vote in everything if is_wanted(vote)]
        page = sqlite_store.find_votes(wanted, limit=1000)
        assert (list(page.votes), page.total) == (expected, len(expected)), wanted
        part = sqlite_store.find_votes(wanted, limit=3, offset=2)
        assert (list(part.votes), part.total) == (expected[2:5], len(expected)), wanted


def test_sources_most_votes_first(store: SqlStore) -> None:
    assert store.vote_sources() == ()
    cast = fill(store, 1, votes=25)
    for source in store.vote_sources():
        assert source.counts == {
            kind: count
            for kind in VoterKind
            if (count := sum(v.voter_kind is kind and v.collection == source.collection for v in cast))
        }
    totals = [sum(source.counts.values()) for source in store.vote_sources()]
    assert totals == sorted(totals, reverse=True)
    assert sum(totals) == 25


def voted(store: SqlStore, id: str, voter: str = "ann") -> Vote:
    store.add_battle(make_battle(id, voter))
    store.show_battle(id, voter, NOON)
    return store.cast_vote(id, voter, VoterKind.PERSON, Ballot(verdict=Verdict.LEFT), NOON)


def test_acts_are_kept_in_order_and_change_the_revision(store: SqlStore) -> None:
    voted(store, "b1")
    before = store.revision()
    acts = [exclude("b1"), exclude(voter="ann", kind=ActKind.QUARANTINE)]
    store.record_acts(acts)
    assert [(d.number, d.vote, d.act) for d in store.decisions()] == [(2, 1, acts[0]), (3, 0, acts[1])]
    assert store.revision() != before
    assert [(vote.excluded, vote.quarantined) for vote in store.votes()] == [(True, False)]


def test_act_on_a_voter_holds_for_later_votes(store: SqlStore) -> None:
    voted(store, "b1")
    store.record_acts([exclude(voter="ann")])
    voted(store, "b2")
    assert [vote.excluded for vote in store.votes()] == [True, True]


@pytest.mark.parametrize(
    ("act", "error", "message"),
    [
        (exclude("gone"), UnknownNameError, "vote on the battle 'gone'"),
        (exclude("open"), UnknownNameError, "vote on the battle 'open'"),
        (exclude(voter="nobody"), UnknownNameError, "voter 'nobody'"),
        (Act(kind=ActKind.UNDO, actor="op", reason="", at=NOON, battle="b1"), InvalidInputError, "voter's own"),
    ],
)
def test_acts_are_recorded_all_or_none(store: SqlStore, act: Act, error: type[Exception], message: str) -> None:
    voted(store, "b1")
    store.add_battle(make_battle("open"))
    before = store.revision()
    with pytest.raises(error, match=message):
        store.record_acts([exclude("b1"), act])
    assert store.revision() == before
    assert store.decisions() == ()
    assert len(list(store.log())) == 1


def test_order_of_several_systems_has_no_corrected_verdict(store: SqlStore) -> None:
    ordered = next(vote for vote in fill(store, 3, votes=10) if vote.verdict is Verdict.ORDERED)
    act = Act(kind=ActKind.CORRECT, actor="op", reason="", at=NOON, battle=ordered.battle, verdict=Verdict.LEFT)
    with pytest.raises(InvalidInputError, match="cannot be corrected to left"):
        store.record_acts([act])


def test_many_acts_at_once(store: SqlStore) -> None:
    cast = fill(store, 4, votes=12)
    store.record_acts([exclude(cast[index % 12].battle) for index in range(700)])
    assert len(store.decisions()) == 700
    assert store.find_votes(VoteFilter(status=VoteStatus.EXCLUDED), limit=1).total == 12
    assert VOTERS[0] in {vote.voter for vote in store.votes()}
    assert all(isinstance(source, VoteSource) for source in store.vote_sources())
