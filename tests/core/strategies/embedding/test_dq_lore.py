"""DQ-LoRe: the projection against plain algebra, the second query, and what stays in its place."""

from __future__ import annotations

import numpy as np
import pytest

from core.domain.errors import BadAnswerError
from core.domain.requests import Embed, Generate
from core.strategies.driver import drive
from core.strategies.embedding.dq_lore import DqLore
from core.strategies.embedding.projection import principal
from core.strategies.judges import PerfectJudge
from tests.support.vector_judge import VectorJudge, listed, written


def judge_of(rng: np.random.Generator, n_docs: int, text: str = "Ferries are ships.") -> VectorJudge:
    vectors = {f"d{place}": rng.normal(size=16) for place in range(n_docs)}
    return VectorJudge(vectors={"query": rng.normal(size=16), **vectors}, text=text)


@pytest.mark.parametrize(("n_vectors", "dim"), [(2, 5), (17, 40), (40, 17), (9, 9)])
def test_inner_products_are_preserved_at_full_rank(n_vectors: int, dim: int) -> None:
    vectors = np.random.default_rng(n_vectors).normal(size=(n_vectors, dim))
    seen = principal(vectors, 128)
    centred = vectors - vectors.mean(axis=0)
    assert seen.shape == (n_vectors, min(n_vectors - 1, dim))
    assert np.abs(seen @ seen.T - centred @ centred.T).max() < 1e-9


def test_few_components_are_the_best_of_that_number() -> None:
    vectors = np.random.default_rng(3).normal(size=(12, 6))
    centred = vectors - vectors.mean(axis=0)
    spectrum = np.linalg.eigvalsh(centred.T @ centred)[::-1]
    for count in (1, 2, 4):
        seen = principal(vectors, count)
        assert seen.shape == (12, count)
        assert np.sum(seen**2) == pytest.approx(spectrum[:count].sum())


def test_permuting_vectors_permutes_their_projections() -> None:
    rng = np.random.default_rng(4)
    vectors, order = rng.normal(size=(10, 20)), rng.permutation(10)
    seen, turned = principal(vectors, 4), principal(vectors[order], 4)
    assert np.abs(seen[order] @ seen[order].T - turned @ turned.T).max() < 1e-9
    assert np.abs(seen[order] - seen).max() > 0.1


@pytest.mark.parametrize("components", [1, 3, 128])
def test_scores_equal_an_eigenvector_of_the_covariance_at_a_time(components: int) -> None:
    judge = judge_of(np.random.default_rng(5), 8)
    outcome = drive(DqLore(components=components), listed(*"abcdefgh"), judge).outcome
    rows = np.stack([np.asarray(judge.vectors[name]) for name in ("query", *(f"d{place}" for place in range(8)))])
    rows = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    centred = rows - rows.mean(axis=0)
    values, axes = np.linalg.eigh(centred.T @ centred)
    expected = np.zeros(8)
    for axis in axes[:, np.argsort(-values)[: min(components, 8)]].T:
        expected += (centred[0] @ axis) * (centred[1:] @ axis)
    assert outcome.scores == pytest.approx(expected, abs=1e-6)
    assert outcome.order == tuple(np.argsort(-expected))


def test_the_second_query_is_question_and_rationale() -> None:
    lists = listed("Ferries cross.", "Trains run.", "Planes fly.", "Cars roll.")
    driven = drive(DqLore(shown=2), lists, judge_of(np.random.default_rng(6), 4))
    [asked] = [request for request in driven.requests if isinstance(request, Generate)]
    assert asked.slot == "generator"
    assert "Trains run." in written(asked.prompt)
    assert "Planes fly." not in written(asked.prompt)
    [again] = driven.rounds[1]
    assert again == Embed(text="what is a ferry\nFerries are ships.", role="query", slot="embedder")
    assert driven.outcome.reasoning == ("rationale: Ferries are ships.",)
    silent = drive(DqLore(), lists, judge_of(np.random.default_rng(6), 4, text="  "))
    assert silent.rounds[1][0].text == "what is a ferry"  # type: ignore[union-attr]  # an Embed
    assert silent.outcome.repairs
    assert silent.outcome.reasoning == ()


def test_documents_after_the_depth_stay_behind() -> None:
    lists = listed(*(f"text {place}" for place in range(30)))
    driven = drive(DqLore(depth=5), lists, PerfectJudge(seed=2))
    assert sorted(driven.outcome.order[:5]) == [0, 1, 2, 3, 4]
    assert driven.outcome.order[5:] == tuple(range(5, 30))
    assert driven.outcome.scores is None
    assert driven.calls == DqLore(depth=5).forecast(30) == 7


def test_equal_documents_keep_their_order() -> None:
    rng = np.random.default_rng(7)
    same, other = rng.normal(size=16), rng.normal(size=16)
    vectors = {"query": rng.normal(size=16)} | {f"d{place}": other if place == 5 else same for place in range(12)}
    order = drive(DqLore(), listed(*("x" * 12)), VectorJudge(vectors=vectors, text="y")).outcome.order
    assert [place for place in order if place != 5] == [place for place in range(12) if place != 5]


@pytest.mark.parametrize("odd", [float("nan"), float("inf")])
def test_a_vector_that_is_not_finite_is_an_error(odd: float) -> None:
    judge = VectorJudge(vectors={"query": [1.0, 0.0], "d0": [0.0, 1.0], "d1": [odd, 1.0]}, text="Because.")
    with pytest.raises(BadAnswerError, match="finite"):
        drive(DqLore(), listed("x", "x"), judge)
