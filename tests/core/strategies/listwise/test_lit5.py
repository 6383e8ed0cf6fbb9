"""LiT5-Distill and MVP: exact inputs, windows, what is read of answers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.documents import CandidateList, Document, Query
from core.domain.errors import InvalidInputError
from core.domain.requests import GenerateAnswer, GenerateFused, ScoreList
from core.strategies.base import registered
from core.strategies.listwise.lit5 import LiT5
from core.strategies.listwise.mvp import Mvp
from tests.support.judges import NonsenseJudge, PerfectJudge, candidates, documents_of, drive, ideal


@pytest.mark.parametrize("name", ["lit5", "mvp"])
def test_only_trained_models_fit(name):
    info = registered()[name]
    assert dict(info.slots)["model"].format == name


def test_the_input_is_that_of_the_checkpoint():
    documents = (Document(id="a", text="Dogs travel [2]\n free."), Document(id="b", text="No.", title="Fares"))
    lists = CandidateList(query=Query(id="q", text="dog [1] fares?"), documents=documents)
    (request,) = drive(LiT5(), lists, PerfectJudge()).requests
    assert isinstance(request, GenerateFused)
    assert ["".join(p.text for m in prompt.messages for p in m.parts) for prompt in request.prompts] == [
        "Search Query: dog [1] fares? Passage: [1] Dogs travel (2) free. Relevance Ranking: ",
        "Search Query: dog [1] fares? Passage: [2] Title: Fares Content: No. Relevance Ranking: ",
    ]
    assert [documents_of(prompt) for prompt in request.prompts] == [("a",), ("b",)]
    assert not any(prompt.chat for prompt in request.prompts)
    assert (request.max_tokens, request.wanted.kind, request.wanted.names) == (100, "order", ("[1]", "[2]"))


@pytest.mark.parametrize(("n", "calls"), [(2, 1), (20, 1), (21, 2), (25, 2), (30, 2), (41, 4), (100, 9)])
def test_windows(n, calls):
    lists, judge = candidates(n), PerfectJudge(seed=n)
    driven = drive(LiT5(), lists, judge)
    assert driven.calls == len(driven.rounds) == calls == LiT5().forecast(n)
    assert driven.outcome.order[:10] == ideal(lists, judge)[:10]
    assert [step.order for step in driven.outcome.steps][-1] == driven.outcome.order
    assert max(len(request.prompts) for request in driven.requests) == min(n, 20)
    with pytest.raises(InvalidInputError, match="step"):
        LiT5(window=5, step=6)


@given(st.integers(0, 45), st.integers(0, 100))
def test_nonsense_in_permutation_out(n, seed):
    assert sorted(drive(LiT5(), candidates(n), NonsenseJudge(seed=seed)).outcome.order) == list(range(n))


def test_half_an_answer_is_mended_and_said():
    class Cut:
        def answer(self, request):
            return GenerateAnswer(text="[3] > [1] > [3] > [", finished=False)

    outcome = drive(LiT5(), candidates(4), Cut()).outcome
    assert outcome.order == (2, 0, 1, 3)
    assert outcome.repairs == ("places 1 to 4: 2 missing, 1 repeated",)


def test_mvp_hands_the_whole_list_over():
    lists, judge = candidates(12), PerfectJudge(seed=5)
    driven = drive(Mvp(), lists, judge)
    assert driven.requests == (ScoreList(query=lists.query.text, documents=lists.documents),)
    assert driven.outcome.order == ideal(lists, judge)
    assert driven.calls == Mvp().forecast(12) == 1
