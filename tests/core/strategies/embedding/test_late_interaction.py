"""Late interaction: neutral parameters equal brute force, both rules by hand, and what is skipped is not lost."""

from __future__ import annotations

import numpy as np
import pytest

from core.domain.errors import BadAnswerError
from core.domain.requests import Embed
from core.strategies.driver import Driven, drive
from core.strategies.embedding.late_interaction import LateInteraction, kept_candidates
from core.strategies.embedding.maxsim import MaxSim
from core.strategies.vectors import max_similarity
from tests.support.vector_judge import VectorJudge, listed


def worth_judge(worths: list[float]) -> VectorJudge:
    """MaxSim of document i is worths[i], in [-1, 1]."""
    vectors = {f"d{place}": [[worth, (1 - worth * worth) ** 0.5]] for place, worth in enumerate(worths)}
    return VectorJudge(vectors={"query": [[1.0, 0.0]], **vectors})


def random_judge(rng: np.random.Generator, n_docs: int) -> VectorJudge:
    vectors = {f"d{place}": rng.normal(size=(rng.integers(0, 6), 8)) for place in range(n_docs)}
    return VectorJudge(vectors={"query": rng.normal(size=(4, 8)), **vectors})


def run(strategy: LateInteraction, worths: list[float], scores: tuple[float, ...] | None = None) -> Driven:
    return drive(strategy, listed(*(["x"] * len(worths)), scores=scores), worth_judge(worths))


def scored(driven: Driven) -> list[int]:
    documents = [request.document_id for request in driven.requests if isinstance(request, Embed)]
    return [int(id[1:]) for id in documents if id]


def test_neutral_parameters_are_brute_force() -> None:
    rng = np.random.default_rng(1)
    for n_docs in (2, 3, 9, 10, 11, 40):
        judge = random_judge(rng, n_docs)
        scores = tuple(sorted(rng.uniform(0, 9, n_docs), reverse=True))
        lists = listed(*(["x"] * n_docs), scores=scores)
        for k in (1, 5, 10):
            found = drive(LateInteraction(k=k, alpha=1, beta=0), lists, judge).outcome
            expected = drive(MaxSim(), lists, judge).outcome
            assert (found.order, found.scores) == (expected.order, expected.scores)


def test_maxsim_against_loops_and_more_tokens() -> None:
    rng = np.random.default_rng(2)
    query, document = rng.normal(size=(5, 8)), rng.normal(size=(7, 8))
    lengths = [np.linalg.norm(rows, axis=1) for rows in (query, document)]
    slow = sum(
        max(float(q @ d) / float(lq * ld) for d, ld in zip(document, lengths[1], strict=True))
        for q, lq in zip(query, lengths[0], strict=True)
    )
    assert max_similarity(query, document) == pytest.approx(slow, abs=1e-5)
    for count in range(1, 7):
        assert max_similarity(query, document[: count + 1]) >= max_similarity(query, document[:count])


@pytest.mark.parametrize(
    ("scores", "k", "alpha", "kept"),
    [
        ((10.0, 9.0, 8.0, 7.7, 7.6, 1.0), 3, 0.05, (0, 1, 2, 3, 4)),  # 8 * 0.95 = 7.6
        ((10.0, 9.0, 8.0, 7.7, 7.5, 1.0), 3, 0.05, (0, 1, 2, 3)),
        ((10.0, 9.0, 8.0, 7.7), 3, 0.0, (0, 1, 2)),
        ((1.0, 9.0, 8.0, 7.7, 10.0), 2, 0.0, (1, 4)),  # not sorted
        ((5.0, 5.0, 5.0), 1, 0.0, (0, 1, 2)),
        ((-1.0, -2.0, -3.0, -11.0), 2, 0.1, (0, 1)),  # above -11: 10, 9, 8, 0; bar 8.1
        ((-1.0, -2.0, -3.0, -11.0), 2, 0.2, (0, 1, 2)),  # bar 7.2
        ((-1.0, -2.0, -3.0, -11.0), 2, 1.0, (0, 1, 2, 3)),
        ((2.0, 0.0, -2.0), 1, 0.5, (0, 1)),
    ],
)
def test_pruning_by_hand(scores: tuple[float, ...], k: int, alpha: float, kept: tuple[int, ...]) -> None:
    assert kept_candidates(scores, len(scores), k, alpha) == kept


def test_nothing_is_pruned_without_scores_or_with_few_documents() -> None:
    assert kept_candidates(None, 5, 2, 0.0) == (0, 1, 2, 3, 4)
    assert kept_candidates((9.0, 1.0), 2, 10, 0.0) == (0, 1)


def test_rounding_prunes_none_of_the_best_k() -> None:
    rng = np.random.default_rng(0)
    for _ in range(300):
        scores = tuple(float(score) for score in rng.normal(size=6))
        assert len(kept_candidates(scores, 6, 3, 0.0)) == 3


@pytest.mark.parametrize("odd", [float("inf"), float("-inf"), float("nan")])
def test_first_stage_scores_that_are_not_finite_prune_nothing(odd: float) -> None:
    assert kept_candidates((9.0, 5.0, odd, 1.0), 4, 1, 0.05) == (0, 1, 2, 3)


def test_a_score_without_a_rank_is_an_error() -> None:
    judge = VectorJudge(vectors={"query": [[1.0, 0.0]], "d0": [[1.0, 0.0]], "d1": [[float("nan"), 1.0]]})
    with pytest.raises(BadAnswerError, match="Document 2"):
        drive(LateInteraction(), listed("x", "x"), judge)


def test_early_exit_by_hand() -> None:
    worths = [0.5, 0.4, 0.1, 0.2, 0.45, 0.3, 0.1, 0.2, 0.9]
    driven = run(LateInteraction(k=2, alpha=1, beta=3), worths)
    # 0.5 and 0.4 first; 0.1 and 0.2 fail, 0.45 enters (bar 0.45); 0.3, 0.1 and 0.2 fail: the 0.9 is never seen
    assert scored(driven) == [0, 1, 2, 3, 4, 5, 6, 7]
    assert driven.outcome.order == (0, 4, 1, 5, 3, 7, 2, 6, 8)
    assert driven.outcome.scores is None
    assert [len(asked) for asked in driven.rounds] == [3, 3, 3]
    assert run(LateInteraction(k=2, alpha=1, beta=0), worths).outcome.order[0] == 8


def test_early_exit_equals_one_document_at_a_time() -> None:
    rng = np.random.default_rng(3)
    for _ in range(60):
        n_docs, k, beta = int(rng.integers(2, 25)), int(rng.integers(1, 6)), int(rng.integers(1, 5))
        worths = [float(value) for value in rng.integers(0, 9, n_docs) / 9]
        seen, still = list(range(min(k, n_docs))), 0
        while len(seen) < n_docs and still < beta:
            bar = sorted((worths[place] for place in seen), reverse=True)[k - 1]
            still = 0 if np.float32(worths[len(seen)]) > np.float32(bar) else still + 1
            seen.append(len(seen))
        assert scored(run(LateInteraction(k=k, alpha=1, beta=beta), worths)) == seen


def test_fewer_survivors_than_k_still_give_everything() -> None:
    scores = (10.0, 1.0, 1.0, 1.0, 1.0)
    driven = run(LateInteraction(k=1, alpha=0, beta=2), [0.1, 0.9, 0.8, 0.7, 0.6], scores)
    assert driven.outcome.order == (0, 1, 2, 3, 4)
    assert scored(driven) == [0]
    assert driven.calls <= LateInteraction().forecast(5) == 6
