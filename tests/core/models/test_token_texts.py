"""Generated tokens with their rivals: texts that join to the text, log-probabilities against plain transformers."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from transformers import AutoModelForCausalLM

from core.catalog.digests import DigestCache
from core.domain.models import ModelKind
from core.domain.requests import Generate, GenerateAnswer, Message, Part, Prompt
from core.models.causal_lm import CausalLmAdapter, load
from core.models.token_texts import Gains
from tests.support.tiny_decoders import save_decoder
from tests.support.tiny_models import TEXTS, context_for, entry_for


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_decoder(tmp_path_factory.mktemp("decoder") / "tiny", "llama")


@pytest.fixture(scope="module")
def adapter(folder: Path) -> CausalLmAdapter:
    revision = DigestCache(folder.parent / "digests.json").folder(folder)
    return load(entry_for(ModelKind.CAUSAL_LM, f"folder:{folder}", revision=revision), context_for(folder.parent))


def written(adapter: CausalLmAdapter, *requests: Generate) -> list[GenerateAnswer]:
    found = adapter.answer(requests, lambda: False)
    assert all(isinstance(answer, GenerateAnswer) for answer in found)
    return found


def request_of(text: str, **fields: object) -> Generate:
    prompt = Prompt(messages=(Message(role="user", parts=(Part(text=text),)),))
    return Generate(prompt=prompt, **{"max_tokens": 12, "top_logprobs": 4, **fields})


def test_texts_of_tokens_join_to_the_text_and_rivals_are_those_of_the_library(adapter, folder: Path) -> None:
    model = AutoModelForCausalLM.from_pretrained(folder).eval()
    raw = adapter._tokenizer.raw
    requests = [request_of(text) for text in (*TEXTS, "x")]
    for request, answer in zip(requests, written(adapter, *requests), strict=True):
        prompt = adapter._encoder.opening(request).ids.tolist()
        with torch.inference_mode():
            output = model.generate(torch.tensor([prompt]), max_new_tokens=12, do_sample=False)
            normal = model(input_ids=output).logits[0].double().log_softmax(-1)
        assert "".join(token.text for token in answer.tokens) == answer.text
        assert len(answer.tokens) == answer.usage.generated_tokens == output.shape[1] - len(prompt)
        for place, token in enumerate(answer.tokens):
            best = normal[len(prompt) - 1 + place].topk(4)
            assert [value for _, value in token.top] == pytest.approx(best.values.tolist(), abs=1e-5)
            plain = [raw.decode([id]) for id in best.indices.tolist()]
            assert [text for text, _ in token.top if text and text.isascii()] == [one for one in plain if one.isascii()]


def test_tokens_change_nothing_else(adapter) -> None:
    for fields in ({}, {"temperature": 1.3, "seed": 5}):
        one, two = written(adapter, request_of("x", **fields), request_of("x", top_logprobs=0, **fields))
        assert one.text == two.text
        assert two.tokens == ()


def test_sampled_tokens_have_their_log_probabilities_at_temperature_one(adapter) -> None:
    hot = [request_of("x", max_tokens=1, temperature=3.0, seed=seed) for seed in range(8)]
    [cold, *found] = written(adapter, request_of("x", max_tokens=1), *hot)
    for answer in found:
        assert [text for text, _ in answer.tokens[0].top] == [text for text, _ in cold.tokens[0].top]
        values = [value for _, value in answer.tokens[0].top]
        assert values == pytest.approx([value for _, value in cold.tokens[0].top], abs=1e-5)
    assert len({answer.text for answer in found}) > 2


def test_a_stopped_text_ends_its_tokens(adapter) -> None:
    [free] = written(adapter, request_of("x"))
    stop = free.text[3:6]
    [stopped] = written(adapter, request_of("x", stop=(stop,)))
    assert "".join(token.text for token in stopped.tokens) == stopped.text == free.text[: free.text.index(stop)]
    assert all(token.text for token in stopped.tokens[-1:])


def test_an_end_token_is_written_without_a_text(adapter, folder: Path, monkeypatch) -> None:
    model = AutoModelForCausalLM.from_pretrained(folder).eval()
    prompt = adapter._encoder.opening(request_of("x")).ids.tolist()
    with torch.inference_mode():
        tokens = model.generate(torch.tensor([prompt]), max_new_tokens=12, do_sample=False)[0, len(prompt) :].tolist()
    third = next(token for place, token in enumerate(tokens) if place > 1 and token not in tokens[:place])
    monkeypatch.setattr(adapter, "_ends", frozenset({third}))
    [ended] = written(adapter, request_of("x"))
    assert ended.finished
    assert "".join(token.text for token in ended.tokens) == ended.text
    assert len(ended.tokens) == ended.usage.generated_tokens
    assert (ended.tokens[-1].text, len(ended.tokens[-1].top)) == ("", 4)


def test_halves_of_a_character_gain_nothing_until_it_is_whole() -> None:
    gains = Gains()
    for text in ("a", "a\ufffd", "a\ufffd\ufffd", "a漢", "a漢b", "a漢b"):
        gains.add(text)
    assert gains.pieces(3) == ["a", "", "", "漢", "b", ""]
    assert gains.pieces(2) == ["a", "", "", "漢"]
    assert gains.pieces(0) == []


def test_a_decoder_that_rewrites_what_stands_is_followed() -> None:
    gains = Gains()
    for text in ("do", "do n't", "don't go"):  # a clean-up of blanks
        gains.add(text)
    assert gains.pieces(8) == ["do", "", "n't go"]


def test_special_rivals_are_named(adapter) -> None:
    texts = adapter._token_texts
    [token] = texts.written([5], ["x"], [((2, -0.5), (0, -1.0))])
    assert token.top == (("<|end|>", -0.5), ("<|pad|>", -1.0))
