"""ANNCUR: exact where ranks allow it, what is asked, and lists without an index."""

from __future__ import annotations

import numpy as np
import pytest

from core.domain.documents import CandidateList, Query
from core.domain.errors import BadAnswerError
from core.domain.requests import Example, ExamplesAnswer, Score
from core.strategies.driver import drive
from core.strategies.embedding.anncur import Anncur
from core.strategies.embedding.cur import cur_scores
from core.strategies.judges import PerfectJudge
from tests.support.vector_judge import VectorJudge, listed

N = 40


def low_rank_judge(rank: int, n_queries: int = 12, seed: int = 0) -> tuple[VectorJudge, np.ndarray]:
    """Scores of query "q" (the last row) and of anchor queries x0 ... with all documents: a matrix of that rank."""
    rng = np.random.default_rng(seed)
    scores = rng.normal(size=(n_queries + 1, rank)) @ rng.normal(size=(rank, N))
    texts = {f"anchor {number}": number for number in range(n_queries)}

    def score(request: Score) -> float:
        return float(scores[texts.get(request.query, n_queries), int(request.document.id[1:])])

    examples = tuple(
        Example(
            candidates=CandidateList(query=Query(id=f"x{number}", text=f"anchor {number}"), documents=()), grades=()
        )
        for number in range(n_queries)
    )
    return VectorJudge(score=score, examples=ExamplesAnswer(examples=examples)), scores[-1]


def documents() -> CandidateList:
    return listed(*(f"text {place}" for place in range(N)))


@pytest.mark.parametrize("rank", [1, 4, 8])
def test_exact_at_full_rank(rank: int) -> None:
    rng = np.random.default_rng(rank)
    matrix = rng.normal(size=(31, rank)) @ rng.normal(size=(rank, 200))
    items = rng.permutation(200)[:10]
    found = cur_scores(matrix[-1, items], matrix[:-1], items, 1e-10)
    assert np.abs(found - matrix[-1]).max() < 1e-9


def test_not_exact_with_fewer_anchors_than_ranks() -> None:
    rng = np.random.default_rng(5)
    matrix = rng.normal(size=(31, 8)) @ rng.normal(size=(8, 200))
    assert np.abs(cur_scores(matrix[-1, :7], matrix[:-1], range(7), 1e-10) - matrix[-1]).max() > 0.1


def test_small_singular_values_do_not_blow_up() -> None:
    worst = {1e-3: 0.0, 0.0: 0.0}
    for seed in range(20):  # as many anchor queries as anchor documents, so that noise alone may be nearly singular
        rng = np.random.default_rng(seed)
        matrix = rng.normal(size=(11, 3)) @ rng.normal(size=(3, 50)) + 1e-4 * rng.normal(size=(11, 50))
        for rcond in worst:
            found = cur_scores(matrix[-1, :10], matrix[:-1], range(10), rcond)
            worst[rcond] = max(worst[rcond], float(np.abs(found - matrix[-1]).max()))
    assert worst[1e-3] < 2e-3
    assert worst[0.0] > 10 * worst[1e-3]


@pytest.mark.parametrize("anchors", ["uniform", "first"])
def test_the_whole_order_at_full_rank(anchors: str) -> None:
    judge, truth = low_rank_judge(rank=4)
    driven = drive(Anncur(items=8, rescored=5, anchors=anchors), documents(), judge)
    assert driven.outcome.order == tuple(np.argsort(-truth, kind="stable"))
    assert driven.outcome.scores == pytest.approx(truth, abs=1e-6)
    exact = [request for request in driven.requests if isinstance(request, Score) and not request.indexed]
    index = [request for request in driven.requests if isinstance(request, Score) and request.indexed]
    assert driven.calls == len(exact) == Anncur(items=8, rescored=5).forecast(N) == 13
    assert (len(index), len(driven.rounds)) == (12 * N, 3)
    assert len({request.document.id for request in exact}) == 13
    assert {request.query for request in exact} == {"what is a ferry"}


def test_the_best_are_scored_exactly_where_the_rank_is_too_high() -> None:
    judge, truth = low_rank_judge(rank=12)
    driven = drive(Anncur(items=6, rescored=8), documents(), judge)
    asked = [r.document.id for r in driven.requests if isinstance(r, Score) and not r.indexed]
    last = [int(id[1:]) for id in asked[6:]]
    scores = driven.outcome.scores or ()
    for position in (int(id[1:]) for id in asked):
        assert scores[position] == pytest.approx(truth[position], abs=1e-6)
    rest = [position for position in range(N) if f"d{position}" not in asked]
    assert max(scores[position] for position in rest) <= min(truth[position] for position in last) + 1e-6
    assert driven.outcome.order != tuple(np.argsort(-truth, kind="stable"))


def test_uniform_anchors_depend_on_the_seed_and_the_query() -> None:
    def anchors(seed: int) -> list[str]:
        judge, _ = low_rank_judge(rank=2)
        asked = drive(Anncur(items=5, rescored=0, seed=seed), documents(), judge).requests
        return [r.document.id for r in asked if isinstance(r, Score) and not r.indexed]

    assert anchors(0) == anchors(0) != anchors(1)
    assert sorted(anchors(0), key=lambda id: int(id[1:])) == anchors(0)


def test_without_other_queries_the_first_documents_are_scored() -> None:
    judge = VectorJudge(score=lambda request: float(request.document.id[1:]))
    driven = drive(Anncur(items=3, rescored=2), documents(), judge)
    assert driven.outcome.order == (4, 3, 2, 1, 0, *range(5, N))
    assert driven.calls == 5
    assert "no other judged query" in driven.outcome.repairs[0]


@pytest.mark.parametrize(("n_docs", "calls"), [(0, 0), (1, 0), (2, 2), (20, 20), (21, 20), (100, 20)])
def test_calls(n_docs: int, calls: int) -> None:
    lists = listed(*(f"text {place}" for place in range(n_docs)))
    assert drive(Anncur(), lists, PerfectJudge()).calls == Anncur().forecast(n_docs) == calls


@pytest.mark.parametrize("odd", [float("nan"), float("inf")])
def test_a_score_that_is_no_number_is_an_error(odd: float) -> None:
    judge, _ = low_rank_judge(rank=2)
    wrong = VectorJudge(score=lambda request: odd if request.indexed else 1.0, examples=judge.examples)
    with pytest.raises(BadAnswerError, match="finite"):
        drive(Anncur(), documents(), wrong)
