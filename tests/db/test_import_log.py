"""Logs from elsewhere: the chain of an empty store comes out as it went in, and nothing is added twice or in part."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from core.domain.errors import InvalidInputError, UnknownNameError
from core.domain.vote_filter import VoteFilter
from core.domain.vote_log import Act, ActKind, first_broken
from core.domain.voting import Ballot, BattleForm, BattleState, Verdict, Vote, Voter, VoterKind
from db.store import SqlStore
from tests.support.random_log import fill
from tests.support.stored import NOON, make_battle, make_vote


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[SqlStore]:
    store = SqlStore(f"sqlite:///{tmp_path / 'elsewhere.sqlite'}", tmp_path)
    yield store
    store.close()


def entries(store: SqlStore) -> list[Vote | Act]:
    return [entry.entry for entry in store.log()]


def said(votes: tuple[Vote, ...]) -> list[Vote]:
    """Votes without their row numbers."""
    return [replace(vote, id=0) for vote in votes]


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("db.vote_import.BATCH", 7)


@pytest.mark.usefixtures("small_batches")
def test_log_comes_out_of_an_empty_store_as_it_went_in(store: SqlStore, elsewhere: SqlStore) -> None:
    fill(elsewhere, 0, votes=25, acts=40)
    assert store.import_log(entries(elsewhere), {"A": "bm25", "B": "trivial"}) == (len(entries(elsewhere)), 0)
    assert list(store.log()) == list(elsewhere.log())
    assert said(store.votes(include_withdrawn=True)) == said(elsewhere.votes(include_withdrawn=True))
    assert store.system_specs() == {"A": "bm25", "B": "trivial"}
    for kind in (VoterKind.PERSON, VoterKind.JUDGE):
        mine, theirs = (s.comparisons(collection="col", kind=kind) for s in (store, elsewhere))
        assert mine.share.tolist() == theirs.share.tolist()
        assert [mine.voters[v] for v in mine.voter] == [theirs.voters[v] for v in theirs.voter]


@pytest.mark.usefixtures("small_batches")
def test_second_import_adds_only_what_is_new(store: SqlStore, elsewhere: SqlStore) -> None:
    fill(elsewhere, 0, votes=10, acts=15)
    first = entries(elsewhere)
    store.import_log(first, {})
    before = store.revision()
    assert store.import_log(first, {}) == (0, len(first))
    assert store.revision() == before
    fill(elsewhere, 1, votes=10, acts=15)
    assert store.import_log(entries(elsewhere), {}) == (len(entries(elsewhere)) - len(first), len(first))
    assert entries(store) == entries(elsewhere)


def test_import_continues_the_chain_that_is_here(store: SqlStore, elsewhere: SqlStore) -> None:
    mine = fill(store, 0, votes=8, acts=8)
    theirs = fill(elsewhere, 1, votes=8, acts=8)
    there, here = entries(elsewhere), entries(store)
    store.import_log(there, {})
    assert entries(store) == here + [replace(e, id=e.id + 8) if isinstance(e, Vote) else e for e in there]
    assert first_broken(store.log()) is None
    after = fill(store, 2, votes=4)
    assert first_broken(store.log()) is None
    expected = sum(v.collection == "col" and not v.control and v.voter_kind == "person" for v in mine + theirs + after)
    found = store.comparisons(collection="col", kind=VoterKind.PERSON)
    assert len(set(found.vote.tolist())) == expected


def test_import_says_who_voted_and_closes_the_battles(store: SqlStore) -> None:
    undo = Act(kind=ActKind.UNDO, actor="bob", reason="", at=NOON, battle="b2")
    votes = [
        make_vote("A", "B", Verdict.LEFT, battle=f"b{n}", voter="bob", issued_at=NOON, voter_group="staff")
        for n in (1, 2)
    ]
    store.import_log([*votes, undo], {})
    assert store.voter("bob") == Voter(id="bob", group="staff")
    assert [store.battle(f"b{n}").state for n in (1, 2)] == [BattleState.VOTED, BattleState.RETIRED]
    assert [vote.withdrawn for vote in store.votes(include_withdrawn=True)] == [False, True]


def test_vote_without_a_time_of_issue_is_a_vote_but_no_battle(store: SqlStore) -> None:
    store.import_log([make_vote("model one", "model two", Verdict.EQUAL, battle="b1", collection="votes:arena")], {})
    (vote,) = store.votes(collection="votes:arena")
    assert (vote.left, vote.issued_at) == ("model one", None)
    assert store.battles("ann") == ()
    with pytest.raises(UnknownNameError, match="battle 'b1'"):
        store.battle("b1")
    found = store.comparisons(collection="votes:arena", kind=VoterKind.PERSON)
    assert (found.systems, found.share.tolist()) == (("model one", "model two"), [0.5])
    assert found.seconds.tolist() == pytest.approx([float("nan")], nan_ok=True)


def test_vote_on_a_battle_that_is_open_here_closes_it(store: SqlStore) -> None:
    store.add_battle(make_battle("b1"))
    open_battle = store.show_battle("b1", "ann", NOON)
    vote = make_vote("A", "B", Verdict.LEFT, battle="b1", issued_at=open_battle.issued_at, shown_at=NOON)
    assert store.import_log([vote], {}) == (1, 0)
    assert store.battle("b1").state is BattleState.VOTED
    assert store.import_log([vote], {}) == (0, 1)


BAD: list[tuple[Vote | Act, type[Exception], str]] = [
    (make_vote("A", "B", Verdict.RIGHT, battle="here"), InvalidInputError, "'here' has another voter or vote"),
    (make_vote("A", "B", Verdict.LEFT, battle="here", voter="eve"), InvalidInputError, "'here' has another"),
    (make_vote("A", "B", Verdict.LEFT, battle="open", voter="eve"), InvalidInputError, "'open' has another"),
    (make_vote("A", "B", Verdict.ORDERED, battle="x", order=((0,), (1,))), InvalidInputError, "Allowed: left, right"),
    (make_vote("A", "B", Verdict.LEFT, battle="x", further=("C",)), InvalidInputError, "with 3 systems"),
    (
        make_vote("A", "B", Verdict.ORDERED, battle="x", form=BattleForm.BEST_TO_WORST, order=((0,),)),
        InvalidInputError,
        "must name the slots",
    ),
    (make_vote("A", "", Verdict.LEFT, battle="x"), InvalidInputError, "slot without a system"),
    (make_vote("A", "B", Verdict.LEFT, battle="x", seed=2**64), InvalidInputError, "64 bits"),
    (make_vote("A", "B", Verdict.LEFT, battle="x", voter="a\ud800"), InvalidInputError, "not Unicode"),
    (make_vote("A", "B", Verdict.LEFT, battle="x", voter=""), InvalidInputError, "without a battle or a voter"),
    (Act(kind=ActKind.EXCLUDE, actor="op", reason="", at=NOON, battle="gone"), UnknownNameError, "'gone'"),
    (Act(kind=ActKind.EXCLUDE, actor="op", reason="", at=NOON, voter="nobody"), UnknownNameError, "'nobody'"),
]


@pytest.mark.usefixtures("small_batches")
def test_bad_entry_keeps_everything_out(store: SqlStore) -> None:
    here = make_vote("A", "B", Verdict.LEFT, battle="here")
    store.import_log([here], {})
    store.add_battle(make_battle("open"))
    good = [make_vote("A", "B", Verdict.LEFT, battle=f"g{n}") for n in range(9)]
    before = list(store.log())
    for bad, error, message in BAD:
        with pytest.raises(error, match=message):
            store.import_log([*good, bad], {"new": "spec"})
    assert list(store.log()) == before
    assert store.system_specs() == {}
    assert store.find_votes(VoteFilter(), limit=9).total == 1
    assert len(store.comparisons(collection="col", kind=VoterKind.PERSON)) == 1
    assert store.import_log(good, {}) == (9, 0)


def test_reader_that_fails_on_the_way_keeps_everything_out(store: SqlStore) -> None:
    def broken_file() -> Iterator[Vote]:
        yield make_vote("A", "B", Verdict.LEFT, battle="b1")
        raise InvalidInputError("line 2")

    with pytest.raises(InvalidInputError, match="line 2"):
        store.import_log(broken_file(), {})
    assert store.votes() == ()


def test_status_of_an_imported_vote_comes_from_the_acts(store: SqlStore) -> None:
    vote = make_vote("A", "B", Verdict.RIGHT, battle="b1", cast_verdict=Verdict.LEFT, withdrawn=True, excluded=True)
    store.import_log([vote], {})
    (found,) = store.votes()
    assert (found.verdict, found.withdrawn, found.excluded) == (Verdict.LEFT, False, False)


def test_vote_can_be_cast_after_an_import(store: SqlStore) -> None:
    store.import_log([make_vote("A", "B", Verdict.LEFT, battle=f"g{n}") for n in range(3)], {})
    store.add_battle(make_battle("b1"))
    store.show_battle("b1", "ann", NOON)
    vote = store.cast_vote("b1", "ann", VoterKind.PERSON, Ballot(verdict=Verdict.LEFT), NOON)
    assert vote.id > max(found.id for found in store.votes() if found.battle != "b1")
    assert first_broken(store.log()) is None
