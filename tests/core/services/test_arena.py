"""Votes: once, only on what was shown, by its own voter, withdrawn without trace of a name before the vote."""

import threading
import time
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta

import pytest

from core.bootstrap import App
from core.domain.collections import Collection
from core.domain.errors import (
    AlreadyVotedError,
    InvalidInputError,
    NotOpenError,
    RunoffError,
    TooManyVotesError,
    TooSoonError,
)
from core.domain.voting import Ballot, BattleForm, BattleState, Control, Mark, Policy, Reason, Verdict
from core.services.battles.arena import BattleView, Waiting
from core.services.systems import SystemService
from tests.support.fake_engine import FakeEngine
from tests.support.prepared import prepared, wait_prepared


@pytest.fixture
def ready(app: App, small: Collection) -> App:
    prepared(app, "small")
    return app


def battle(app: App, voter: str = "ann") -> BattleView:
    view = app.arena.next_battle(voter, "small")
    assert isinstance(view, BattleView)
    return view


def shown(app: App, voter: str = "ann") -> BattleView:
    view = battle(app, voter)
    app.arena.shown(view.id, voter)
    time.sleep(0.012)
    return view


def test_before_preparation_it_says_so(app: App, small: Collection) -> None:
    view = app.arena.next_battle("ann", "small")
    assert isinstance(view, Waiting)
    assert view.reason == "No battles are prepared for this collection."


def test_while_preparing_it_shows_the_job(app: App, engine: FakeEngine, small: Collection) -> None:
    engine.held = True
    app.preparation.ensure("small")
    deadline = time.monotonic() + 5
    while app.preparation.running("small") is None and time.monotonic() < deadline:
        time.sleep(0.01)
    view = app.arena.next_battle("ann", "small")
    assert isinstance(view, Waiting)
    assert view.job is not None
    assert view.job.total == 3 * 5  # the first three queries, five systems without a language model
    engine.held = False
    engine.release()
    wait_prepared(app, "small")


def test_the_view_holds_nothing_of_the_systems(ready: App) -> None:
    text = repr(asdict(battle(ready)))
    for fingerprint, spec in ready.systems.names().items():
        assert fingerprint not in text
        assert spec not in text


def test_rows_know_their_rank_on_the_other_side(ready: App) -> None:
    view = battle(ready)
    right = {row.document.id: row.rank for row in view.right}
    assert [row.rank for row in view.left] == list(range(1, len(view.left) + 1))
    assert all(row.other_rank == right.get(row.document.id) for row in view.left)
    assert any(row.other_rank != row.rank for row in view.left[:5])


def test_an_open_battle_comes_back_after_a_reload(ready: App) -> None:
    assert battle(ready).id == battle(ready).id


def test_two_voters_have_battles_of_their_own(ready: App) -> None:
    assert battle(ready, "ann").id != battle(ready, "bob").id


def test_a_vote_is_recorded_once(ready: App) -> None:
    view = shown(ready)
    reveal = ready.arena.vote(view.id, "ann", Ballot(verdict=Verdict.LEFT))
    assert {reveal.left, reveal.right} <= set(ready.systems.names().values())
    with pytest.raises(AlreadyVotedError, match="Vote already recorded"):
        ready.arena.vote(view.id, "ann", Ballot(verdict=Verdict.RIGHT))
    assert [vote.verdict for vote in ready.store.votes()] == [Verdict.LEFT]


def test_many_clicks_at_once_are_one_vote(ready: App) -> None:
    view = shown(ready)
    outcomes: list[str] = []

    def click() -> None:
        try:
            ready.arena.vote(view.id, "ann", Ballot(verdict=Verdict.RIGHT))
            outcomes.append("recorded")
        except RunoffError as error:
            outcomes.append(type(error).__name__)

    threads = [threading.Thread(target=click) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["AlreadyVotedError"] * 7 + ["recorded"]
    assert len(ready.store.votes()) == 1


def test_a_vote_on_a_battle_never_shown_is_refused(ready: App) -> None:
    view = battle(ready)
    with pytest.raises(NotOpenError, match="not open for you"):
        ready.arena.vote(view.id, "ann", Ballot(verdict=Verdict.LEFT))


def test_a_vote_of_somebody_else_is_refused(ready: App) -> None:
    view = shown(ready)
    with pytest.raises(NotOpenError, match="not open for you"):
        ready.arena.vote(view.id, "bob", Ballot(verdict=Verdict.LEFT))
    assert ready.store.votes() == ()


@pytest.mark.parametrize("reading_seconds", [0.5])
def test_a_vote_too_soon_is_not_counted_and_the_battle_stays_open(ready: App) -> None:
    view = battle(ready)
    ready.arena.shown(view.id, "ann")
    with pytest.raises(TooSoonError, match=r"Not counted: shown for 0\.\d s"):
        ready.arena.vote(view.id, "ann", Ballot(verdict=Verdict.LEFT))
    assert battle(ready).id == view.id
    time.sleep(0.5)
    ready.arena.vote(view.id, "ann", Ballot(verdict=Verdict.LEFT))


def test_undo_withdraws_and_retires(ready: App) -> None:
    view = shown(ready)
    ready.arena.vote(view.id, "ann", Ballot(verdict=Verdict.LEFT))
    ready.arena.undo(view.id, "ann")
    assert ready.store.votes() == ()
    assert [vote.withdrawn for vote in ready.store.votes(include_withdrawn=True)] == [True]
    assert ready.store.battle(view.id).state is BattleState.RETIRED
    with pytest.raises(NotOpenError):
        ready.arena.vote(view.id, "ann", Ballot(verdict=Verdict.RIGHT))
    with pytest.raises(NotOpenError):
        ready.arena.undo(view.id, "ann")


def test_a_vote_cannot_be_taken_back_for_ever(ready: App, monkeypatch: pytest.MonkeyPatch) -> None:
    view = shown(ready)
    ready.arena.vote(view.id, "ann", Ballot(verdict=Verdict.LEFT))
    monkeypatch.setattr("core.services.battles.arena.UNDO_MINUTES", 0)
    with pytest.raises(NotOpenError, match="can be taken back for 0 minutes"):
        ready.arena.undo(view.id, "ann")
    assert len(ready.store.votes()) == 1


def test_a_skipped_battle_does_not_come_back(ready: App) -> None:
    first = battle(ready)
    ready.arena.skip(first.id, "ann")
    met = ready.store.battle(first.id)
    for _ in range(30):
        view = ready.arena.next_battle("ann", "small")
        if isinstance(view, Waiting):
            break
        again = ready.store.battle(view.id)
        assert (again.candidates, {again.left, again.right}) != (met.candidates, {met.left, met.right})
        ready.arena.skip(view.id, "ann")


def test_the_reveal_tells_how_others_voted_from_this_side(ready: App) -> None:
    mine = shown(ready, "ann")
    ready.arena.vote(mine.id, "ann", Ballot(verdict=Verdict.LEFT))
    first = ready.store.battle(mine.id)
    for _ in range(100):
        view = shown(ready, "bob")
        theirs = ready.store.battle(view.id)
        if theirs.candidates == first.candidates and {theirs.left, theirs.right} == {first.left, first.right}:
            reveal = ready.arena.vote(view.id, "bob", Ballot(verdict=Verdict.EQUAL))
            winner = Verdict.LEFT if theirs.left == first.left else Verdict.RIGHT
            assert dict(reveal.others) == {winner: 1}
            return
        ready.arena.skip(view.id, "bob")
    pytest.fail("bob never met ann's battle")


def test_the_reveal_tells_what_the_labels_say(ready: App) -> None:
    for _ in range(20):
        view = shown(ready)
        reveal = ready.arena.vote(view.id, "ann", Ballot(verdict=Verdict.LEFT))
        unlabelled = ready.store.battle(view.id).query_id == "q5"
        assert (reveal.labels is None) == unlabelled
        if reveal.labels is not None:
            assert all(0.0 <= value <= 1.0 for value in reveal.labels)


@pytest.mark.parametrize("votes_per_minute", [3])
def test_more_votes_than_a_person_can_give_are_not_counted_and_the_battle_stays_open(ready: App) -> None:
    for _ in range(2):
        ready.arena.vote(shown(ready).id, "ann", Ballot(verdict=Verdict.LEFT))
    third = shown(ready)
    ready.arena.vote(third.id, "ann", Ballot(verdict=Verdict.LEFT))
    ready.arena.undo(third.id, "ann")  # counts all the same
    view = shown(ready)
    with pytest.raises(TooManyVotesError, match=r"Not counted: 3 votes of yours within a minute, at most 3 are taken"):
        ready.arena.vote(view.id, "ann", Ballot(verdict=Verdict.LEFT))
    assert battle(ready).id == view.id
    ready.arena.vote(shown(ready, "bob").id, "bob", Ballot(verdict=Verdict.LEFT))  # others may
    assert len(ready.store.votes()) == 3


def test_an_expired_battle_is_closed_and_another_comes(ready: App) -> None:
    first = battle(ready)
    old = replace(ready.store.battle(first.id), id="old", voter="bob", issued_at=datetime.now(UTC) - timedelta(hours=2))
    ready.store.add_battle(old)
    ready.arena.shown("old", "bob")
    with pytest.raises(NotOpenError, match="not open for you"):
        ready.arena.vote("old", "bob", Ballot(verdict=Verdict.LEFT))
    assert ready.store.battle("old").state is BattleState.EXPIRED
    ready.store.add_battle(replace(old, id="older"))
    assert battle(ready, "bob").id not in ("old", "older")
    assert ready.store.battle("older").state is BattleState.EXPIRED


def test_a_ballot_that_does_not_answer_the_battle_leaves_it_open(ready: App) -> None:
    view = shown(ready)
    with pytest.raises(InvalidInputError, match="one of the verdicts"):
        ready.arena.vote(view.id, "ann", Ballot(verdict=Verdict.ORDERED, order=((0,), (1,))))
    strange = Ballot(verdict=Verdict.LEFT, marks=(Mark(document="nowhere", useful=True),))
    with pytest.raises(InvalidInputError, match="'nowhere' is not part of this battle"):
        ready.arena.vote(view.id, "ann", strange)
    assert battle(ready).id == view.id


def test_the_battle_keeps_how_it_was_drawn(ready: App) -> None:
    ready.arena.enter("ann", group=" team one ")
    made = ready.store.battle(battle(ready).id)
    assert (made.policy, made.control, made.form) == (Policy.FEWEST_VOTES, Control.NONE, BattleForm.SIDE_BY_SIDE)
    assert made.probability == pytest.approx(0.1)  # one of ten pairs, none met
    assert (made.depth, made.voter_group) == (12, "team one")
    assert ready.arena.enter("ann", "Ann").group == "team one"


def test_ten_battles_of_one_voter_cover_the_ten_pairs(ready: App) -> None:
    pairs = set()
    for _ in range(10):
        view = shown(ready)
        pairs.add(frozenset(ready.store.battle(view.id).slots))
        ready.arena.vote(view.id, "ann", Ballot(verdict=Verdict.EQUAL))
    assert len(pairs) == 10


def test_reasons_and_marks_come_with_the_vote_and_become_weak_labels(ready: App) -> None:
    view = shown(ready)
    assert set(view.reasons) == set(Reason)
    good, bad = view.left[0].document.id, view.left[1].document.id
    marks = (Mark(document=good, useful=True), Mark(document=bad, useful=False))
    ready.arena.vote(view.id, "ann", Ballot(verdict=Verdict.LEFT, marks=marks, reasons=(Reason.MISSING,)))
    vote = ready.store.votes()[0]
    assert (vote.marks, vote.reasons) == (marks, (Reason.MISSING,))
    found = {(label.document, label.useful, label.not_useful) for label in ready.arena.marks("small")}
    assert found == {(good, 1, 0), (bad, 0, 1)}


def test_votes_of_today_and_in_all(ready: App) -> None:
    for _ in range(3):
        ready.arena.vote(shown(ready).id, "ann", Ballot(verdict=Verdict.LEFT))
    last = shown(ready)
    ready.arena.vote(last.id, "ann", Ballot(verdict=Verdict.LEFT))
    ready.arena.undo(last.id, "ann")
    assert (battle(ready).votes_today, battle(ready).votes_all) == (3, 3)


def test_an_unknown_form_is_named(ready: App) -> None:
    with pytest.raises(InvalidInputError, match="no form of battle 'upside-down'"):
        ready.arena.next_battle("ann", "small", form="upside-down")


def test_the_voter_may_have_a_name(ready: App) -> None:
    ready.arena.enter("ann", "  Ann ")
    assert ready.arena.enter("ann").name == "Ann"
    ready.arena.enter("ann", "Anna")
    stored = ready.store.voter("ann")
    assert stored is not None
    assert (stored.name, stored.group) == ("Anna", "")
    assert ready.arena.enter("ann", group="x" * 200).group == "x" * 80
    assert ready.arena.enter("ann").name == "Anna"


def test_the_operator_chooses_the_systems_of_the_arena(app: App) -> None:
    settings = replace(app.settings, roster=("bm25", "first-stage"))
    systems = SystemService(app.catalog, app.store, app.store, settings.roster)
    assert [system.spec for system in systems.roster()] == ["bm25", "first-stage"]
