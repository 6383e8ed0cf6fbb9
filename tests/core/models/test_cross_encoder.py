"""Scores equal the raw logits of sentence-transformers' CrossEncoder; only documents are cut."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
import torch
from sentence_transformers import CrossEncoder

from core.catalog.digests import DigestCache
from core.domain.documents import Document
from core.domain.errors import BadAnswerError, ModelUnavailableError
from core.domain.models import ModelKind
from core.domain.requests import Cut, Score, ScoreAnswer
from core.models.cross_encoder import CrossEncoderAdapter, load
from tests.support.tiny_models import TEXTS, context_for, entry_for, save_bert_classifier, save_decoder_classifier

QUERY = "What is the fare for a bicycle?"
LONG = " ".join(TEXTS * 3)


def adapter_for(folder: Path, **options: str) -> CrossEncoderAdapter:
    revision = DigestCache(folder.parent / "digests.json").folder(folder)
    entry = entry_for(
        ModelKind.CROSS_ENCODER, f"folder:{folder}", revision=revision, options=tuple(sorted(options.items()))
    )
    return load(entry, context_for(folder.parent))


def pair(text: str, query: str = QUERY) -> Score:
    return Score(query=query, document=Document(id="d", text=text))


def score(adapter: CrossEncoderAdapter, *requests: Score) -> list[ScoreAnswer]:
    return [answer for answer in adapter.answer(requests, lambda: False) if isinstance(answer, ScoreAnswer)]


def test_encoder_equals_sentence_transformers(tmp_path: Path) -> None:
    folder = save_bert_classifier(tmp_path / "model")
    oracle = CrossEncoder(str(folder), device="cpu", max_length=64, activation_fn=torch.nn.Identity())
    expected = oracle.predict([(QUERY, text) for text in TEXTS])
    found = [answer.score for answer in score(adapter_for(folder), *map(pair, TEXTS))]
    assert found == pytest.approx(expected.tolist(), abs=1e-5)
    assert max(found) - min(found) > 1e-2


@pytest.mark.parametrize("pad", [True, False])
def test_decoder_reads_its_last_token_in_every_batch(tmp_path: Path, pad: bool) -> None:
    folder = save_decoder_classifier(tmp_path / "model", pad=pad)
    adapter = adapter_for(folder)
    requests = [*map(pair, TEXTS), pair(TEXTS[0] + "<|end|>")]
    together = [answer.score for answer in score(adapter, *requests)]
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    model = AutoModelForSequenceClassification.from_pretrained(folder)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    for request, found in zip(requests, together, strict=True):
        inputs = tokenizer(QUERY, request.document.text, return_tensors="pt")
        with torch.inference_mode():
            expected = model(input_ids=inputs["input_ids"]).logits.item()
        assert found == pytest.approx(expected, abs=1e-5)


def test_shuffled_and_alone_give_the_same_scores(tmp_path: Path) -> None:
    adapter = adapter_for(save_bert_classifier(tmp_path / "model"))
    requests = [pair(text) for text in [*TEXTS, LONG, "x"]]
    together = score(adapter, *requests)
    shuffled = score(adapter, *reversed(requests))[::-1]
    assert [a.score for a in shuffled] == pytest.approx([a.score for a in together], abs=1e-5)
    for request, batched in zip(requests, together, strict=True):
        [alone] = score(adapter, request)
        assert alone.score == pytest.approx(batched.score, abs=1e-5)
        assert adapter.shares([request]) == [alone.usage.prompt_tokens]


def test_only_the_document_is_cut(tmp_path: Path) -> None:
    adapter = adapter_for(save_bert_classifier(tmp_path / "model"))
    query_tokens = len(adapter._tokenizer.encode(QUERY))
    [answer] = score(adapter, pair(LONG))
    total = len(adapter._tokenizer.encode(LONG))
    kept = 64 - 3 - query_tokens
    assert answer.usage.cuts == (Cut(document_id="d", tokens=total, kept=kept),)
    ids = adapter._pair(pair(LONG)).ids
    assert ids[: query_tokens + 2].tolist() == adapter._tokenizer.raw(QUERY)["input_ids"]
    oracle = adapter._tokenizer.raw(QUERY, LONG, truncation="only_second", max_length=64)
    assert ids.tolist() == oracle["input_ids"]
    assert adapter._pair(pair(LONG)).types.tolist() == oracle["token_type_ids"]


def test_a_query_that_leaves_no_room_is_an_error(tmp_path: Path) -> None:
    adapter = adapter_for(save_bert_classifier(tmp_path / "model"))
    assert adapter.shares([pair("short", query=LONG)]) == [64]
    with pytest.raises(BadAnswerError, match="Shorten the query"):
        adapter.answer([pair("short", query=LONG)], lambda: False)


def test_several_labels_need_a_positive_one(tmp_path: Path) -> None:
    folder = save_bert_classifier(tmp_path / "model", labels=3)
    with pytest.raises(ModelUnavailableError, match="positive_label"):
        adapter_for(folder)
    with pytest.raises(ModelUnavailableError, match="'3'"):
        adapter_for(folder, positive_label="3")
    oracle = CrossEncoder(str(folder), device="cpu", max_length=64, activation_fn=torch.nn.Identity())
    chances = torch.tensor(oracle.predict([(QUERY, TEXTS[0])])[0]).softmax(-1)[1].item()
    [found] = score(adapter_for(folder, positive_label="1"), pair(TEXTS[0]))
    assert found.score == pytest.approx(math.log(chances / (1 - chances)), abs=1e-4)


def test_pickled_weights_are_refused(tmp_path: Path) -> None:
    folder = save_bert_classifier(tmp_path / "model")
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
    entry = entry_for(ModelKind.CROSS_ENCODER, f"folder:{folder}")
    with pytest.raises(ModelUnavailableError, match="safetensors only"):
        load(entry, context_for(tmp_path))


def test_a_folder_that_changed_is_refused(tmp_path: Path) -> None:
    folder = save_bert_classifier(tmp_path / "model")
    entry = entry_for(ModelKind.CROSS_ENCODER, f"folder:{folder}", revision="another")
    with pytest.raises(ModelUnavailableError, match="changed"):
        load(entry, context_for(tmp_path))
