"""E2Rank: the trained prompt word by word, what depends on the listing, and a plain model on the same strings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from transformers import AutoModel, AutoTokenizer

from core.domain.documents import Document
from core.domain.models import ModelKind
from core.domain.requests import Embed, EmbedPrompt
from core.strategies.driver import drive
from core.strategies.embedding.bi_encoder import BiEncoder
from core.strategies.embedding.e2rank import E2Rank, pseudo_query
from core.strategies.embedding.pseudo_query import PseudoQuery
from core.strategies.judges import PerfectJudge
from tests.support.tiny_embedders import END, save_marked
from tests.support.tiny_models import TEXTS
from tests.support.tiny_shapes import load_folder
from tests.support.vector_judge import VectorJudge, listed, written

VECTORS = {"query": [1, 0, 0], "d0": [3, 4, 0], "d1": [0, 1, 0], "d2": [0, 0, 2]}


def test_the_prompt_is_that_of_the_evaluation_script() -> None:
    documents = [Document(id="a", text="Ferries are ships.", title="Ferry"), Document(id="b", text="Trains run.")]
    instruction = "Given a web search query and some relevant documents, rerank the documents that answer the query"
    assert written(pseudo_query(instruction, "what is a ferry", documents)) == (
        "<|im_start|>user\n"
        "Given a web search query and some relevant documents, rerank the documents that answer the query:\n"
        "Documents:\n"
        "[1] Ferry\nFerries are ships.\n"
        "[2] Trains run.\n"
        "Search Query: what is a ferry<|im_end|>\n"
        "<|im_start|>assistant\n<think>\n\n</think>\n\n"
    )
    [request] = [r for r in drive(E2Rank(), listed("a b", "c"), PerfectJudge()).requests if isinstance(r, EmbedPrompt)]
    assert written(request.prompt).startswith(f"<|im_start|>user\n{instruction}:\nDocuments:\n[1] a b\n[2] c\nSearch")
    assert not request.prompt.chat


def test_without_listed_documents_it_is_the_bi_encoder() -> None:
    lists = listed("one", "two", "three", "four")
    for judge in (PerfectJudge(seed=3), PerfectJudge(seed=4)):
        bare, plain = drive(E2Rank(listed=0), lists, judge), drive(BiEncoder(), lists, judge)
        assert bare.outcome == plain.outcome
        assert bare.requests == plain.requests


def test_scores_are_cosines_with_the_vector_of_the_prompt() -> None:
    judge = VectorJudge(vectors=VECTORS, prompt=lambda _request: [0, 0, 5])
    outcome = drive(E2Rank(), listed("a", "b", "c"), judge).outcome
    assert outcome.scores == (0.0, 0.0, 1.0)
    assert outcome.order == (2, 0, 1)
    outcome = drive(E2Rank(), listed("a", "b", "c"), VectorJudge(vectors=VECTORS, prompt=lambda _r: [1, 1, 0])).outcome
    assert outcome.scores == pytest.approx((7 / (5 * 2**0.5), 1 / 2**0.5, 0), abs=1e-6)


def test_the_listing_changes_nothing_but_the_query() -> None:
    def asked(*texts: str, **parameters: int) -> tuple[str, set[tuple[str, str]]]:
        requests = drive(E2Rank(**parameters), listed(*texts), PerfectJudge()).requests
        [prompt] = [written(r.prompt) for r in requests if isinstance(r, EmbedPrompt)]
        return prompt, {(r.role, r.text) for r in requests if isinstance(r, Embed)}

    prompt, documents = asked("first text", "second text", "third text")
    turned, same = asked("third text", "second text", "first text")
    assert prompt != turned
    assert documents == same == {("document", f"{word} text") for word in ("first", "second", "third")}
    short, _ = asked("first text", "second text", "third text", listed=2)
    assert "third" not in short
    cut, words = asked("first  text\nis long", "b", words=3)
    assert "[1] first text is\n[2] b\n" in cut
    assert ("document", "first text is") in words


@pytest.mark.parametrize(("n_docs", "calls"), [(0, 0), (1, 0), (2, 3), (30, 31)])
def test_calls(n_docs: int, calls: int) -> None:
    lists = listed(*(f"text {place}" for place in range(n_docs)))
    driven = drive(E2Rank(), lists, PerfectJudge())
    assert (driven.calls, E2Rank().forecast(n_docs), len(driven.rounds)) == (calls, calls, min(calls, 1))


def test_a_model_answers_as_plain_transformers_on_the_same_strings(tmp_path: Path) -> None:
    folder = save_marked(tmp_path / "tiny")
    adapter: Any = load_folder(folder, ModelKind.EMBEDDER, pooling="last", suffix=END)

    class Model:
        def answer(self, request: Any) -> Any:
            return adapter.answer([request], lambda: False)[0]

    outcome = drive(E2Rank(), listed(*TEXTS), Model()).outcome
    tokenizer, model = AutoTokenizer.from_pretrained(folder), AutoModel.from_pretrained(folder).eval()

    def last(text: str) -> torch.Tensor:
        with torch.inference_mode():
            return model(**tokenizer(text, return_tensors="pt")).last_hidden_state[0, -1]

    listing = "\n".join(f"[{number}] {' '.join(text.split())}" for number, text in enumerate(TEXTS, start=1))
    query = last(
        "<|im_start|>user\nGiven a web search query and some relevant documents, rerank the documents that answer the "
        f"query:\nDocuments:\n{listing}\nSearch Query: what is a ferry<|im_end|>\n<|im_start|>assistant\n<think>\n\n"
        "</think>\n\n"
    )
    expected = [torch.cosine_similarity(query, last(text + END), dim=0).item() for text in TEXTS]
    assert outcome.scores == pytest.approx(expected, abs=1e-5)
    assert max(expected) - min(expected) > 1e-3


def test_pseudo_query_of_any_model() -> None:
    lists = listed("a", "b", "c")
    judge = VectorJudge(vectors=VECTORS, prompt=lambda _request: [0, 0, 5])
    assert drive(PseudoQuery(weight=0), lists, judge).outcome == drive(BiEncoder(), lists, judge).outcome
    assert drive(PseudoQuery(weight=1), lists, judge).outcome.scores == (0.0, 0.0, 1.0)
    half = drive(PseudoQuery(weight=0.5), lists, judge)
    assert half.outcome.scores == pytest.approx((0.6 / 2**0.5, 0, 1 / 2**0.5), abs=1e-6)
    [prompt] = [request for request in half.requests if isinstance(request, EmbedPrompt)]
    assert written(prompt.prompt) == "what is a ferry\na\nb\nc"
    assert half.calls == PseudoQuery().forecast(3) == 5
    assert np.isclose(sum(half.outcome.scores or ()), 1.6 / 2**0.5)
