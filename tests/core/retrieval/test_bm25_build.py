"""The index that is built in pieces against bm25s's own, bit for bit, and BM25 by hand in several languages."""

from __future__ import annotations

import math
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.domain.documents import Document
from core.retrieval import bm25_build
from core.retrieval.bm25_build import build_steps
from core.retrieval.bm25_index import Bm25Index

WORDS = st.lists(st.sampled_from([f"w{n}" for n in range(12)] + ["the"]), max_size=15).map(" ".join)


@pytest.fixture(autouse=True)
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Many blocks and ranges even in a corpus of a few documents."""
    monkeypatch.setattr(bm25_build, "BLOCK_TOKENS", 20)
    monkeypatch.setattr(bm25_build, "RANGE_POSTINGS", 7)


def built(texts: list[str], folder: Path, language: str = "en") -> Bm25Index:
    documents = [Document(id=f"d{97 * n % 101}", text=text) for n, text in enumerate(texts)]
    for _ in build_steps(documents, language, folder):
        pass
    return Bm25Index.load(folder, language)


@settings(max_examples=60, deadline=None)
@given(st.lists(WORDS, max_size=25), WORDS)
def test_scores_are_those_of_bm25s_bit_for_bit(texts: list[str], query: str) -> None:
    documents = [Document(id=f"d{97 * n % 101}", text=text) for n, text in enumerate(texts)]
    with TemporaryDirectory() as folder:
        found = built(texts, Path(folder))
        theirs = Bm25Index.build(documents)
        assert found.scores(query).tolist() == theirs.scores(query).tolist()
        assert found.top(query, 5) == theirs.top(query, 5)
        assert [found.row(document.id) for document in documents] == list(range(len(documents)))


def test_nothing_but_the_index_is_left(tmp_path: Path) -> None:
    built(["w1 w2 w3"] * 30, tmp_path)
    assert not list(tmp_path.glob("*.tmp"))


def test_there_is_a_pause_after_every_piece(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bm25_build, "DOCUMENTS_PER_STEP", 10)
    documents = [Document(id=str(n), text=f"w{n} w{n + 1}") for n in range(50)]
    steps = list(build_steps(documents, "en", tmp_path, total=50))
    reading = [step for step in steps if step.note.startswith("reading")]
    assert [(step.done, step.total) for step in reading] == [(10, 50), (20, 50), (30, 50), (40, 50), (50, 50)]
    writing = [step for step in steps if step.note.startswith("writing")]
    assert [step.done for step in writing] == sorted(step.done for step in writing)
    assert writing[-1].done == writing[-1].total == 100
    assert len(writing) >= 100 // 7


@pytest.mark.parametrize(
    ("language", "texts", "query", "tf", "df", "lengths"),
    [
        # 模型 in the first text twice, in one of three; lengths in pairs of characters
        ("zh", ["模型和模型", "检索", "中文 模"], "模型", [2, 0, 0], 1, [4, 1, 2]),
        ("de", ["Die Häuser am Wald", "ein Haus, zwei Häuser", "der Wald"], "Haus", [1, 2, 0], 2, [2, 3, 1]),
        ("code", ["parseFile(x)", "file = None", "x"], "file", [1, 1, 0], 2, [4, 2, 1]),
    ],
)
def test_scores_by_hand(
    tmp_path: Path, language: str, texts: list[str], query: str, tf: list[int], df: int, lengths: list[int]
) -> None:
    mean = sum(lengths) / 3
    idf = math.log(1 + (3 - df + 0.5) / (df + 0.5))
    expected = [idf * n / (n + 1.2 * (0.25 + 0.75 * length / mean)) for n, length in zip(tf, lengths, strict=True)]
    assert built(texts, tmp_path, language).scores(query).tolist() == pytest.approx(expected, rel=1e-6)


def test_a_chinese_query_finds_what_shares_a_pair(tmp_path: Path) -> None:
    index = built(["我们使用检索模型", "今天天气", "模型"], tmp_path, "zh")
    assert [id for id, _ in index.top("检索模型", 5)] == ["d0", "d93"]
