"""TSPRank: the heaviest path by brute force, what the comparator is shown, and the trained network in between."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from core.catalog.digests import DigestCache
from core.domain.errors import BadAnswerError
from core.domain.models import ModelKind
from core.domain.requests import Transform
from core.models.trained_head import HEADS, load
from core.strategies.driver import drive
from core.strategies.judges import PerfectJudge
from core.strategies.pairwise.tsprank import TspRank, item_vector
from tests.support.judges import candidates, ideal
from tests.support.tiny_models import context_for, entry_for
from tests.support.vector_judge import VectorJudge, listed


def heaviest(matrix: np.ndarray) -> tuple[int, ...]:
    paths = itertools.permutations(range(len(matrix)))
    return max(paths, key=lambda path: sum(matrix[a, b] for a, b in itertools.pairwise(path)))


@pytest.mark.parametrize("n_docs", [2, 3, 5, 7])
def test_the_order_is_the_heaviest_path(n_docs: int) -> None:
    for seed in range(5):
        matrix = np.random.default_rng(seed).normal(size=(n_docs, n_docs)).astype(np.float32)
        vectors = {"query": [1.0, 2.0], **{f"d{place}": [place, 1.0] for place in range(n_docs)}}
        driven = drive(
            TspRank(), listed(*("x" * n_docs)), VectorJudge(vectors=vectors, transform=lambda _r, m=matrix: m)
        )
        assert driven.outcome.order == heaviest(matrix)
        assert driven.calls == TspRank().forecast(n_docs) == n_docs + 2


def test_a_perfect_comparator_gives_the_true_order_of_long_lists() -> None:
    judge = PerfectJudge(seed=5)
    for n_docs in (12, 16, 40):
        lists = candidates(n_docs)
        assert drive(TspRank(), lists, judge).outcome.order == ideal(lists, judge)


def test_items_by_hand() -> None:
    query, document = np.array([0, 2], dtype=np.float32), np.array([3, 4], dtype=np.float32)
    assert item_vector(query, document, "document") == pytest.approx([0.6, 0.8])
    assert item_vector(query, document, "product") == pytest.approx([0, 0.8])
    assert item_vector(query, document, "both") == pytest.approx([0.6, 0.8, 0, 0.8])
    judge = VectorJudge(vectors={"query": [0, 2], "d0": [3, 4], "d1": [1, 0]}, transform=lambda _r: np.zeros((2, 2)))
    [asked] = drive(TspRank(features="product"), listed("a", "b"), judge).rounds[1]
    assert isinstance(asked, Transform)
    assert np.array(asked.vectors) == pytest.approx(np.array([[0, 0.8], [0, 0]]))
    assert asked.slot == "head"


def test_a_matrix_of_another_shape_or_without_numbers_is_an_error() -> None:
    judge = VectorJudge(vectors={"query": [1], "d0": [1], "d1": [1]}, transform=lambda _r: np.zeros((3, 3)))
    with pytest.raises(BadAnswerError, match=r"shape \(3, 3\) for 2 documents"):
        drive(TspRank(), listed("a", "b"), judge)
    judge = VectorJudge(vectors={"query": [1], "d0": [1], "d1": [1]}, transform=lambda _r: [[0, np.nan], [1, 0]])
    with pytest.raises(BadAnswerError, match="finite"):
        drive(TspRank(), listed("a", "b"), judge)


def test_with_a_trained_network_and_one_comparator_candidates_may_come_in_any_order(tmp_path: Path) -> None:
    config = {"head": "tsprank", "input_dim": 8, "layers": 1, "heads": 2, "separate": False}
    folder = tmp_path / "head"
    folder.mkdir()
    (folder / "config.json").write_text(str(config).replace("'", '"').replace("False", "false"))
    torch.manual_seed(3)
    save_file(HEADS["tsprank"](config).state_dict(), folder / "model.safetensors")
    entry = entry_for(ModelKind.TRAINED_HEAD, f"folder:{folder}", revision=DigestCache(tmp_path / "d").folder(folder))
    adapter: Any = load(entry, context_for(tmp_path))
    rng = np.random.default_rng(6)
    vectors = {"query": rng.normal(size=4), **{f"d{place}": rng.normal(size=4) for place in range(6)}}

    def ranked(order: list[int]) -> list[int]:
        named = {"query": vectors["query"], **{f"d{place}": vectors[f"d{old}"] for place, old in enumerate(order)}}
        judge = VectorJudge(vectors=named, transform=lambda r: adapter.answer([r], lambda: False)[0].values)
        return [order[place] for place in drive(TspRank(), listed(*("x" * 6)), judge).outcome.order]

    first = ranked([0, 1, 2, 3, 4, 5])
    assert first == ranked([5, 3, 1, 0, 2, 4]) == ranked([2, 0, 4, 5, 1, 3])
    assert first != [0, 1, 2, 3, 4, 5]
