"""Embeddings equal those of sentence-transformers; batching, truncation and token vectors."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import Pooling, Transformer

from core.catalog.builtin import BUILTIN
from core.domain.errors import BadAnswerError, CancelledError, ModelUnavailableError
from core.domain.models import ModelKind
from core.domain.requests import Cut, Embed, EmbedAnswer, ScoreList
from core.models.embedder import EmbedderAdapter, load
from tests.support.tiny_models import TEXTS, context_for, entry_for, save_bert

LONG = " ".join(TEXTS * 3)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_bert(tmp_path_factory.mktemp("bert"))


def adapter_for(folder: Path, **options: str) -> EmbedderAdapter:
    from core.catalog.digests import DigestCache

    revision = DigestCache(folder.parent / "digests.json").folder(folder)
    entry = entry_for(ModelKind.EMBEDDER, f"folder:{folder}", revision=revision, options=tuple(sorted(options.items())))
    return load(entry, context_for(folder.parent))


def embed(adapter: EmbedderAdapter, *requests: Embed) -> list[EmbedAnswer]:
    return [answer for answer in adapter.answer(requests, lambda: False) if isinstance(answer, EmbedAnswer)]


def document(text: str, at: str = "pooled") -> Embed:
    return Embed(text=text, role="document", at=at, document_id="d")  # type: ignore[arg-type]  # one of two words


@pytest.mark.parametrize(("ours", "theirs"), [("mean", "mean"), ("cls", "cls"), ("last", "lasttoken"), ("max", "max")])
def test_pooled_equals_sentence_transformers(folder: Path, ours: str, theirs: str) -> None:
    texts = [*TEXTS, LONG, ""]
    transformer = Transformer(str(folder))
    oracle = SentenceTransformer(modules=[transformer, Pooling(32, theirs)], device="cpu")
    expected = oracle.encode(texts, normalize_embeddings=False)
    found = embed(adapter_for(folder, pooling=ours), *(document(text) for text in texts))
    assert np.abs(np.stack([answer.vector for answer in found]) - expected).max() < 1e-5
    assert found[0].vector.dtype == np.float32


def test_token_vectors_are_the_hidden_states_of_the_words(folder: Path) -> None:
    transformer = Transformer(str(folder))
    oracle = SentenceTransformer(modules=[transformer, Pooling(32)], device="cpu")
    adapter = adapter_for(folder)
    for text in TEXTS[:2]:
        expected = oracle.encode(text, output_value="token_embeddings").numpy()
        [found] = embed(adapter, document(text, "tokens"))
        assert found.vector.shape == (len(expected) - 2, 32)
        assert np.abs(found.vector - expected[1:-1]).max() < 1e-5


def test_no_text_gives_no_token_vectors(folder: Path) -> None:
    [found] = embed(adapter_for(folder), document("", "tokens"))
    assert found.vector.shape == (0, 32)


def test_a_batch_answers_as_each_alone(folder: Path) -> None:
    adapter = adapter_for(folder)
    requests = [document(text, at) for text in [*TEXTS, LONG] for at in ("pooled", "tokens")]
    together = embed(adapter, *requests)
    for request, batched in zip(requests, together, strict=True):
        adapter.forget()
        [share] = adapter.shares([request])
        [alone] = embed(adapter, request)
        assert share == alone.usage.prompt_tokens
        assert alone.vector.shape == batched.vector.shape
        assert np.abs(alone.vector - batched.vector).max() < 1e-5
        assert alone.usage == batched.usage


def test_what_does_not_fit_is_cut_and_reported(folder: Path) -> None:
    adapter = adapter_for(folder)
    [whole, cut] = embed(adapter, document(TEXTS[0]), document(LONG, "tokens"))
    total = len(adapter._tokenizer.raw(LONG, add_special_tokens=False, verbose=False)["input_ids"])
    assert whole.usage.cuts == ()
    assert cut.usage.cuts == (Cut(document_id="d", tokens=total, kept=62),)
    assert cut.vector.shape == (62, 32)
    assert cut.usage.prompt_tokens == 64


def test_prefixes_belong_to_the_role(folder: Path) -> None:
    plain, prefixed = adapter_for(folder), adapter_for(folder, query_prefix="dogs ")
    as_query = Embed(text=TEXTS[0], role="query")
    [expected] = embed(plain, Embed(text=f"dogs {TEXTS[0]}", role="query"))
    [found] = embed(prefixed, as_query)
    assert np.array_equal(found.vector, expected.vector)
    assert np.array_equal(embed(prefixed, document(TEXTS[0]))[0].vector, embed(plain, as_query)[0].vector)


def test_a_stage_that_is_not_run_is_refused(folder: Path, tmp_path: Path) -> None:
    save_bert(tmp_path)
    (tmp_path / "modules.json").write_text(json.dumps([{"type": "sentence_transformers.models.Dense", "path": "1"}]))
    with pytest.raises(ModelUnavailableError, match="'Dense'"):
        adapter_for(tmp_path)


def test_cancelled_and_wrong_requests(folder: Path) -> None:
    adapter = adapter_for(folder)
    with pytest.raises(CancelledError):
        adapter.answer([document("x")], lambda: True)
    with pytest.raises(BadAnswerError, match="ScoreList"):
        adapter.answer([ScoreList(query="q", documents=())], lambda: False)


def test_the_bundled_model_equals_sentence_transformers(tmp_path: Path) -> None:
    entry = next(entry for entry in BUILTIN if entry.id == "all-minilm-l6-v2")
    adapter = load(entry, context_for(tmp_path))
    from core.models.folder import model_folder

    oracle = SentenceTransformer(str(model_folder(entry, context_for(tmp_path))), device="cpu")
    texts = [
        "When does the last ferry leave?",
        "The final sailing is at ten in the evening.",
        "Bread needs salt.",
        "y" * 900,
    ]
    found = np.stack([answer.vector for answer in embed(adapter, *(document(text) for text in texts))])
    before_normalising = SentenceTransformer(modules=[oracle[0], oracle[1]], device="cpu")
    assert np.abs(found - before_normalising.encode(texts, normalize_embeddings=False)).max() < 1e-5
    unit = found / np.linalg.norm(found, axis=1, keepdims=True)
    assert np.abs(unit - oracle.encode(texts)).max() < 1e-5
    assert unit[0] @ unit[1] > unit[0] @ unit[2] + 0.2
    assert adapter.max_length == 256
    assert adapter.memory_bytes > 80_000_000
    assert sum(tensor.numel() for tensor in adapter._model.parameters()) == entry.parameters
