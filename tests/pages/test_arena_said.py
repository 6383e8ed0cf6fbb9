"""What a browser reports is read strictly: of this battle only, and nothing that was not offered."""

from __future__ import annotations

import pytest

from core.domain.voting import Mark, Reason
from pages._ui.arena.arena_said import Paper, Said, read

PAPER = Paper(battle="b1", documents=("x", "y", "z"), slots=3, reasons=(Reason.TOP, Reason.ORDER))
NOTHING = Said(places=(None, None, None))


def message(**said: object) -> dict[str, object]:
    return {"turn": PAPER.turn, "marks": {}, "reasons": [], "places": [None, None, None], **said}


def test_marks_reasons_and_places_are_read() -> None:
    said = read(message(marks={"2": False, "0": True}, reasons=["order"], places=[2, 1, 2]), PAPER)
    assert said.marks == (Mark(document="x", useful=True), Mark(document="z", useful=False))
    assert said.reasons == (Reason.ORDER,)
    assert said.order == ((1,), (0, 2))


def test_there_is_no_order_before_every_list_has_its_place() -> None:
    assert read(message(places=[2, None, 1]), PAPER).order == ()
    assert NOTHING.order == ()


def test_the_turn_is_not_the_battle_and_another_for_every_battle() -> None:
    other = Paper(battle="b2", documents=PAPER.documents, slots=3, reasons=PAPER.reasons)
    assert PAPER.turn != other.turn
    assert "b1" not in PAPER.turn
    assert read(message(marks={"0": True}, places=[1, 2, 3]), other) == NOTHING


@pytest.mark.parametrize(
    "said",
    [
        {"marks": {"99": True, "0": "yes", "-1": True, "1": 1}, "reasons": ["bribed", 4, "duplicates"]},
        {"marks": [0, 1], "reasons": "order"},
        {"marks": None, "reasons": None, "places": "123"},
        {"places": [1, 2]},
        {"places": {"0": 1}},
    ],
)
def test_what_was_not_offered_is_not_read(said: dict[str, object]) -> None:
    assert read(message(**said), PAPER) == NOTHING


@pytest.mark.parametrize("place", [0, 4, -1, True, "2", 1.0, None])
def test_a_place_that_there_is_not_is_none(place: object) -> None:
    assert read(message(places=[1, place, 3]), PAPER).places == (1, None, 3)


@pytest.mark.parametrize("whole", [None, "text", 3, [], {}, {"turn": None}])
def test_a_message_of_another_shape_says_nothing(whole: object) -> None:
    assert read(whole, PAPER) == NOTHING
