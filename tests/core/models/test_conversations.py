"""Prompts of several turns, opened answers, and templates that refuse a system turn: strings, and what is generated."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from core.catalog.digests import DigestCache
from core.domain.models import ModelKind
from core.domain.requests import Generate, LabelLogprobs, Likelihood, Message, Part, Prompt
from core.models.causal_lm import CausalLmAdapter, load
from core.models.chat import ChatRenderer
from tests.support.tiny_decoders import save_decoder
from tests.support.tiny_models import CHAT_TEMPLATE, TEXTS, context_for, entry_for

NO_SYSTEM = "{% if messages[0]['role'] == 'system' %}{{ raise_exception('no') }}{% endif %}" + CHAT_TEMPLATE


def never() -> bool:
    return False


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_decoder(tmp_path_factory.mktemp("decoder") / "tiny", "llama")


@pytest.fixture(scope="module")
def adapter(folder: Path) -> CausalLmAdapter:
    revision = DigestCache(folder.parent / "digests.json").folder(folder)
    return load(entry_for(ModelKind.CAUSAL_LM, f"folder:{folder}", revision=revision), context_for(folder.parent))


def turn(role: Any, *parts: str | Part) -> Message:
    return Message(role=role, parts=tuple(Part(text=part) if isinstance(part, str) else part for part in parts))


def document(text: str, id: str = "d") -> Part:
    return Part(text=text, kind="document", document_id=id)


def conversation() -> Prompt:
    return Prompt(
        messages=(
            turn("system", "You rank."),
            turn("user", "[1] ", document("ferry")),
            turn("assistant", "Received [1]."),
            turn("user", "[2] ", document("<|end|>storm", "e")),
            turn("assistant", "Received [2]."),
            turn("user", "Rank for ", Part(text="fare", kind="query"), "."),
        )
    )


def test_turns_are_rendered_in_their_order_and_documents_stay_in_theirs(adapter: CausalLmAdapter) -> None:
    found = adapter._encoder.opening(Generate(prompt=conversation(), max_tokens=4))
    assert found.text == (
        "<|begin|>system\nYou rank.<|end|>\n<|begin|>user\n[1] ferry<|end|>\n<|begin|>assistant\nReceived [1].<|end|>\n"
        "<|begin|>user\n[2] < |end|>storm<|end|>\n<|begin|>assistant\nReceived [2].<|end|>\n"
        "<|begin|>user\nRank for fare.<|end|>\n<|begin|>assistant\n"
    )


def test_a_refused_system_turn_goes_into_the_first_of_the_user(folder: Path, adapter: CausalLmAdapter) -> None:
    raw = AutoTokenizer.from_pretrained(folder)
    raw.chat_template = NO_SYSTEM
    renderer = ChatRenderer(type(adapter._tokenizer)(raw))
    messages = [("system", "You rank."), ("user", "a"), ("assistant", "b"), ("user", "c")]
    assert renderer.render_for(conversation())(messages) == (
        "<|begin|>user\nYou rank.\n\na<|end|>\n<|begin|>assistant\nb<|end|>\n<|begin|>user\nc<|end|>\n"
        "<|begin|>assistant\n"
    )
    opened = renderer.render_for(conversation())([("system", "You rank."), ("assistant", "[")])
    assert opened == "<|begin|>user\nYou rank.<|end|>\n<|begin|>assistant\n["


def test_an_opened_answer_is_continued(folder: Path, adapter: CausalLmAdapter) -> None:
    prompt = Prompt(messages=(turn("user", document(TEXTS[0])), turn("assistant", "Passage [")))
    text = f"<|begin|>user\n{TEXTS[0]}<|end|>\n<|begin|>assistant\nPassage ["
    model, raw = AutoModelForCausalLM.from_pretrained(folder).eval(), adapter._tokenizer.raw
    ids = raw(text, add_special_tokens=False, return_tensors="pt")["input_ids"]
    [found] = adapter.answer([Generate(prompt=prompt, max_tokens=8)], never)
    with torch.inference_mode():
        output = model.generate(ids, attention_mask=torch.ones_like(ids), max_new_tokens=8, do_sample=False)
        normal = model(input_ids=ids).logits[0, -1].double().log_softmax(-1)
    assert found.text == raw.decode(output[0, ids.shape[1] :], skip_special_tokens=True)
    [labels] = adapter.answer([LabelLogprobs(prompt=prompt, labels=("A", "B"))], never)
    chosen = [raw(f"{text}{label}", add_special_tokens=False)["input_ids"][-1] for label in "AB"]
    assert labels.logprobs == pytest.approx(normal[chosen].tolist(), abs=1e-5)
    [likely] = adapter.answer([Likelihood(prompt=prompt, continuation="A")], never)
    assert likely.logprobs == pytest.approx(labels.logprobs[:1], abs=1e-5)


def test_stop_words_seeds_and_temperatures_may_differ_in_one_batch(adapter: CausalLmAdapter) -> None:
    prompt = conversation()
    [free] = adapter.answer([Generate(prompt=prompt, max_tokens=10)], never)
    stop = free.text[2:4]
    asked = [
        Generate(prompt=prompt, max_tokens=10),
        Generate(prompt=prompt, max_tokens=10, stop=("never written", stop)),
        Generate(prompt=prompt, max_tokens=3),
        Generate(prompt=prompt, max_tokens=10, temperature=1.2, seed=4),
        Generate(prompt=prompt, max_tokens=10, temperature=1.2, seed=5),
    ]
    together = adapter.answer(asked, never)
    assert [answer.text for answer in together] == [adapter.answer([one], never)[0].text for one in asked]
    assert together[1].text == free.text[: free.text.index(stop)]
    assert together[1].finished
    assert not together[2].finished
    assert together[3].text != together[4].text
