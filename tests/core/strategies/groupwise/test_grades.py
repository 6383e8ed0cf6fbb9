"""Grades out of anything that a model may write."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.strategies.groupwise.grades import parse_grades


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ('{"1": 7, "2": 0, "3": 10}', (7, 0, 10)),
        ('<answer>{"1": 7, "3": 2.5}</answer>', (7, None, 2.5)),
        ('<answer>{"[1]": 7, "[2]": 1, "[3]": 2}</answer>', (7, 1, 2)),
        ("{'1': 7, 2: '8', [3]: 9,}", (7, 8, 9)),
        ("[1]: 4\n[2]: 5\n[3]: 6", (4, 5, 6)),
        ('```json\n{"1": 3,\n "2": 4}\n```', (3, 4, None)),
        ('{"0": 9, "4": 9, "1": 11, "2": -1, "3": 1}', (None, None, 1)),  # 0 is not the last passage
        ('{"1": 3, "1": 9}', (3, None, None)),
        ('{"1": 3} then {"1": 9, "2": 1}', (9, 1, None)),
        ('{"1": 3}\n{"2": 9}\n{"3": 1}', (3, 9, 1)),  # one object a line
        ('[{"1": 3, "2": 5}, {"2": 9, "4": 1}]', (3, 9, None)),
        ('<reason>1: 2 and 3: 4</reason><answer>{"1": 5}</answer>', (5, None, None)),
        ('<think>{"1": 9}</think>{"1": 2}', (2, None, None)),
        ('<think>{"1": 9}', (None, None, None)),
        ("at 12:30 on 3.1.2", (None, None, None)),
        ("", (None, None, None)),
        ('{"²": 3, "1": ٣}', (None, None, None)),
        ('{"1": 3e5, "2": 3x}', (None, None, None)),
        ('{"' + "9" * 5000 + '": 1, "2": 4}', (None, 4, None)),
        ('{"1": ' + "9" * 5000 + ', "2": 4}', (None, 4, None)),
    ],
)
def test_grades(text, values):
    assert parse_grades(text, 3, highest=10).values == values


def test_a_grade_cut_in_half_does_not_count():
    assert parse_grades('{"1": 7, "2": 1', 2, highest=10, finished=False).values == (7, None)
    assert parse_grades('{"1": 7, "2": 1, "', 2, highest=10, finished=False).values == (7, 1)
    assert parse_grades('<answer>{"1": 7, "2": 1}</answer>', 2, highest=10, finished=False).values == (7, 1)


def test_what_was_mended_is_said():
    found = parse_grades('{"1": 3, "1": 4, "9": 2}', 3, highest=10)
    assert found.repairs == ("2 not graded, 1 repeated, 1 out of range",)
    assert parse_grades('{"1": 3, "2": 3}', 2, highest=10).repairs == ()
    assert parse_grades("<think>", 2, highest=10).repairs == ("no answer; nothing graded",)


@given(st.lists(st.integers(0, 10), min_size=1, max_size=30))
def test_json_is_taken_as_it_is(grades):
    text = json.dumps({str(number): grade for number, grade in enumerate(grades, start=1)})
    found = parse_grades(f"reasons\n<answer>{text}</answer>", len(grades), highest=10)
    assert found.values == tuple(grades)
    assert found.repairs == ()


pieces = st.lists(
    st.one_of(st.sampled_from(["{", "}", '"', ":", ",", "<answer>", "</answer>", "<think>", "-", "²", "."]),
              st.integers(-5, 30).map(str), st.text(max_size=4)),
    max_size=40,
).map("".join)  # fmt: skip


@given(pieces, st.integers(0, 12), st.booleans())
def test_anything_gives_grades_of_the_scale(text, n, finished):
    values = parse_grades(text, n, highest=10, finished=finished).values
    assert len(values) == n
    assert all(value is None or 0 <= value <= 10 for value in values)
