"""The permutation parser: what reference parsers get wrong, and that it never raises."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.strategies.permutation import answer_of, parse_chosen, parse_permutation, thought_of


@pytest.mark.parametrize(
    ("text", "order"),
    [
        ("[2] > [3] > [1]", (1, 2, 0)),
        ("2 > 3 > 1", (1, 2, 0)),
        ("[2, 3, 1]", (1, 2, 0)),
        ("1. [3]\n2. [1]", (2, 0, 1)),  # the numbers of the lines are no identifiers
        ("1. Passage 3\n2. Passage 1\n3. Passage 2", (2, 0, 1)),
        ("Here you are:\n 1) 3\n 2) **1**\n 3) 2", (2, 0, 1)),
        ("1. passage 3, from 1984\n2. document #1\n3.", (2, 0, 1)),
        ("3. Passage 2\n2. Passage 1\n1. it is", (2, 1, 0)),  # no list: its numbers do not rise from 1
        ("3.\n1.\n2.", (2, 0, 1)),
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
        ("[" + "9" * 5000 + "] [2]", (1, 0, 2)),
        ("-3 > 2", (1, 0, 2)),  # negative numbers are none, hyphens between numbers are
        ("2-3-1", (1, 2, 0)),
        ("- 3\n- 1", (2, 0, 1)),
        ("<think>1</think> <think>3", (0, 1, 2)),  # thinks again and never stops
        ("<THINK>1</Think>3", (2, 0, 1)),
        ("3 1</think>2", (1, 0, 2)),  # the template opened the thought
        ("<think><answer>[3]</answer></think>2", (1, 0, 2)),  # an answer that is only thought of
        ("<answer>[3]</answer> or rather <answer>[2]</answer>", (1, 0, 2)),
        ("<answer></answer> [3]", (0, 1, 2)),
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
    assert parse_permutation("<answer>3 > 2</answer> 1", 12, finished=False).order[:2] == (2, 1)  # the answer is whole
    assert parse_permutation("<answer>3 > 2", 12, finished=False).order[:2] == (2, 0)


@pytest.mark.parametrize(
    ("text", "order"),
    [
        ("[B] > [C] > [A]", (1, 2, 0)),
        ("B > C > A", (1, 2, 0)),
        ("B>C>A.", (1, 2, 0)),
        ("B, C", (1, 2, 0)),
        ("C", (2, 0, 1)),
        ("1. C\n2) A\n- B", (2, 0, 1)),
        ("A good passage is one like C", (0, 1, 2)),  # the article is no passage, nor is a letter in prose
        ("I, too, would say: C > B", (2, 1, 0)),
        ("AB > CA", (0, 1, 2)),  # adjacent letters are words
        ("a > c", (0, 1, 2)),
        ("[D] > [Z]", (0, 1, 2)),
        ("Answer A > B? No: [C]", (2, 0, 1)),
        ("<think>C > B</think>B > A", (1, 0, 2)),
        ("3 > 2 > 1", (0, 1, 2)),
        ("", (0, 1, 2)),
    ],
)
def test_letters(text, order):
    assert parse_permutation(text, 3, letters=True).order == order


@pytest.mark.parametrize(
    ("text", "finished", "places", "repairs"),
    [
        ("[3], [1]", True, (2, 0), ()),
        ("3, 1, 4", True, (2, 0), ("1 too many",)),
        ("[3] [3] [9]", True, (2,), ("1 missing, 1 repeated, 1 out of range",)),
        ("none of them", True, (), ("2 missing",)),
        ("<think>3", True, (), ("no answer",)),
        ("3, 1", False, (2,), ("1 missing",)),
    ],
)
def test_chosen(text, finished, places, repairs):
    found = parse_chosen(text, 5, 2, finished=finished)
    assert (found.places, found.repairs) == (places, repairs)


@pytest.mark.parametrize(
    ("text", "thought"),
    [
        ("<think> a </think>b", "a"),
        ("a</think>b", "a"),
        ("<think>a</think>b<think>c</think>d", "a\nc"),
        ("b<think>never stops", "never stops"),
        ("<think></think>b", ""),
        ("plain", ""),
    ],
)
def test_thoughts(text, thought):
    assert thought_of(text) == thought


def test_an_answer_without_its_thought():
    assert answer_of("<think>x</think> y") == " y"
    assert answer_of("<think>x") is None
    assert answer_of("x", expect_answer=True) is None
    assert answer_of("so <answer>y</answer>z", expect_answer=True) == "y"


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
        st.sampled_from(["[", "]", " > ", "<think>", "</think>", "<answer>", "</answer>", "²", "\n", ".", "A", "C"]),
        st.integers(-5, 30).map(str),
        st.text(max_size=5),
    ),
    max_size=40,
).map("".join)


@given(tokens, st.integers(0, 25), st.booleans(), st.booleans(), st.booleans())
def test_always_a_permutation(text, n, expect_answer, finished, letters):
    found = parse_permutation(text, n, expect_answer=expect_answer, finished=finished, letters=letters)
    assert sorted(found.order) == list(range(n))
    assert thought_of(text) in text or "\n" in thought_of(text)


@given(tokens, st.integers(1, 25), st.integers(1, 25), st.booleans())
def test_chosen_are_of_the_list_and_not_too_many(text, n, count, finished):
    places = parse_chosen(text, n, count, finished=finished).places
    assert len(places) == len(set(places)) <= count
    assert set(places) <= set(range(n))


@given(st.integers(1, 26).flatmap(lambda n: st.permutations(range(n))), st.booleans())
def test_well_formed_letters_are_taken_as_they_are(order, brackets):
    names = [chr(ord("A") + place) for place in order]
    text = " > ".join(f"[{name}]" if brackets else name for name in names)
    assert parse_permutation(text, len(order), letters=True).order == tuple(order)


@given(st.integers(1, 25).flatmap(lambda n: st.permutations(range(n))))
def test_a_well_formed_answer_is_taken_as_it_is(order):
    found = parse_permutation(" > ".join(f"[{place + 1}]" for place in order), len(order))
    assert found.order == tuple(order)
    assert found.repairs == ()
