"""Prompts to token ids: what is remembered is what tokenising the whole text again would give."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.domain.models import ModelKind
from core.domain.requests import Generate, LabelLogprobs, Likelihood, Message, Part, Prompt
from core.models.prompt_encoder import PromptEncoder, label_rows
from core.models.tokens import Ids, TextTokenizer
from tests.support.tiny_models import TEXTS, byte_level, entry_for

LABELS = ("yes", " yes", "\nyes", "Passage A", "Passage B", "er")


class Listening(TextTokenizer):
    """Notes which texts it is asked for."""

    def __init__(self) -> None:
        super().__init__(byte_level(400))
        self.asked: list[str] = []

    def ids(self, text: str) -> Ids:
        self.asked.append(text)
        return super().ids(text)


@pytest.fixture
def tokenizer() -> Listening:
    return Listening()


@pytest.fixture
def encoder(tokenizer: Listening) -> PromptEncoder:
    return PromptEncoder(entry_for(ModelKind.CAUSAL_LM), tokenizer, 400)


def prompt_of(document: str, *, chat: bool = True) -> Prompt:
    parts = (Part(text="Text: "), Part(text=document, kind="document", document_id="d"), Part(text=" Answ"))
    return Prompt(messages=(Message(role="user", parts=parts),), chat=chat)


def in_place(raw: object, prompt: str, label: str) -> tuple[int, ...]:
    """The tokens of a label after a prompt, by tokenising both together; alone where the prompt's tokens change."""
    before, whole, alone = ([*raw.encode(text, add_special_tokens=False)] for text in (prompt, prompt + label, label))
    return tuple(whole[len(before) :] if whole[: len(before)] == before else alone)


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=30), st.booleans())
def test_remembered_label_tokens_are_those_in_place(document: str, chat: bool) -> None:
    tokenizer = Listening()
    encoder = PromptEncoder(entry_for(ModelKind.CAUSAL_LM), tokenizer, 400)
    encoder.forced(LabelLogprobs(prompt=prompt_of(TEXTS[0], chat=chat), labels=LABELS))
    encoded = encoder.prompt(prompt_of(document, chat=chat), 20)
    tails = encoder._label_tails(encoded, LABELS)
    assert tails == [in_place(tokenizer.raw, encoded.text, label) for label in LABELS]


def test_a_further_prompt_is_tokenised_once_whatever_its_labels(encoder: PromptEncoder, tokenizer: Listening) -> None:
    encoder.forced(LabelLogprobs(prompt=prompt_of(TEXTS[0]), labels=LABELS))
    tokenizer.asked.clear()
    request = LabelLogprobs(prompt=prompt_of(TEXTS[1]), labels=LABELS)
    first = encoder.forced(request)
    assert {text for text in tokenizer.asked if text not in LABELS} == {
        f"<|begin|>user\nText: {TEXTS[1]} Answ<|end|>\n<|begin|>assistant\n"
    }
    tokenizer.asked.clear()
    assert encoder.forced(request) is first
    assert tokenizer.asked == []
    encoder.forget()
    again = encoder.forced(request)
    assert tokenizer.asked
    assert [row.ids.tolist() for row in again.rows] == [row.ids.tolist() for row in first.rows]
    assert again.reads == first.reads


def test_a_text_that_fits_is_never_asked_for_offsets(
    encoder: PromptEncoder, tokenizer: Listening, monkeypatch: pytest.MonkeyPatch
) -> None:
    offsets: list[str] = []
    honest = tokenizer.encode
    monkeypatch.setattr(tokenizer, "encode", lambda text: (offsets.append(text), honest(text))[1])
    encoder.forced(Likelihood(prompt=prompt_of(TEXTS[0], chat=False), continuation=" fare?"))
    encoder.opening(Generate(prompt=prompt_of(TEXTS[0]), max_tokens=5))
    assert offsets == []
    long = encoder.opening(Generate(prompt=prompt_of(TEXTS[0] * 20), max_tokens=5))
    assert offsets == [TEXTS[0] * 20]
    assert [cut.document_id for cut in long.cuts] == ["d"]
    assert len(long.ids) <= 395


def test_labels_share_rows_by_stem() -> None:
    prompt = np.asarray([5, 6], dtype=np.int32)
    rows, reads = label_rows(prompt, [(7,), (8, 9), (8, 10), (11,)])
    assert [row.ids.tolist() for row in rows] == [[5, 6], [5, 6, 8]]
    assert rows[0].wanted == ((1, 7), (1, 11))
    assert rows[1].wanted == ((1, 8), (2, 9), (1, 8), (2, 10))
    assert rows[1].positions == [1, 2]
    assert reads == ((0, 0, 1), (1, 0, 2), (1, 2, 4), (0, 1, 2))
