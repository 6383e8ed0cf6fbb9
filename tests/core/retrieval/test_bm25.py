"""BM25 against its formula written out, ties, empty cases."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.documents import Document
from core.measures.analysis import Analyzer
from core.retrieval.bm25_index import Bm25Index

WORDS = st.lists(st.sampled_from(["ferry", "ticket", "boat", "harbour", "the", "nine"]), max_size=12).map(" ".join)


def documents(*texts: str) -> list[Document]:
    return [Document(id=f"d{n}", text=text) for n, text in enumerate(texts)]


def by_formula(query: str, texts: Sequence[str], k1: float = 1.2, b: float = 0.75) -> list[float]:
    analyzer = Analyzer()
    bags = [analyzer.stems(text) for text in texts]
    mean = sum(map(len, bags)) / len(bags)
    scores = []
    for bag in bags:
        total = 0.0
        for term in analyzer.stems(query):
            df = sum(term in other for other in bags)
            tf = bag.count(term)
            if tf:
                idf = math.log(1 + (len(bags) - df + 0.5) / (df + 0.5))
                total += idf * tf / (tf + k1 * (1 - b + b * len(bag) / mean))
        scores.append(total)
    return scores


@given(st.lists(WORDS, min_size=1, max_size=8), WORDS)
def test_scores_agree_with_the_formula(texts: list[str], query: str) -> None:
    found = Bm25Index.build(documents(*texts)).scores(query)
    assert found.shape == (len(texts),)
    assert found == pytest.approx(by_formula(query, texts), rel=1e-5, abs=1e-6)


def test_the_title_counts() -> None:
    index = Bm25Index.build([Document(id="a", title="Ferry", text="boat"), Document(id="b", text="boat")])
    assert index.scores("ferry")[0] > 0 == index.scores("ferry")[1]


def test_only_matching_documents_are_found_best_first() -> None:
    index = Bm25Index.build(documents("ferry boat", "boat", "ferry ferry", "harbour"))
    assert [document for document, _ in index.top("ferry", 10)] == ["d2", "d0"]
    assert index.top("submarine", 10) == index.top("", 10) == index.top("the and", 10) == []


@given(st.permutations(["b", "a", "d", "c", "e", "f"]), st.integers(1, 6))
def test_ties_are_ordered_by_id_whatever_the_corpus_order(ids: list[str], depth: int) -> None:
    texts = {"a": "ferry", "b": "ferry", "c": "ferry ferry", "d": "ferry", "e": "boat boat", "f": "ferry"}
    index = Bm25Index.build(Document(id=id, text=texts[id]) for id in ids)
    assert [document for document, _ in index.top("ferry", depth)] == ["c", "a", "b", "d", "f"][:depth]


@given(st.lists(WORDS, min_size=1, max_size=20), WORDS, st.integers(1, 25))
def test_top_agrees_with_sorting_everything(texts: list[str], query: str, depth: int) -> None:
    index = Bm25Index.build(documents(*texts))
    scores = index.scores(query)
    ranked = sorted((-float(score), f"d{n}") for n, score in enumerate(scores) if score > 0)
    assert index.top(query, depth) == [(document, -negative) for negative, document in ranked[:depth]]


@pytest.mark.parametrize("texts", [[], [""], ["", "the and of"]])
def test_collections_without_any_term(texts: list[str]) -> None:
    index = Bm25Index.build(documents(*texts))
    assert index.scores("ferry").tolist() == [0.0] * len(texts)
    assert index.top("ferry", 5) == []


def test_nothing_is_printed(capfd: pytest.CaptureFixture[str]) -> None:
    Bm25Index.build(documents(*["ferry boat"] * 500)).top("ferry", 3)
    assert capfd.readouterr() == ("", "")


def test_single_precision_is_kept() -> None:
    assert Bm25Index.build(documents("ferry")).scores("ferry").dtype == np.float32
