"""duoT5: exact input, hand-computed sums over both orders, silence, place preference."""

import math
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.documents import CandidateList, Document, Query
from core.domain.requests import LabelAnswer
from core.strategies.base import registered
from core.strategies.pairwise.duot5 import DuoT5
from tests.support.judges import FirstPlaceJudge, PerfectJudge, RefusingJudge, candidates, documents_of, drive, ideal


class Prefers:
    """Answers with the probability that the first document of a pair is the better one."""

    def __init__(self, chances):
        self.chances = chances

    def answer(self, request):
        chance = self.chances[documents_of(request.prompt)]
        return LabelAnswer(logprobs=(None, None) if chance is None else (math.log(chance), math.log(1 - chance)))


def test_only_trained_models_fit():
    info = registered()["duot5"]
    assert dict(info.slots)["model"].format == "duot5"


def test_the_input_is_that_of_the_checkpoint():
    documents = (Document(id="a", text="Dogs travel [2] free.", title="Fares"), Document(id="b", text="No."))
    lists = CandidateList(query=Query(id="q", text="dog fares?"), documents=documents)
    requests = drive(DuoT5(), lists, PerfectJudge()).requests
    texts = ["".join(p.text for m in request.prompt.messages for p in m.parts) for request in requests]
    assert texts == [
        "Query: dog fares? Document0: Fares Dogs travel [2] free. Document1: No. Relevant:",
        "Query: dog fares? Document0: No. Document1: Fares Dogs travel [2] free. Relevant:",
    ]
    assert [documents_of(request.prompt) for request in requests] == [("a", "b"), ("b", "a")]
    assert all(request.labels == ("true", "false") and not request.prompt.chat for request in requests)


def test_scores_are_sums_over_both_orders():
    chances = {
        ("d0", "d1"): 0.9, ("d1", "d0"): 0.3, ("d0", "d2"): 0.2, ("d2", "d0"): 0.6, ("d1", "d2"): 0.5,
        ("d2", "d1"): None,
    }  # fmt: skip
    outcome = drive(DuoT5(), candidates(3), Prefers(chances)).outcome
    # s_0 = .9 + (1 - .3) + .2 + (1 - .6); s_1 = .3 + (1 - .9) + .5 + (1 - .5); s_2 = .6 + (1 - .2) + .5 + (1 - .5)
    assert outcome.scores == pytest.approx((2.2, 1.4, 2.4))
    assert outcome.order == (2, 0, 1)
    assert outcome.repairs == ("1 of the answers had neither true nor false; counted as no preference",)


@given(st.lists(st.floats(0.01, 0.99), min_size=10, max_size=10))
def test_antisymmetric_answers_give_twice_the_plain_sum(values):
    pairs = [(i, j) for i, j in permutations(range(5), 2) if i < j]
    chances = {}
    for (i, j), chance in zip(pairs, values, strict=True):
        chances[f"d{i}", f"d{j}"], chances[f"d{j}", f"d{i}"] = chance, 1 - chance
    plain = [sum(chances[f"d{i}", f"d{j}"] for j in range(5) if j != i) for i in range(5)]
    assert drive(DuoT5(), candidates(5), Prefers(chances)).outcome.scores == pytest.approx([2 * s for s in plain])


@pytest.mark.parametrize("n", [2, 3, 12])
def test_a_perfect_judge_gives_the_order_in_one_round(n):
    lists, judge = candidates(n), PerfectJudge(seed=n)
    driven = drive(DuoT5(), lists, judge)
    assert driven.outcome.order == ideal(lists, judge)
    assert driven.calls == DuoT5().forecast(n) == n * (n - 1)
    assert len(driven.rounds) == 1


def test_a_preference_for_a_place_and_silence_leave_the_order():
    for judge in (FirstPlaceJudge(), RefusingJudge()):
        outcome = drive(DuoT5(), candidates(9), judge).outcome
        assert outcome.order == tuple(range(9))
        assert outcome.scores == (8.0,) * 9


def test_one_word_alone_counts_as_certain_and_is_recorded():
    class Says:
        def answer(self, request):
            return LabelAnswer(logprobs=(-2.0, None) if documents_of(request.prompt)[0] == "d1" else (None, -2.0))

    outcome = drive(DuoT5(), candidates(2), Says()).outcome
    assert (outcome.order, outcome.scores) == ((1, 0), (0.0, 2.0))
    assert outcome.repairs == ("2 of the answers had only one of true and false; the other counts as probability 0",)
