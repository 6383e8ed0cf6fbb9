"""One label, identifier or grade out of whatever a model wrote."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.strategies.choices import answering, read_grade, read_label, thoughts

LETTERS = tuple("ABCDEFG")
NUMBERS = tuple(str(number) for number in range(1, 13))


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("B", 1),
        ("B.", 1),
        (" **B**", 1),
        ("(C)", 2),
        ("b", 1),
        ("B > A", 1),
        ("B\nbecause it says so", 1),
        ("[b]", 1),
        ("The best is [B], not [A].", 1),
        ("Passage B", 1),
        ("passage B is best", 1),
        ("I think that Passage C answers it; passage A does not.", 2),
        ("Answer: D", 3),
        ("The answer is F.", 5),
        ("Label: **E**", 4),
        ("<think>[A] or A</think>\nB", 1),
        ("<think>[A]</think>no <answer>[C]</answer>", 2),
        ("<answer>A</answer> oh no <answer>D</answer>", 3),
        ("A passage about ferries", None),  # an article
        ("the passage a reader wants", None),
        ("A and B are both fine", None),
        ("AB", None),
        ("Passage AB", None),
        ("Passage H", None),
        ("B-side", None),
        ("<think>[A]", None),  # it never stopped thinking
        ("", None),
        ("I am sorry, but I cannot help with that.", None),
    ],
)
def test_letters(text, place):
    assert read_label(text, LETTERS) == place


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("10", 9),
        ("[10]", 9),
        ("passage 10.", 9),  # never passage 1
        ("passage 1.", 0),
        ("Passage number 12: off topic", 11),
        ("document #3", 2),
        ("2) is the worst", 1),
        ("The best is passage 2, published in 1984", 1),
        ("passage 13", None),
        ("passage 1.5", None),
        ("passage 10a", None),
        ("10.5", None),
        ("1984", None),
        ("[0]", None),
        ("[-1]", None),
        ("-1", None),
        ("²", None),
        ("٣", None),
        ("9" * 5000, None),
        ("In my view it is 3 of them", None),
    ],
)
def test_numbers_are_whole(text, place):
    assert read_label(text, NUMBERS) == place


def test_labels_of_one_width_do_not_name_each_other():
    labels = tuple(f"{number:02}" for number in range(1, 31))
    assert read_label("Passage 03", labels) == 2
    assert read_label("30", labels) == 29
    assert read_label("3", labels) is None


def test_a_cut_text_may_end_in_half_a_number():
    assert read_label("passage 1", NUMBERS, finished=True) == 0
    assert read_label("passage 1", NUMBERS, finished=False) is None
    assert read_label("[1", NUMBERS, finished=False) is None
    assert read_label("[1] is", NUMBERS, finished=False) == 0
    assert read_label("<answer>1</answer>", NUMBERS, finished=False) == 0


def test_an_answer_that_was_asked_for_must_be_there():
    assert read_label("<think>x</think> [2]", NUMBERS, expect_answer=True) is None
    assert read_label("<think>x</think> <answer>[2]</answer>", NUMBERS, expect_answer=True) == 1
    assert read_label("<answer>[2", NUMBERS, expect_answer=True, finished=False) is None


@given(st.text(alphabet="<>/[]thinkanswer ABC123.²\n", max_size=60), st.booleans(), st.booleans())
def test_nothing_raises_and_places_are_in_range(text, expect, finished):
    for labels in (LETTERS, NUMBERS, ()):
        place = read_label(text, labels, expect_answer=expect, finished=finished)
        assert place is None or 0 <= place < len(labels)
    grade = read_grade(text, 10, expect_answer=expect, finished=finished)
    assert grade is None or (0 <= grade.value <= 10 and float(text[grade.start : grade.end]) == grade.value)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("7", 7),
        ("**7**.", 7),
        ("7/10", 7),
        ("7 out of 10", 7),
        ("10", 10),
        ("0", 0),
        ("3, since it only names the town", 3),
        ("Score: 8", 8),
        ("Relevance score: 9.5 because 3 of 4 facts are there", 9.5),
        ("Of 2 passages, I give this one a grade of **5**", 5),
        ("score 4, no, score 6", 6),
        ("<think>Score: 3</think><answer>6</answer>", 6),
        ("score 85", None),
        ("11", None),
        ("-3", None),
        ("score: -3", None),
        ("I say 4", None),
        ("4 of the 7 facts", None),
        ("²", None),
        ("none", None),
        ("<think>Score: 3", None),
    ],
)
def test_grades(text, value):
    grade = read_grade(text, 10)
    assert (None if grade is None else grade.value) == value


def test_a_grade_knows_where_it_stands():
    text = "<think>2</think>\nScore: 10/10"
    grade = read_grade(text, 10)
    assert text[grade.start : grade.end] == "10"
    text = "<answer> 7</answer>"
    assert read_grade(text, 10, expect_answer=True).start == text.index("7")
    assert read_grade("Score: 1", 10, finished=False) is None  # it may have become 10


def test_thoughts():
    assert thoughts("<think>\nWhy not.\n</think> [2]") == "Why not."
    assert thoughts("opened by the template</think> [2]") == "opened by the template"
    assert thoughts("<think>never ended") == "never ended"
    assert thoughts("[2]") == ""
    assert answering("<think>x</think> rest").text == " rest"
