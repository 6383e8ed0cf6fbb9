"""Ballots that answer their battle, and what marks amount to."""

import random

import pytest

from core.domain.errors import InvalidInputError
from core.domain.voting import Ballot, BattleForm, Mark, Reason, Verdict
from core.measures.interleaving import Credit
from core.services.battles.ballots import credit_of, settled, verdict_of
from tests.support.battles import a_battle

ORDERS = (tuple("abcdefghijkl"), tuple("lkjihgfedcba"))
PAIR = a_battle()
FOUR = a_battle(slots=("w", "x", "y", "z"), form=BattleForm.BEST_TO_WORST)
HEADS = next(seed for seed in range(9) if random.Random(seed).random() < 0.5)  # team A begins: a, l, ...
MERGED = a_battle(form=BattleForm.INTERLEAVED, seed=HEADS)


def useful(*documents: str) -> tuple[Mark, ...]:
    return tuple(Mark(document=document, useful=True) for document in documents)


@pytest.mark.parametrize("verdict", [Verdict.LEFT, Verdict.RIGHT, Verdict.EQUAL, Verdict.BOTH_BAD])
def test_two_lists_take_the_four_verdicts(verdict: Verdict) -> None:
    ballot = Ballot(verdict=verdict, reasons=(Reason.TOP, Reason.ORDER, Reason.TOP))
    assert settled(ballot, PAIR, ORDERS) == Ballot(verdict=verdict, reasons=(Reason.TOP, Reason.ORDER))


@pytest.mark.parametrize(
    "ballot", [Ballot(verdict=Verdict.ORDERED, order=((0,), (1,))), Ballot(verdict=Verdict.LEFT, order=((0,), (1,)))]
)
def test_two_lists_take_no_order(ballot: Ballot) -> None:
    with pytest.raises(InvalidInputError, match="left, right, equal, both-bad"):
        settled(ballot, PAIR, ORDERS)


def test_best_to_worst_takes_a_whole_order_with_level_places() -> None:
    ballot = Ballot(verdict=Verdict.ORDERED, order=((2,), (0, 3), (1,)))
    assert settled(ballot, FOUR, ORDERS * 2) == ballot


@pytest.mark.parametrize(
    ("verdict", "order"),
    [
        (Verdict.LEFT, ()),
        (Verdict.ORDERED, ()),
        (Verdict.ORDERED, ((0,), (1,), (2,))),
        (Verdict.ORDERED, ((0,), (1,), (2,), (2,))),
        (Verdict.ORDERED, ((0,), (1,), (2,), (4,))),
        (Verdict.ORDERED, ((0, 1, 2, 3), ())),
    ],
)
def test_half_an_order_is_refused(verdict: Verdict, order: tuple[tuple[int, ...], ...]) -> None:
    with pytest.raises(InvalidInputError, match="each of the 4 lists in one place"):
        settled(Ballot(verdict=verdict, order=order), FOUR, ORDERS * 2)


def test_marks_are_kept_and_only_on_what_was_shown() -> None:
    marks = (Mark(document="a", useful=True), Mark(document="l", useful=False))
    assert settled(Ballot(verdict=Verdict.LEFT, marks=marks), PAIR, ORDERS).marks == marks
    top = (ORDERS[0], ORDERS[0])
    with pytest.raises(InvalidInputError, match="'l' is not part of this battle"):  # twelfth of both
        settled(Ballot(verdict=Verdict.LEFT, marks=marks), PAIR, top)
    with pytest.raises(InvalidInputError, match="marked twice"):
        settled(Ballot(verdict=Verdict.LEFT, marks=(*marks, Mark(document="a", useful=False))), PAIR, ORDERS)


@pytest.mark.parametrize(
    ("marks", "verdict"),
    [
        (useful("a"), Verdict.LEFT),
        (useful("l"), Verdict.RIGHT),
        (useful("a", "l"), Verdict.EQUAL),
        ((*useful("a"), Mark(document="l", useful=False)), Verdict.LEFT),
        ((Mark(document="a", useful=False),), Verdict.BOTH_BAD),
        ((), Verdict.BOTH_BAD),
    ],
)
def test_marks_decide_an_interleaved_battle(marks: tuple[Mark, ...], verdict: Verdict) -> None:
    """The first two documents are a, of team A, and l, of team B, whatever the later coins say."""
    said = settled(Ballot(verdict=Verdict.RIGHT, order=((1,), (0,)), marks=marks), MERGED, ORDERS)
    assert (said.verdict, said.order, said.marks) == (verdict, (), marks)


def test_a_useful_document_of_the_common_prefix_makes_a_good_tie() -> None:
    orders = (("p", "a", "b"), ("p", "b", "a"))
    ballot = Ballot(verdict=Verdict.LEFT, marks=useful("p"))
    assert credit_of(ballot, MERGED, orders) == Credit(first=0, second=0, shared=1)
    assert settled(ballot, MERGED, orders).verdict is Verdict.EQUAL


def test_more_credit_wins() -> None:
    assert verdict_of(Credit(first=3, second=2, shared=9)) is Verdict.LEFT
    assert verdict_of(Credit(first=0, second=1, shared=0)) is Verdict.RIGHT
