"""Generated answers read by what was wanted: names that contain one another, frames, thoughts, nonsense."""

from __future__ import annotations

import pytest

from core.domain.requests import Wanted
from core.services.trace_texts import Said, said

NUMBERS = ("[1]", "[2]", "[3]")
PASSAGES = tuple(f"passage {number}" for number in range(1, 12))


@pytest.mark.parametrize(
    ("text", "named", "complete"),
    [
        ("[2] > [3] > [1]", (1, 2, 0), True),
        ("2 > 3 > 1", (1, 2, 0), True),
        ("<think>[1] first</think>[3] > [2] > [1]", (2, 1, 0), True),
        ("[2] > [1]", (1, 0, 2), False),  # the missing one stays behind, as the strategies do
        ("[2] [2] [9]", (1, 0, 2), False),
        ("I cannot say.", (), False),
        ("", (), False),
    ],
)
def test_orders(text: str, named: tuple[int, ...], complete: bool) -> None:
    read = said(text, Wanted(kind="order", names=NUMBERS), 3)
    assert (read.named, read.complete) == (named, complete)


@pytest.mark.parametrize(
    ("text", "named", "complete"),
    [
        ("passage 10", (9,), True),
        ("Passage 1, because passage 10 is off topic", (0, 9), True),
        ("passage 12", (), False),
        ("compassage 1", (), False),
        ("none", (), False),
    ],
)
def test_one_name_is_not_found_inside_another(text: str, named: tuple[int, ...], complete: bool) -> None:
    read = said(text, Wanted(kind="worst", names=PASSAGES), 11)
    assert (read.named, read.complete) == (named, complete)


def test_only_what_stands_in_the_frame_counts() -> None:
    wanted = Wanted(kind="best", names=("A", "B"), frame="<answer>{}</answer>")
    assert said("A is fine. <answer> b </answer> or A", wanted, 2).named == (1,)
    assert said("<think>A</think> B", wanted, 2).named == (1,)


def test_the_best_few() -> None:
    wanted = Wanted(kind="top", names=NUMBERS, count=2)
    assert said("[3], [1]", wanted, 3) == Said(named=(2, 0), complete=True)
    assert said("[3]", wanted, 3).complete is False


@pytest.mark.parametrize(("text", "value"), [("7", 7.0), ("On a scale of 0 to 10: 8.", 8.0), ("99", None), ("?", None)])
def test_a_grade_is_the_last_number_in_range(text: str, value: float | None) -> None:
    read = said(text, Wanted(kind="grade", scale=10), 1)
    assert read.grades.get(0) == value
    assert read.complete is (value is not None)


def test_grades_by_name() -> None:
    wanted = Wanted(kind="grades", names=("[1]", "[2]"))
    assert said('{"[1]": 4, "[2]": "2.5"}', wanted, 2) == Said(grades={0: 4.0, 1: 2.5}, complete=True)
    assert said('{"[1]": 4}', wanted, 2).complete is False


def test_nothing_in_particular_was_wanted() -> None:
    assert said("[1] > [2]", Wanted(), 2) == Said()


@pytest.mark.parametrize("kind", ["order", "worst-first", "best", "worst", "top", "grade", "grades"])
@pytest.mark.parametrize("text", ["", "²³ [¹]", "9" * 5000, "[0] > [-1]", "(((", "<think>", "\x00"])
def test_no_text_is_too_strange(kind: str, text: str) -> None:
    for names in (NUMBERS, ("A", "B", "C"), ("(", "[", "\\")):
        read = said(text, Wanted(kind=kind, names=names), 3)  # type: ignore[arg-type]  # one of them
        assert all(0 <= place < 3 for place in read.named)
