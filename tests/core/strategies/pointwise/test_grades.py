"""Grades: expected values by hand and against all ways to spell a number, missing grades, the first stage's share."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.documents import CandidateList
from core.domain.requests import GenerateAnswer, LabelAnswer, WrittenToken
from core.strategies.choices import read_grade
from core.strategies.pointwise.erank import ERank
from core.strategies.pointwise.graded_generation import GradedGeneration
from core.strategies.pointwise.graded_judge import GradedJudge
from core.strategies.pointwise.grades import expected, expected_grade
from core.strategies.pointwise.written_grades import read
from tests.support.judges import NonsenseJudge, PerfectJudge, RefusingJudge, TieJudge, candidates, drive, ideal

log = math.log
ALL = (GradedJudge(), GradedJudge(scale=4), GradedGeneration(mix=0), ERank(), ERank(scale=100))


@pytest.mark.parametrize("strategy", ALL)
def test_a_perfect_judge_gives_the_whole_order_in_one_round(strategy):
    lists, judge = candidates(25), PerfectJudge(seed=3)
    driven = drive(strategy, lists, judge)
    assert driven.outcome.order == ideal(lists, judge)
    assert driven.calls == 25 == strategy.forecast(25)
    assert len(driven.rounds) == 1
    assert driven.outcome.repairs == ()
    worths = [judge.worth(id, None) for id in lists.ids]
    assert driven.outcome.scores == pytest.approx(worths, abs=2e-5)  # the expected grade is the worth, not rounded


@pytest.mark.parametrize("strategy", ALL)
@pytest.mark.parametrize("judge", [TieJudge(), RefusingJudge()])
def test_no_opinion_leaves_the_first_stage_order(strategy, judge):
    outcome = drive(strategy, candidates(13), judge).outcome
    assert outcome.order == tuple(range(13))
    if isinstance(judge, RefusingJudge):
        assert outcome.scores == (-1.0,) * 13
        assert outcome.repairs == (
            "13 of the answers had no grade; ranked last: d0, d1, d2, d3, d4, d5, d6, d7, d8, d9, ...",
        )


def test_expected_values_by_hand():
    assert expected({0: log(0.25), 1: log(0.25), 2: log(0.5)}) == pytest.approx(1.25)
    assert expected({3: log(0.2), 4: log(0.2)}) == pytest.approx(3.5)  # what is left is made to sum to one
    assert expected({7: -2000.0}) == 7
    assert expected({}) is None
    assert expected({1: -math.inf}) is None


@given(st.dictionaries(st.integers(0, 10), st.floats(-30, 0), min_size=1))
def test_expected_values_lie_between_the_grades(logprobs):
    assert min(logprobs) - 1e-9 <= expected(logprobs) <= max(logprobs) + 1e-9


def test_labels_have_one_width_so_that_ten_is_not_one():
    lists = candidates(2)
    request = drive(GradedJudge(), lists, PerfectJudge()).requests[0]
    assert request.labels[:11] == ("00", "01", "02", "03", "04", "05", "06", "07", "08", "09", "10")
    assert request.labels[11:13] == (" 00", " 01")
    assert drive(GradedJudge(scale=4), lists, PerfectJudge()).requests[0].labels[:5] == ("0", "1", "2", "3", "4")


def test_graded_judge_sums_spellings_and_ranks_silence_last():
    answers = {
        "d0": (log(0.1), None, log(0.2), None, log(0.1), log(0.1)),  # 0: 0.1, 1: 0.1, 2: 0.3 -> 0.7 / 0.5
        "d1": (log(0.5), None, None, None, None, None),  # certainly 0: not the same as silence
        "d2": (None,) * 6,
        "d3": (None, None, None, None, None, log(0.01)),
    }

    class Says:
        def answer(self, request):
            ids = [p.document_id for m in request.prompt.messages for p in m.parts if p.kind == "document"]
            return LabelAnswer(logprobs=answers[ids[0]])

    outcome = drive(GradedJudge(scale=2), candidates(4), Says()).outcome
    assert outcome.scores == pytest.approx((0.7, 0.0, -1.0, 1.0))
    assert outcome.order == (3, 0, 1, 2)
    assert outcome.repairs == ("1 of the answers had no grade; ranked last: d2",)


def token(text, **top):
    return WrittenToken(text=text, top=tuple((key.strip("_"), log(value)) for key, value in top.items()))


def value_of(tokens, scale=10):
    text = "".join(one.text for one in tokens)
    return expected_grade(tokens, read_grade(text, scale), scale)


def test_a_number_of_one_token():
    tokens = [token("7", _7=0.6, _8=0.2, the=0.1), token(".", **{".": 0.9})]
    assert value_of(tokens) == pytest.approx((7 * 0.6 + 8 * 0.2) / 0.8)
    assert value_of([token("10", _10=0.5, _9=0.5)]) == pytest.approx(9.5)
    assert value_of([token(" 7", **{" 7": 0.5, "7": 0.1, "99": 0.4})]) == pytest.approx(7)  # 99 is off the scale


def test_a_number_of_two_tokens_is_a_chain():
    tokens = [token("1", _1=0.8, _2=0.2), token("0", _0=0.75, x=0.25), token("!", **{"!": 1.0})]
    assert value_of(tokens) == pytest.approx(10 * 0.6 + 1 * 0.2 + 2 * 0.2)
    tokens = [token("1", _1=0.8, _2=0.2), token("!", **{"!": 0.75, "0": 0.25})]
    assert value_of(tokens) == pytest.approx(10 * 0.2 + 1 * 0.6 + 2 * 0.2)
    assert value_of([token("1", _1=1.0)]) == 1  # the text ends there


@given(st.lists(st.integers(1, 20), min_size=4, max_size=4), st.booleans())
def test_chains_against_all_texts(weights, ten):
    """A model that writes 1 or 2, and after 1 a 0, a 1 or an end; every text spelt out."""
    one, two = (weight / (weights[0] + weights[1]) for weight in weights[:2])
    zero, end = (weight / (weights[2] + weights[3]) for weight in weights[2:])
    chances = {10: one * zero, 1: one * end, 2: two}
    first = token("1", _1=one, _2=two)
    second = token("0", _0=zero, **{"!": end}) if ten else token("!", _0=zero, **{"!": end})
    tail = [token("!", **{"!": 1.0})] if ten else []
    assert value_of([first, second, *tail]) == pytest.approx(sum(v * p for v, p in chances.items()))


def test_tokens_that_do_not_say_leave_the_written_number():
    assert value_of([token("7", a=1.0)]) is None
    assert value_of([token("Score: 7", **{"Score: 7": 1.0})]) is None  # the number is not a token of its own
    answer = GenerateAnswer(text="Score: 7", tokens=())
    assert read(answer, 10, expect_answer=False).score == 0.7
    assert not read(answer, 10, expect_answer=False).weighed
    assert read(GenerateAnswer(text="7.5"), 10, expect_answer=False).score == 0.75
    assert read(GenerateAnswer(text="<think>9", finished=False), 10, expect_answer=False).score is None


def test_written_numbers_alone_are_recorded():
    class Says:
        def answer(self, request):
            return GenerateAnswer(text="Score: 4")

    outcome = drive(GradedGeneration(mix=0), candidates(3), Says()).outcome
    assert outcome.scores == (0.4, 0.4, 0.4)
    assert outcome.repairs == ("3 of the grades count as they are written; their probabilities did not come back",)


def test_unfinished_texts_rank_last_in_first_stage_order_and_never_tie_with_zero():
    texts = iter(
        ["<think>long", "<think>x</think><answer>0</answer>", "<think>longer", "<think>y</think><answer>3</answer>"]
    )

    class Says:
        def answer(self, request):
            return GenerateAnswer(text=next(texts))

    outcome = drive(ERank(), candidates(4), Says()).outcome
    assert outcome.order == (3, 1, 0, 2)
    assert outcome.scores == (-1.0, 0.0, -1.0, 0.3)
    assert outcome.repairs[0] == "2 of the answers had no grade; ranked last: d0, d2"
    assert outcome.reasoning == ("d0: long", "d1: x", "d2: longer", "d3: y")


def test_erank_asks_as_released():
    strategy = ERank()
    request = drive(strategy, candidates(2), PerfectJudge()).requests[0]
    assert (request.max_tokens, request.top_logprobs, request.temperature) == (4096, 20, 0.0)
    assert request.wanted.frame == "<answer>{}</answer>"


def scored(scores, n=4):
    lists = candidates(n)
    return CandidateList(query=lists.query, documents=lists.documents, first_stage_scores=scores)


def test_the_numeric_judge_mixes_half_and_half_as_diver_does():
    judge = PerfectJudge(worths={"d0": 0.1, "d1": 0.6, "d2": 0.5, "d3": 0.9})
    lists = scored((9.0, 5.0, 5.0, 1.0))
    assert drive(GradedGeneration(), lists, judge).outcome == drive(GradedGeneration(mix=0.5), lists, judge).outcome
    assert drive(ERank(), lists, judge).outcome.order == (3, 1, 2, 0)


@pytest.mark.parametrize("make", [GradedGeneration, ERank])
@pytest.mark.parametrize("scores", [(math.inf, 5.0, 5.0, 1.0), (9.0, 5.0, 5.0, -math.inf), (9.0, math.nan, 5.0, 1.0)])
def test_first_stage_scores_that_are_not_finite_count_by_place(make, scores):
    judge = PerfectJudge()
    infinite = drive(make(mix=0.5), scored(scores), judge).outcome
    assert infinite.scores == drive(make(mix=0.5), scored(None), judge).outcome.scores
    assert infinite.scores == drive(make(mix=0.5), scored((3.0, 2.0, 1.0, 0.0)), judge).outcome.scores


@pytest.mark.parametrize("make", [GradedGeneration, ERank])
def test_the_mix_is_a_weighted_mean_of_grade_and_first_stage(make):
    lists = scored((9.0, 5.0, 5.0, 1.0))
    judge = PerfectJudge(worths={"d0": 0.1, "d1": 0.6, "d2": 0.5, "d3": 0.9})
    halves = drive(make(mix=0.5), lists, judge).outcome
    assert halves.scores == pytest.approx((0.55, 0.55, 0.5, 0.45), abs=1e-6)
    assert drive(make(mix=1.0), lists, judge).outcome.order == (0, 1, 2, 3)
    assert drive(make(mix=0.0), lists, judge).outcome.order == (3, 1, 2, 0)


def test_prompts():
    (request, _) = drive(GradedJudge(), candidates(2, "where"), PerfectJudge()).requests
    text = "".join(part.text for part in request.prompt.messages[1].parts)
    assert text == (
        "<passage>\npassage number 0\n</passage>\n\nQuery: where\n\n"
        "Grade the passage from 00 (does not help with the query) to 10 (answers it fully). Write it with two digits."
    )
    (request, _) = drive(ERank(instruction="Find proofs"), candidates(2, "where"), PerfectJudge()).requests
    text = "".join(part.text for part in request.prompt.messages[1].parts)
    assert text.startswith("Task: Find proofs\n\n<passage>\n")
    assert text.endswith("Think first, then grade the passage from 0 (no help) to 10 (just what is asked for).")


@pytest.mark.parametrize("strategy", ALL)
@pytest.mark.parametrize("seed", range(3))
def test_nonsense_ends_in_a_permutation_with_bounded_scores(strategy, seed):
    outcome = drive(strategy, candidates(12), NonsenseJudge(seed=seed)).outcome
    assert sorted(outcome.order) == list(range(12))
    assert all(score == -1 or 0 <= score <= 1 for score in outcome.scores)
