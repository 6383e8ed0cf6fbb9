"""Looking at votes and deciding on them: who may, what is written, what boards make of it."""

import pytest

from core.bootstrap import App
from core.domain.errors import InvalidInputError, NotAllowedError, UnknownNameError
from core.domain.roles import Actor, Role
from core.domain.vote_filter import VoteFilter, VoteStatus
from core.domain.vote_log import ActKind
from core.domain.voting import Verdict
from tests.support.casting import cast

OPERATOR = Actor(id="olga", role=Role.OPERATOR)
RESEARCHER = Actor(id="rita", role=Role.RESEARCHER)
VOTER = Actor(id="vera", role=Role.VOTER)
ALL = VoteFilter(collection="col")


@pytest.fixture
def three(app: App) -> App:
    cast(app.store, "b1", "ann", "A", "B", Verdict.LEFT)
    cast(app.store, "b2", "ann", "B", "C", Verdict.RIGHT, query="q2")
    cast(app.store, "b3", "bob", "A", "C", Verdict.EQUAL)
    return app


def statuses(app: App) -> dict[str, bool]:
    return {vote.battle: vote.counted for vote in app.moderation.find(RESEARCHER, ALL).votes}


def test_a_voter_sees_nothing_and_a_researcher_decides_nothing(three: App) -> None:
    with pytest.raises(NotAllowedError, match="Only the role researcher may look at votes; yours is voter"):
        three.moderation.find(VOTER, ALL)
    with pytest.raises(NotAllowedError, match="Only the role operator may exclude votes"):
        three.moderation.decide(RESEARCHER, ActKind.EXCLUDE, battles=["b1"], reason="bad")
    with pytest.raises(NotAllowedError, match="correct votes"):
        three.moderation.correct(RESEARCHER, "b1", Verdict.RIGHT, reason="told me so")
    assert all(statuses(three).values())


def test_exclusion_and_readmission_are_rows_with_who_and_why(three: App) -> None:
    assert three.moderation.decide(OPERATOR, ActKind.EXCLUDE, battles=["b1"], reason=" a  bot ") == 1
    assert statuses(three) == {"b1": False, "b2": True, "b3": True}
    three.moderation.decide(OPERATOR, ActKind.READMIT, battles=["b1"], reason="not a bot")
    assert all(statuses(three).values())
    said = [(d.act.kind, d.act.actor, d.act.reason) for d in three.moderation.history(RESEARCHER, battle="b1")]
    assert said == [(ActKind.EXCLUDE, "olga", "a bot"), (ActKind.READMIT, "olga", "not a bot")]


def test_a_voter_is_excluded_with_later_votes_too(three: App) -> None:
    three.moderation.decide(OPERATOR, ActKind.EXCLUDE, voters=["ann"], reason="always left")
    cast(three.store, "b4", "ann", "A", "B", Verdict.LEFT, query="q3")
    assert statuses(three) == {"b1": False, "b2": False, "b3": True, "b4": False}


def test_everything_that_was_found_is_decided_together(three: App) -> None:
    wanted = VoteFilter(collection="col", voters=("ann",))
    assert three.moderation.decide_matching(OPERATOR, ActKind.EXCLUDE, wanted, reason="same machine") == 2
    found = three.moderation.find(RESEARCHER, VoteFilter(collection="col", status=VoteStatus.EXCLUDED))
    assert {vote.battle for vote in found.votes} == {"b1", "b2"}


def test_all_or_none(three: App) -> None:
    with pytest.raises(UnknownNameError):
        three.moderation.decide(OPERATOR, ActKind.EXCLUDE, battles=["b1", "nowhere"], reason="bad")
    assert all(statuses(three).values())


@pytest.mark.parametrize("reason", ["", "   ", "x" * 501])
def test_a_reason_is_needed_and_not_a_book(three: App, reason: str) -> None:
    with pytest.raises(InvalidInputError):
        three.moderation.decide(OPERATOR, ActKind.EXCLUDE, battles=["b1"], reason=reason)
    assert all(statuses(three).values())


def test_nothing_chosen_is_an_error(three: App) -> None:
    with pytest.raises(InvalidInputError, match="at least one"):
        three.moderation.decide(OPERATOR, ActKind.EXCLUDE, reason="bad")


def test_a_correction_counts_and_the_cast_verdict_stays(three: App) -> None:
    three.moderation.correct(OPERATOR, "b1", Verdict.RIGHT, reason="mixed up the keys, told me at once")
    (vote,) = three.moderation.find(RESEARCHER, VoteFilter(battle="b1")).votes
    assert (vote.verdict, vote.cast_verdict) == (Verdict.RIGHT, Verdict.LEFT)
    assert vote.counted


def test_pages_of_the_log_come_newest_first(app: App) -> None:
    for number in range(7):
        cast(app.store, f"b{number}", "ann", "A", "B", Verdict.LEFT, query=f"q{number}")
    first = app.moderation.find(RESEARCHER, ALL, page=0, size=3)
    last = app.moderation.find(RESEARCHER, ALL, page=2, size=3)
    assert ([vote.battle for vote in first.votes], first.total) == (["b6", "b5", "b4"], 7)
    assert [vote.battle for vote in last.votes] == ["b0"]
