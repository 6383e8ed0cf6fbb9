"""Flags put votes aside until a person decides, and a person's word holds."""

import time
from datetime import timedelta

import pytest

from core.bootstrap import App
from core.domain.errors import NotAllowedError
from core.domain.roles import Actor, Role
from core.domain.vote_filter import VoteFilter
from core.domain.vote_log import DETECTOR, ActKind
from core.domain.voting import Verdict
from core.ratings.detectors.flags import Family
from core.services.votes.review import Reviewer
from tests.support.casting import cast, crowd
from tests.support.stored import NOON

pytestmark = pytest.mark.thorough  # long; `make check` runs it

OPERATOR = Actor(id="olga", role=Role.OPERATOR)


def always_left(app: App, collection: str = "col") -> None:
    pairs = [("A", "B"), ("B", "A"), ("C", "D"), ("D", "C"), ("A", "D"), ("D", "A")]
    for number in range(60):
        left, right = pairs[number % len(pairs)]
        at = NOON + timedelta(hours=20, minutes=number)
        name = f"{collection}-lefty-{number}"
        cast(app.store, name, "lefty", left, right, Verdict.LEFT, query=f"q{number % 12}", collection=collection, at=at)


@pytest.fixture
def rigged(app: App) -> App:
    crowd(app.store, voters=8, votes=30)
    always_left(app)
    return app


def quarantined(app: App) -> set[str]:
    found = app.moderation.find(OPERATOR, VoteFilter(collection="col"), size=1000).votes
    return {vote.voter for vote in found if vote.quarantined}


def test_a_flagged_voter_is_put_aside_with_the_evidence_as_reason(rigged: App) -> None:
    assert rigged.review.review(OPERATOR, "col").undecided == ("lefty",)
    assert rigged.review.quarantine("col") == ("lefty",)
    assert quarantined(rigged) == {"lefty"}
    (decision,) = rigged.moderation.history(OPERATOR, voter="lefty")
    assert (decision.act.kind, decision.act.actor) == (ActKind.QUARANTINE, DETECTOR)
    assert "60" in decision.act.reason
    assert rigged.review.quarantine("col") == ()


def test_the_review_keeps_showing_the_evidence_of_those_put_aside(rigged: App) -> None:
    rigged.review.quarantine("col")
    review = rigged.review.review(OPERATOR, "col")
    assert review.inspection.flagged(Family.BEHAVIOUR) == {"lefty"}
    assert review.states["lefty"].quarantined
    assert not review.states["voter00"].quarantined


def test_a_readmitted_voter_is_left_alone_until_as_many_new_votes(rigged: App) -> None:
    rigged.review.quarantine("col")
    rigged.moderation.decide(OPERATOR, ActKind.READMIT, voters=["lefty"], reason="reads from left to right")
    assert quarantined(rigged) == set()
    assert rigged.review.review(OPERATOR, "col").undecided == ()
    assert rigged.review.quarantine("col") == ()
    for number in range(60, 125):
        left, right = (("A", "B"), ("B", "A"))[number % 2]
        at = NOON + timedelta(days=4000, minutes=number)
        cast(rigged.store, f"again-{number}", "lefty", left, right, Verdict.LEFT, query=f"q{number % 12}", at=at)
    assert rigged.review.quarantine("col") == ("lefty",)


def test_an_excluded_voter_is_not_put_aside_as_well(rigged: App) -> None:
    rigged.moderation.decide(OPERATOR, ActKind.EXCLUDE, voters=["lefty"], reason="a script")
    assert rigged.review.quarantine("col") == ()


def test_with_few_votes_nobody_is_flagged(app: App) -> None:
    for number, (left, right) in enumerate((("A", "B"), ("B", "C"), ("C", "A"))):
        cast(app.store, f"b{number}", "ann", left, right, Verdict.LEFT)
    assert app.review.review(OPERATOR, "col").inspection.flags == ()


def test_a_voter_may_not_look_at_voters(rigged: App) -> None:
    with pytest.raises(NotAllowedError):
        rigged.review.review(Actor(id="vera", role=Role.VOTER), "col")


def test_the_reviewer_does_it_by_itself_after_enough_votes(rigged: App) -> None:
    reviewer = Reviewer(rigged.review, rigged.store, seconds=0.01)
    reviewer.start()
    deadline = time.monotonic() + 10
    while not quarantined(rigged) and time.monotonic() < deadline:
        time.sleep(0.02)
    reviewer.stop()
    assert quarantined(rigged) == {"lefty"}


def test_imported_logs_are_left_to_a_person(app: App) -> None:
    crowd(app.store, voters=8, votes=30, collection="votes:other")
    always_left(app, "votes:other")
    app.review.quarantine_everywhere()
    assert app.store.decisions() == ()
    assert app.review.quarantine("votes:other") == ("lefty",)
