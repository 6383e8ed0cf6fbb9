"""Which ballots fit which battles."""

from __future__ import annotations

import pytest

from core.domain.ballots import allowed_verdicts, check_ballot, check_slots
from core.domain.errors import InvalidInputError
from core.domain.voting import Ballot, BattleForm, Mark, Reason, Verdict

PAIR, THREE = ("A", "B"), ("A", "B", "C")
MARK = Mark(document="d1", useful=True)


@pytest.mark.parametrize("form", [BattleForm.SIDE_BY_SIDE, BattleForm.INTERLEAVED])
@pytest.mark.parametrize("verdict", [Verdict.LEFT, Verdict.RIGHT, Verdict.EQUAL, Verdict.BOTH_BAD])
def test_two_systems_take_a_side_or_a_tie(form: BattleForm, verdict: Verdict) -> None:
    check_ballot(form, PAIR, Ballot(verdict=verdict, marks=(MARK,), reasons=(Reason.TOP, Reason.ORDER)))
    assert verdict in allowed_verdicts(form)


@pytest.mark.parametrize("order", [((2,), (0, 1)), ((0, 1, 2),), ((1,), (2,), (0,))])
def test_order_names_every_slot_once(order: tuple[tuple[int, ...], ...]) -> None:
    check_ballot(BattleForm.BEST_TO_WORST, THREE, Ballot(verdict=Verdict.ORDERED, order=order))


ORDERED, LEFT = Verdict.ORDERED, Verdict.LEFT


@pytest.mark.parametrize(
    ("form", "ballot", "message"),
    [
        (BattleForm.SIDE_BY_SIDE, Ballot(verdict=ORDERED, order=((0,), (1,), (2,))), "Allowed: left, right, equal"),
        (BattleForm.INTERLEAVED, Ballot(verdict=ORDERED), "Allowed: left, right, equal, both-bad"),
        (BattleForm.BEST_TO_WORST, Ballot(verdict=LEFT), "Allowed: ordered"),
        (BattleForm.BEST_TO_WORST, Ballot(verdict=ORDERED), r"must name the slots \[0, 1, 2\]"),
        (BattleForm.BEST_TO_WORST, Ballot(verdict=ORDERED, order=((0,), (1,))), r"\[\[0\], \[1\]\] must name"),
        (BattleForm.BEST_TO_WORST, Ballot(verdict=ORDERED, order=((0, 0), (1,), (2,))), "each once"),
        (BattleForm.BEST_TO_WORST, Ballot(verdict=ORDERED, order=((0,), (), (1, 2))), "each once"),
        (BattleForm.BEST_TO_WORST, Ballot(verdict=ORDERED, order=((0,), (1,), (3,))), "each once"),
        (BattleForm.SIDE_BY_SIDE, Ballot(verdict=LEFT, order=((0,), (1,))), r"must name the slots \[\]"),
        (BattleForm.SIDE_BY_SIDE, Ballot(verdict=LEFT, marks=(MARK, MARK)), "another document"),
        (BattleForm.SIDE_BY_SIDE, Ballot(verdict=LEFT, marks=(Mark(document="", useful=True),)), "another document"),
        (BattleForm.SIDE_BY_SIDE, Ballot(verdict=LEFT, reasons=(Reason.TOP, Reason.TOP)), "given once"),
    ],
)
def test_ballot_that_does_not_fit(form: BattleForm, ballot: Ballot, message: str) -> None:
    with pytest.raises(InvalidInputError, match=message):
        check_ballot(form, THREE, ballot)


@pytest.mark.parametrize(
    ("form", "slots", "message"),
    [
        (BattleForm.SIDE_BY_SIDE, THREE, "with 3 systems. Allowed: 2 to 2"),
        (BattleForm.INTERLEAVED, THREE, "with 3 systems"),
        (BattleForm.BEST_TO_WORST, ("A", "B", "C", "D", "E"), "with 5 systems. Allowed: 2 to 4"),
        (BattleForm.BEST_TO_WORST, ("A",), "with 1 systems"),
        (BattleForm.SIDE_BY_SIDE, ("A", ""), "slot without a system"),
    ],
)
def test_slots_that_no_form_shows(form: BattleForm, slots: tuple[str, ...], message: str) -> None:
    with pytest.raises(InvalidInputError, match=message):
        check_slots(form, slots)
