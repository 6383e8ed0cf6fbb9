"""The permutation parser: what reference parsers get wrong, and that it never raises."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.strategies.permutation import parse_permutation


@pytest.mark.parametrize(
    ("text", "order"),
    [
        ("[2] > [3] > [1]", (1, 2, 0)),
        ("2 > 3 > 1", (1, 2, 0)),
        ("[2, 3, 1]", (1, 2, 0)),
        ("1. [3]\n2. [1]", (2, 0, 1)),  # the numbers of the lines are no identifiers
        ("[3]", (2, 0, 1)),
        ("[3] > [3] > [2]", (2, 1, 0)),
        ("[0] > [4] > [2]", (1, 0, 2)),  # 0 is not the last passage
        ("[9] [8] 2", (1, 0, 2)),  # no bracketed identifier of ours: bare ones count
        ("² > [²] > 3", (2, 0, 1)),
        ("٣ > 2", (1, 0, 2)),
        ("x2 3.5 v1.2 3", (2, 0, 1)),  # parts of words and decimals are none
        ("I cannot help.", (0, 1, 2)),
        ("", (0, 1, 2)),
        ("<think>[3] > [1]</think> [2] > [1]", (1, 0, 2)),
        ("<think>[3] > [1] and so on", (0, 1, 2)),  # never stopped thinking
        ("<think>1</think>2</think>3", (2, 0, 1)),
        ("reasons 3 3 3 <answer>[2] > [3]</answer> 1", (1, 2, 0)),
        ("<answer>[2] > [3]", (1, 2, 0)),
        ("9" * 5000 + " 2", (1, 0, 2)),
    ],
)
def test_orders(text, order):
    assert parse_permutation(text, 3).order == order


def test_an_expected_answer_that_is_absent_keeps_the_order():
    assert parse_permutation("[3] > [1]", 3, expect_answer=True).order == (0, 1, 2)
    assert parse_permutation("[1] <answer>[3]</answer>", 3, expect_answer=True).order == (2, 0, 1)


def test_a_number_cut_in_half_does_not_count():
    assert parse_permutation("2 > 11 > 1", 11, finished=False).order[:3] == (1, 10, 0)
    assert parse_permutation("3 > 1", 12, finished=False).order[:2] == (2, 0)
    assert parse_permutation("3 > 2", 12, finished=False).order[:2] == (2, 0)  # 2 may have been 2, 20 or 12
    assert parse_permutation("3 > 2", 12).order[:2] == (2, 1)


@pytest.mark.parametrize(
    ("text", "repairs"),
    [
        ("[2] > [3] > [1]", ()),
        ("[2] > [2] > [7]", ("2 missing, 1 repeated, 1 out of range",)),
        ("[1] > [2]", ("1 missing",)),
        ("no", ("no identifier; order kept",)),
        ("<think>", ("no answer; order kept",)),
    ],
)
def test_repairs_are_recorded(text, repairs):
    assert parse_permutation(text, 3).repairs == repairs


tokens = st.lists(
    st.one_of(
        st.sampled_from(["[", "]", " > ", "<think>", "</think>", "<answer>", "</answer>", "²", "\n", "."]),
        st.integers(-5, 30).map(str),
        st.text(max_size=5),
    ),
    max_size=40,
).map("".join)


@given(tokens, st.integers(0, 25), st.booleans(), st.booleans())
def test_always_a_permutation(text, n, expect_answer, finished):
    found = parse_permutation(text, n, expect_answer=expect_answer, finished=finished)
    assert sorted(found.order) == list(range(n))


@given(st.integers(1, 25).flatmap(lambda n: st.permutations(range(n))))
def test_a_well_formed_answer_is_taken_as_it_is(order):
    found = parse_permutation(" > ".join(f"[{place + 1}]" for place in order), len(order))
    assert found.order == tuple(order)
    assert found.repairs == ()
