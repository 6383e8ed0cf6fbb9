"""Strategies that score each document on its own: hand-computed scores, counts, order independence."""

import math
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.documents import CandidateList, Document, Query
from core.domain.errors import BadAnswerError
from core.domain.requests import Embed, EmbedAnswer, LabelAnswer, LikelihoodAnswer, ScoreAnswer, ScoreList
from core.strategies.resolve import build, resolve
from tests.support.judges import PerfectJudge, RefusingJudge, candidates, drive, find_model, ideal

SPECS = (
    "bm25",
    "bi-encoder",
    "maxsim",
    "cross-encoder:a cross encoder",
    "yes-no",
    "query-likelihood",
    "graded-judge",
    "graded-generation?mix=0",
    "erank",
    "endpoint-rerank:endpoint",
)
CALLS = {"bm25": 1, "endpoint-rerank": 1, "bi-encoder": 31, "maxsim": 31}


def make(spec):
    return build(resolve(spec, find_model))


@dataclass
class Says:
    """Answers each request with what a function says of it."""

    function: object

    def answer(self, request):
        return self.function(request)


def by_id(values, answer):
    """A judge that answers by the document in the prompt or request."""

    def say(request):
        if hasattr(request, "document"):
            return answer(values[request.document.id])
        ids = [p.document_id for m in request.prompt.messages for p in m.parts if p.kind == "document"]
        return answer(values[ids[0]])

    return Says(say)


@pytest.mark.parametrize("spec", SPECS)
def test_perfect_judge_gives_the_true_order_in_one_round(spec):
    judge, lists = PerfectJudge(seed=7), candidates(30)
    driven = drive(make(spec), lists, judge)
    assert driven.outcome.order == ideal(lists, judge)
    assert len(driven.rounds) == 1
    assert driven.calls == CALLS.get(spec.split(":")[0], 30) == make(spec).forecast(30)
    assert driven.outcome.repairs == ()


@pytest.mark.parametrize("spec", SPECS)
@given(seed=st.integers(0, 10), order=st.permutations(range(12)))
def test_permuting_candidates_permutes_scores(spec, seed, order):
    lists = candidates(12)
    shuffled = CandidateList(query=lists.query, documents=tuple(lists.documents[p] for p in order))
    judge, strategy = PerfectJudge(seed=seed), make(spec)
    scores = drive(strategy, lists, judge).outcome.scores
    assert drive(strategy, shuffled, judge).outcome.scores == tuple(scores[p] for p in order)


@pytest.mark.parametrize("spec", [*SPECS, "first-stage"])
@pytest.mark.parametrize("n_docs", [0, 1])
def test_nothing_to_order_asks_nothing(spec, n_docs):
    driven = drive(make(spec), candidates(n_docs), PerfectJudge())
    assert driven.rounds == ()
    assert driven.outcome.order == tuple(range(n_docs))
    assert make(spec).forecast(n_docs) == 0


def test_first_stage_keeps_order_and_falling_scores():
    documents = candidates(3).documents
    lists = CandidateList(query=Query(id="q", text="x"), documents=documents, first_stage_scores=(3.0, 1.0, 1.0))
    outcome = drive(make("first-stage"), lists, PerfectJudge()).outcome
    assert (outcome.order, outcome.scores) == ((0, 1, 2), (3.0, 1.0, 1.0))
    rising = CandidateList(query=lists.query, documents=documents, first_stage_scores=(1.0, 2.0, 3.0))
    outcome = drive(make("first-stage"), rising, PerfectJudge()).outcome
    assert (outcome.order, outcome.scores) == ((0, 1, 2), None)


def test_bm25_asks_with_the_statistics_of_the_collection():
    documents = candidates(3).documents
    lists = CandidateList(query=Query(id="q", text="boat"), documents=documents, collection="fingerprint")
    (request,) = drive(make("bm25"), lists, PerfectJudge()).requests
    assert request == ScoreList(query="boat", documents=documents, collection="fingerprint")


def test_bi_encoder_is_the_cosine_whatever_the_lengths():
    vectors = {"query": [3, 4], "d0": [0, 2], "d1": [5, 0], "d2": [0, 0], "d3": [-6, -8]}

    def say(request):
        vector = vectors[request.document_id or "query"]
        return EmbedAnswer(vector=np.array(vector, dtype=np.float32))

    driven = drive(make("bi-encoder"), candidates(4), Says(say))
    assert driven.outcome.scores == pytest.approx((0.8, 0.6, 0.0, -1.0), abs=1e-6)
    assert driven.outcome.order == (0, 1, 2, 3)
    assert driven.requests[0] == Embed(text="where is the ferry", role="query")
    assert driven.requests[1] == Embed(text="passage number 0", role="document", document_id="d0")


def test_maxsim_is_the_sum_of_the_best_cosines():
    vectors = {
        "query": [[1, 0], [0, 2]],
        "d0": [[1, 1]],  # cos 45° twice
        "d1": [[3, 0], [0, 1], [-1, 0]],  # 1 + 1
        "d2": [[-1, 0]],  # -1 + 0
        "d3": [],  # no token: the least there is
    }

    def say(request):
        rows = vectors[request.document_id or "query"]
        return EmbedAnswer(vector=np.array(rows, dtype=np.float32).reshape(len(rows), 2))

    outcome = drive(make("maxsim"), candidates(4), Says(say)).outcome
    assert outcome.scores == pytest.approx((math.sqrt(2), 2.0, -1.0, -2.0), abs=1e-6)
    assert outcome.order == (1, 0, 2, 3)


def test_cross_encoder_ties_keep_the_first_stage_order():
    judge = by_id({"d0": 1.0, "d1": 2.0, "d2": 1.0, "d3": 2.0}, lambda score: ScoreAnswer(score=score))
    outcome = drive(make("cross-encoder:a cross encoder"), candidates(4), judge).outcome
    assert outcome.order == (1, 3, 0, 2)
    assert outcome.scores == (1.0, 2.0, 1.0, 2.0)


def test_a_score_that_is_not_finite_is_refused():
    judge = by_id({"d0": 1.0, "d1": math.nan}, lambda score: ScoreAnswer(score=score))
    with pytest.raises(BadAnswerError, match="Document 2"):
        drive(make("cross-encoder:a cross encoder"), candidates(2), judge)


def test_yes_no_is_the_share_of_yes_over_all_spellings():
    log = math.log
    answers = {
        "d0": (log(0.1), log(0.1), log(0.1), None, log(0.3), log(0.2), None, log(0.1)),  # 0.3 / 0.9
        "d1": (None, log(0.6), None, None, log(0.2), None, None, None),  # 0.6 / 0.8
        "d2": (-1000.0,) * 4 + (-1001.0,) * 4,  # tiny probabilities: sigmoid(1)
        "d3": (None,) * 8,
        "d4": (None,) * 4 + (log(0.5), None, None, None),
        "d5": (-math.inf,) * 8,
    }
    judge = by_id(answers, lambda values: LabelAnswer(logprobs=values))
    outcome = drive(make("yes-no"), candidates(6), judge).outcome
    assert outcome.scores == pytest.approx((1 / 3, 0.75, 1 / (1 + math.exp(-1)), -1.0, 0.0, 0.5))
    assert outcome.order == (1, 2, 5, 0, 4, 3)
    assert outcome.repairs == (
        "1 of the answers had neither yes nor no; ranked last: d3",
        "1 of the answers had only one of yes and no; the other counts as probability 0",
    )


def test_a_model_without_yes_and_no_leaves_the_order_and_says_so_once():
    outcome = drive(make("yes-no"), candidates(12), RefusingJudge()).outcome
    assert outcome.order == tuple(range(12))
    assert outcome.repairs == (
        "12 of the answers had neither yes nor no; ranked last: d0, d1, d2, d3, d4, d5, d6, d7, d8, d9, ...",
    )


@given(st.floats(-50, 0), st.floats(-50, 0), st.floats(0.001, 5))
def test_yes_no_rises_with_the_difference(yes, no, more):
    answers = {"d0": (yes, *[None] * 3, no, *[None] * 3), "d1": (yes + more, *[None] * 3, no, *[None] * 3)}
    judge = by_id(answers, lambda values: LabelAnswer(logprobs=values))
    less, greater = drive(make("yes-no"), candidates(2), judge).outcome.scores
    assert less <= greater
    assert 0 <= less <= 1


def test_query_likelihood_is_the_sum_over_the_tokens_of_the_query():
    answers = {"d0": (-1.0, -2.0, -3.0), "d1": (-0.5, -0.25, -5.0), "d2": (-2.0, -2.0, -2.0)}
    judge = by_id(answers, lambda values: LikelihoodAnswer(logprobs=values))
    driven = drive(make("query-likelihood"), candidates(3), judge)
    assert driven.outcome.scores == (-6.0, -5.75, -6.0)
    assert driven.outcome.order == (1, 0, 2)
    request = driven.requests[0]
    assert request.continuation == " where is the ferry"
    assert not request.prompt.chat
    assert [part.kind for part in request.prompt.messages[0].parts] == ["text", "document", "text"]


def test_documents_without_text_are_ranked():
    lists = CandidateList(query=Query(id="q", text="x"), documents=tuple(Document(id=i, text="") for i in "ab"))
    for spec in SPECS:
        assert sorted(drive(make(spec), lists, PerfectJudge()).outcome.order) == [0, 1]
