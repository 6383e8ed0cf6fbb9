"""Cross-encoders of many shapes: a pair's score is that of plain transformers, whatever it shares a pass with."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from transformers import AutoModelForSequenceClassification, AutoTokenizer

from core.domain.documents import Document
from core.domain.errors import CancelledError
from core.domain.models import ModelKind
from core.domain.requests import Score
from tests.support.tiny_models import TEXTS
from tests.support.tiny_shapes import LONG, SHAPES, WINDOW, load_folder, save_shape

QUERY = "fare for a bicycle?"
DOCUMENTS = (*TEXTS, LONG, TEXTS[0] + " " + TEXTS[1], "x", "Dogs travel free")
REQUESTS = [Score(query=QUERY, document=Document(id=str(place), text=text)) for place, text in enumerate(DOCUMENTS)]


def never() -> bool:
    return False


def scores(adapter: Any, requests: list[Score] = REQUESTS) -> list[float]:
    return [answer.score for answer in adapter.answer(requests, never)]


@pytest.fixture(scope="module", params=list(SHAPES))
def loaded(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Any, list[float]]:
    """Name, adapter, and the logit that plain transformers gives each pair alone."""
    folder = save_shape(tmp_path_factory.mktemp("shape") / "tiny", request.param, ModelKind.CROSS_ENCODER)
    adapter = load_folder(folder, ModelKind.CROSS_ENCODER)
    return request.param, adapter, plain_scores(folder, adapter.max_length)


def plain_scores(folder: Path, longest: int) -> list[float]:
    model = AutoModelForSequenceClassification.from_pretrained(folder).eval()
    tokenizer = AutoTokenizer.from_pretrained(folder)
    found = []
    for text in DOCUMENTS:
        inputs = tokenizer(QUERY, text, truncation="only_second", max_length=longest, return_tensors="pt")
        with torch.inference_mode():
            found.append(model(**inputs).logits.item())
    return found


def test_execution_is_named(loaded: tuple[str, Any, list[float]]) -> None:
    name, adapter, _ = loaded
    reason = SHAPES[name].padded
    assert adapter.execution == (f"padded ({reason})" if reason else "packed")


def test_scores_and_ranking_equal_plain_transformers(loaded: tuple[str, Any, list[float]]) -> None:
    _, adapter, expected = loaded
    found = scores(adapter)
    assert found == pytest.approx(expected, abs=1e-5)
    assert np.argsort(found).tolist() == np.argsort(expected).tolist()
    assert max(adapter.shares(REQUESTS)) > 2 * WINDOW
    assert max(expected) - min(expected) > 1e-2


def test_alone_shuffled_and_under_three_budgets(
    loaded: tuple[str, Any, list[float]], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, adapter, expected = loaded
    assert [scores(adapter, [request])[0] for request in REQUESTS] == pytest.approx(expected, abs=1e-5)
    shuffled = random.Random(1).sample(range(len(REQUESTS)), len(REQUESTS))
    found = scores(adapter, [REQUESTS[place] for place in shuffled])
    assert found == pytest.approx([expected[place] for place in shuffled], abs=1e-5)
    for budget in (1, 90, 100_000):
        monkeypatch.setattr(adapter._classifier, "pass_tokens", budget)
        assert scores(adapter) == pytest.approx(expected, abs=1e-5)


def test_every_token_of_a_packed_pass_belongs_to_a_pair(loaded: tuple[str, Any, list[float]], monkeypatch) -> None:
    name, adapter, _ = loaded
    if SHAPES[name].padded:
        return
    seen: list[tuple[int, ...]] = []
    hook = adapter._model.base_model.register_forward_pre_hook(
        lambda _module, given, named: seen.append(tuple((given[0] if given else named["input_ids"]).shape)),
        with_kwargs=True,
    )
    monkeypatch.setattr(adapter._classifier, "pass_tokens", 150)
    adapter.answer(REQUESTS, never)
    hook.remove()
    assert sum(tokens for _, tokens in seen) == sum(adapter.shares(REQUESTS))
    assert {rows for rows, _ in seen} == {1}
    assert len(seen) > 1
    assert all(tokens <= 150 or tokens == max(adapter.shares(REQUESTS)) for _, tokens in seen)


def test_given_up_inside_a_forward_pass_and_well_afterwards(loaded: tuple[str, Any, list[float]]) -> None:
    _, adapter, expected = loaded
    for asked_before in range(3):  # before the pass, before the first layer, before the second
        calls: list[int] = []

        def cancelled(limit: int = asked_before, calls: list[int] = calls) -> bool:
            calls.append(1)
            return len(calls) > limit

        with pytest.raises(CancelledError):
            adapter.answer(REQUESTS[:1], cancelled)
        assert len(calls) == asked_before + 1  # once before the pass, then in its layers; nothing runs after the yes
        assert scores(adapter) == pytest.approx(expected, abs=1e-5)


def test_as_on_a_gpu_texts_are_tokenised_just_before_their_pass(
    loaded: tuple[str, Any, list[float]], monkeypatch: pytest.MonkeyPatch
) -> None:
    name, adapter, expected = loaded
    if SHAPES[name].padded:
        return
    order: list[str] = []
    learn, logits = adapter._tokenizer.learn, adapter._classifier.logits
    monkeypatch.setattr("core.models.encoder_model.LOT", 2)
    monkeypatch.setattr(adapter._classifier, "on_gpu", True)
    monkeypatch.setattr(adapter._classifier, "pass_tokens", 60)
    monkeypatch.setattr(adapter._tokenizer, "learn", lambda texts: order.append("texts") or learn(texts))
    monkeypatch.setattr(adapter._classifier, "logits", lambda pairs: order.append("pass") or logits(pairs))
    assert scores(adapter) == pytest.approx(expected, abs=1e-5)
    assert order.index("pass") < len(order) - 1 - order[::-1].index("texts")
    assert order.count("texts") == len(REQUESTS) / 2
