"""Two kinds of voter on the same battles."""

import math

import pytest

from core.ratings.outcomes import Outcomes, build
from core.ratings.shared_battles import Disagreement, agreement_between, alpha_among

Row = tuple[str, str, str, float, str]  # query, left, right, share, voter


def log(*rows: Row) -> Outcomes:
    return build(
        query=[row[0] for row in rows],
        left=[row[1] for row in rows],
        right=[row[2] for row in rows],
        share=[row[3] for row in rows],
        voter=[row[4] for row in rows],
    )


PEOPLE = log(
    ("q1", "a", "b", 1.0, "p1"),
    ("q1", "b", "a", 0.0, "p2"),
    ("q2", "a", "b", 1.0, "p1"),
    ("q2", "a", "b", 0.0, "p2"),
    ("q3", "c", "a", 1.0, "p1"),
    ("q4", "a", "c", 1.0, "p1"),
)
JUDGE = log(
    ("q1", "b", "a", 0.0, "j"),
    ("q2", "b", "a", 0.5, "j"),
    ("q3", "a", "c", 1.0, "j"),
    ("q4", "c", "a", 0.5, "j"),
    ("q9", "a", "b", 1.0, "j"),
)


def test_verdicts_are_compared_whoever_stood_left() -> None:
    found = agreement_between(PEOPLE, JUDGE, categories={"q1": "x", "q2": "x", "q3": "y"})
    assert found.overall.items == 4  # q9 was judged by one side only
    assert found.overall.raw == 0.5  # q1 a; q2 people split in half, judge a tie
    # people: win, tie, loss, win of the first name; judge: win, tie, win, tie. Chance: (2 * 2 + 1 * 2 + 1 * 0) / 16.
    assert found.overall.kappa == pytest.approx((0.5 - 6 / 16) / (1 - 6 / 16))
    assert [(part.category, part.items, part.raw) for part in found.categories] == [("x", 2, 1.0), ("y", 1, 0.0)]
    assert found.disagreements == (
        Disagreement(query="q3", system="a", other="c", first_share=0.0, second_share=1.0),
        Disagreement(query="q4", system="a", other="c", first_share=1.0, second_share=0.5),
    )


def test_agreement_is_mutual() -> None:
    one, other = agreement_between(PEOPLE, JUDGE).overall, agreement_between(JUDGE, PEOPLE).overall
    assert (one.raw, one.kappa, one.alpha.value) == pytest.approx((other.raw, other.kappa, other.alpha.value))


def test_a_side_agrees_with_itself() -> None:
    found = agreement_between(JUDGE, JUDGE)
    assert (found.overall.items, found.overall.raw, found.overall.kappa, found.overall.alpha.value) == (5, 1, 1, 1)
    assert found.disagreements == ()


def test_nothing_in_common() -> None:
    found = agreement_between(PEOPLE, log(("q7", "a", "b", 1.0, "j")))
    assert found.overall.items == 0
    assert math.isnan(found.overall.raw)
    assert math.isnan(found.overall.alpha.value)
    assert found.categories == ()


def test_the_last_word_of_a_voter_counts() -> None:
    changed = log(("q1", "a", "b", 0.0, "j"), ("q1", "b", "a", 0.0, "j"))
    assert agreement_between(PEOPLE, changed).overall.raw == 1.0
    assert alpha_among(changed).items == 0


def test_alpha_among_the_voters_of_one_kind() -> None:
    # q1: win, win; q2: win, loss; two values, coincidences 2, 1, 1, 0: 1 - 3 * 2 / (16 - 9 - 1)
    found = alpha_among(PEOPLE)
    assert found.items == 2
    assert found.value == pytest.approx(0.0)
