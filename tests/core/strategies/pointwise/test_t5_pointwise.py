"""monoT5 and RankT5: exact inputs, hand-computed scores, order, silence."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.documents import CandidateList, Document, Query
from core.domain.errors import InvalidInputError
from core.domain.requests import LabelAnswer
from core.strategies.base import registered
from core.strategies.pointwise.monot5 import MonoT5
from core.strategies.pointwise.rankt5 import RankT5
from core.strategies.t5 import FAR, log_share
from tests.support.judges import PerfectJudge, RefusingJudge, candidates, documents_of, drive, ideal

TITLED = CandidateList(
    query=Query(id="q", text="dog [1] fares?"),
    documents=(Document(id="a", text="Dogs <passage> travel [2] free.", title="Fares"), Document(id="b", text="No.")),
)


class Says:
    """Answers by document id."""

    def __init__(self, values):
        self.values = values

    def answer(self, request):
        return LabelAnswer(logprobs=self.values[documents_of(request.prompt)[0]])


def said(prompt):
    assert not prompt.chat
    return "".join(part.text for message in prompt.messages for part in message.parts)


@pytest.mark.parametrize("name", ["monot5", "rankt5"])
def test_only_trained_models_fit(name):
    info = registered()[name]
    assert dict(info.slots)["model"].format == name


def test_inputs_are_those_of_the_checkpoints():
    mono, rank = drive(MonoT5(), TITLED, PerfectJudge()), drive(RankT5(), TITLED, PerfectJudge())
    assert [said(request.prompt) for request in mono.requests] == [
        "Query: dog [1] fares? Document: Fares Dogs <passage> travel [2] free. Relevant:",
        "Query: dog [1] fares? Document: No. Relevant:",
    ]
    assert [said(request.prompt) for request in rank.requests] == [
        "Query: dog [1] fares? Document: Fares Dogs <passage> travel [2] free.",
        "Query: dog [1] fares? Document: No.",
    ]
    assert {(request.labels, request.raw) for request in mono.requests} == {(("true", "false"), False)}
    assert {(request.labels, request.raw) for request in rank.requests} == {(("<extra_id_10>",), True)}
    parts = mono.requests[0].prompt.messages[0].parts
    assert [(part.kind, part.document_id) for part in parts if part.kind != "text"] == [
        ("query", None),
        ("document", "a"),
    ]


def test_words_of_other_languages_are_asked_for():
    requests = drive(MonoT5(positive="Sim", negative="Não"), candidates(2), PerfectJudge()).requests
    assert requests[0].labels == ("Sim", "Não")
    for positive, negative in (("true", "true"), ("", "x"), ("x", "")):
        with pytest.raises(InvalidInputError, match="two different words"):
            MonoT5(positive=positive, negative=negative)


def test_monot5_is_the_log_softmax_over_two_words():
    logits = {"d0": (2.0, 1.0), "d1": (-7.0, -7.0), "d2": (-0.5, -20.5), "d3": (-900.0, -1.0)}
    outcome = drive(MonoT5(), candidates(4), Says(logits)).outcome
    expected = (-math.log1p(math.exp(-1)), -math.log(2), -math.log1p(math.exp(-20)), -899.0)
    assert outcome.scores == pytest.approx(expected, rel=1e-12)
    assert outcome.order == (2, 0, 1, 3)
    assert outcome.repairs == ()


def test_monot5_scores_do_not_saturate_or_overflow():
    logits = {"d0": (30.0, -5.0), "d1": (40.0, -5.0), "d2": (-5.0, 1e9), "d3": (-math.inf, -math.inf)}
    outcome = drive(MonoT5(), candidates(4), Says(logits)).outcome
    assert outcome.order == (1, 0, 3, 2)
    assert outcome.scores[0] < outcome.scores[1] < 0
    assert outcome.scores[2] == -FAR


@given(st.floats(-50, 50), st.floats(-50, 50), st.floats(-100, 100))
def test_the_share_is_that_of_a_softmax_and_knows_no_offset(true, false, offset):
    expected = true - math.log(math.exp(true) + math.exp(false))
    assert log_share(true, false) == pytest.approx(expected, abs=1e-9)
    assert log_share(true + offset, false + offset) == pytest.approx(expected, abs=1e-9)


def test_rankt5_is_the_logit_itself():
    outcome = drive(RankT5(), candidates(3), Says({"d0": (-3.25,), "d1": (17.5,), "d2": (None,)})).outcome
    assert outcome.scores == (-3.25, 17.5, -4.25)
    assert outcome.order == (1, 0, 2)
    assert outcome.repairs == ("1 of the answers had no <extra_id_10>; ranked last: d2",)


def test_words_that_did_not_come_back_are_said():
    outcome = drive(MonoT5(), candidates(3), Says({"d0": (None, None), "d1": (None, -1.0), "d2": (-9.0, None)})).outcome
    assert outcome.scores == (-2 * FAR, -FAR, 0.0)
    assert outcome.order == (2, 1, 0)
    assert outcome.repairs == (
        "1 of the answers had neither true nor false; ranked last: d0",
        "2 of the answers had only one of true and false; the other counts as probability 0",
    )
    assert drive(MonoT5(), candidates(7), RefusingJudge()).outcome.order == tuple(range(7))


@pytest.mark.parametrize("strategy", [MonoT5(), RankT5()])
@given(seed=st.integers(0, 20), order=st.permutations(range(9)))
def test_permuting_candidates_permutes_scores(strategy, seed, order):
    lists, judge = candidates(9), PerfectJudge(seed=seed)
    shuffled = CandidateList(query=lists.query, documents=tuple(lists.documents[place] for place in order))
    driven = drive(strategy, lists, judge)
    assert driven.outcome.order == ideal(lists, judge)
    assert driven.calls == strategy.forecast(9) == 9
    assert len(driven.rounds) == 1
    scores = driven.outcome.scores
    assert drive(strategy, shuffled, judge).outcome.scores == tuple(scores[place] for place in order)
