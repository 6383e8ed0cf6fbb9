"""IRanker: worst first, exactly; what cannot be read drops the last of the first stage."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.requests import GenerateAnswer
from core.strategies.setwise.iranker import IRanker
from tests.support.judges import PerfectJudge, RefusingJudge, TieJudge, candidates, documents_of, drive, ideal


@given(st.integers(2, 30), st.integers(0, 30))
def test_a_perfect_picker_of_the_worst_sorts_the_whole_list(n, seed):
    lists, judge = candidates(n), PerfectJudge(seed=seed)
    driven = drive(IRanker(), lists, judge)
    assert driven.outcome.order == ideal(lists, judge)
    assert driven.calls == len(driven.rounds) == n - 1 == IRanker().forecast(n)
    reads = sum(len(documents_of(request.prompt)) for request in driven.requests)
    assert reads == n * (n + 1) // 2 - 1
    assert driven.outcome.repairs == ()


@pytest.mark.parametrize(("n", "keep", "calls"), [(20, 5, 15), (5, 5, 0), (3, 10, 0), (2, 1, 1)])
def test_keeping_k_takes_n_minus_k_eliminations(n, keep, calls):
    lists, judge = candidates(n), PerfectJudge(seed=3)
    driven = drive(IRanker(keep=keep), lists, judge)
    truth = ideal(lists, judge)
    assert driven.calls == calls == IRanker(keep=keep).forecast(n)
    assert list(driven.outcome.order[:keep]) == sorted(truth[:keep])
    assert driven.outcome.order[keep:] == truth[keep:]


class Says:
    """Always the same text."""

    def __init__(self, text, finished=True):
        self.text, self.finished = text, finished

    def answer(self, request):
        return GenerateAnswer(text=self.text, finished=self.finished)


@pytest.mark.parametrize(
    ("text", "dropped"),
    [
        ("<answer>passage 10</answer>", 9),  # never passage 1
        ("<answer>passage 10.</answer>", 9),
        ("<answer>passage 1</answer>", 0),
        ("<answer>[3]</answer>", 2),
        ("<answer>2</answer>", 1),
        ("<think>passage 4</think><answer>passage 12</answer>", 11),
        ("<answer>passage 13</answer>", None),
        ("<answer>passage 100</answer>", None),
        ("passage 3", None),
        ("<think>passage 3", None),
        ("", None),
    ],
)
def test_identifiers_are_read_whole(text, dropped):
    outcome = drive(IRanker(keep=11), candidates(12), Says(text)).outcome
    assert outcome.order[-1] == (11 if dropped is None else dropped)
    expected = ("1 answer without a passage; the last of the first stage was dropped",) if dropped is None else ()
    assert outcome.repairs == expected


def test_a_cut_answer_is_no_answer():
    assert drive(IRanker(keep=11), candidates(12), Says("<answer>passage 1", finished=False)).outcome.order[-1] == 11


@pytest.mark.parametrize("judge", [TieJudge(), RefusingJudge()])
def test_no_opinion_leaves_the_first_stage_order(judge):
    outcome = drive(IRanker(), candidates(15), judge).outcome
    assert outcome.order == tuple(range(15))
    assert len(outcome.repairs) == isinstance(judge, RefusingJudge)


def test_every_elimination_is_a_step_with_its_order_and_thoughts():
    class Thinks(PerfectJudge):
        def text(self, request):
            return f"<think>Off topic.</think>{super().text(request)}"

    lists, judge = candidates(4), Thinks(seed=1)
    outcome = drive(IRanker(), lists, judge).outcome
    worst = ideal(lists, judge)[-1]
    assert outcome.steps[0].note == f"d{worst} is dropped"
    assert [step.order[-1] for step in outcome.steps] == [worst] * 3
    assert outcome.reasoning[0] == f"Without d{worst}: Off topic."


def test_passages_are_numbered_anew_each_time():
    driven = drive(IRanker(), candidates(3), PerfectJudge())
    last = "".join(part.text for part in driven.requests[-1].prompt.messages[1].parts)
    assert "passage 1:\n" in last
    assert "passage 2:\n" in last
    assert "passage 3:\n" not in last
    assert "of the 2 passages helps least" in last
