"""Marks gathered to weak relevance labels."""

from core.domain.voting import Control, Mark
from core.services.battles.weak_labels import WeakLabel, weak_labels
from tests.support.battles import a_vote


def marks(*said: tuple[str, bool]) -> tuple[Mark, ...]:
    return tuple(Mark(document=document, useful=useful) for document, useful in said)


def test_counted_by_hand() -> None:
    votes = [
        a_vote(1, marks=marks(("d1", True), ("d2", False))),
        a_vote(2, voter="bob", marks=marks(("d1", True)), control=Control.GOLD),
        a_vote(3, voter="cy", marks=marks(("d1", False))),
        a_vote(4, voter="cy", query_id="other", marks=marks(("d1", True))),
    ]
    assert weak_labels(votes) == (
        WeakLabel(query_id="other", document="d1", useful=1, not_useful=0),
        WeakLabel(query_id="q", document="d1", useful=2, not_useful=1),
        WeakLabel(query_id="q", document="d2", useful=0, not_useful=1),
    )


def test_a_voter_counts_once_with_the_last_word() -> None:
    votes = [a_vote(1, marks=marks(("d1", True))), a_vote(2, marks=marks(("d1", False)))]
    assert weak_labels(votes) == (WeakLabel(query_id="q", document="d1", useful=0, not_useful=1),)


def test_votes_that_do_not_count_say_nothing() -> None:
    said = marks(("d1", True))
    votes = [a_vote(1, marks=said, excluded=True), a_vote(2, voter="bob", marks=said, quarantined=True)]
    assert weak_labels(votes) == ()
