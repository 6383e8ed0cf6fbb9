"""Token ids: as the tokenizer gives them, each text once, in bounded memory."""

from __future__ import annotations

import pytest

from core.models.bounded import BoundedMemory
from core.models.tokens import TextTokenizer, frame_of
from tests.support.tiny_models import TEXTS, byte_level, wordpiece


@pytest.fixture(params=["wordpiece", "byte-level"])
def tokenizer(request: pytest.FixtureRequest) -> TextTokenizer:
    return TextTokenizer(wordpiece(64) if request.param == "wordpiece" else byte_level(64))


def test_in_a_batch_as_each_alone_with_offsets(tokenizer: TextTokenizer) -> None:
    texts = [*TEXTS, "", "[SEP] ü <|end|>", TEXTS[0] * 20]
    tokenizer.learn(texts)
    for text in texts:
        assert tokenizer.known(text) == len(tokenizer.ids(text))
        assert tokenizer.ids(text).tolist() == tokenizer.encode(text).ids.tolist()
        assert tokenizer.ids(text).tolist() == tokenizer.raw(text, add_special_tokens=False)["input_ids"]


def test_what_a_tokenizer_file_says_of_truncation_is_not_obeyed(tokenizer: TextTokenizer) -> None:
    expected = len(tokenizer.raw(TEXTS[0], add_special_tokens=False)["input_ids"])
    tokenizer.raw.backend_tokenizer.enable_truncation(3)
    tokenizer.raw.backend_tokenizer.enable_padding(length=99)
    assert len(tokenizer.ids(TEXTS[0])) == expected


def test_each_text_is_tokenised_once(tokenizer: TextTokenizer, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []
    inner = tokenizer._learn
    monkeypatch.setattr(tokenizer, "_learn", lambda texts: seen.extend(texts) or inner(texts))
    tokenizer.learn([TEXTS[0], TEXTS[1], TEXTS[0]])
    tokenizer.learn([TEXTS[1], TEXTS[2]])
    tokenizer.ids(TEXTS[0])
    assert seen == [*TEXTS[:3]]
    tokenizer.forget()
    assert tokenizer.known(TEXTS[0]) is None
    tokenizer.ids(TEXTS[0])
    assert seen == [*TEXTS[:3], TEXTS[0]]


def test_a_frame_is_what_the_tokenizer_puts_around_a_pair() -> None:
    tokenizer = TextTokenizer(wordpiece(64))
    ids, types = frame_of(tokenizer, pair=True).build(tokenizer.ids(TEXTS[0]), tokenizer.ids(TEXTS[1]))
    expected = tokenizer.raw(TEXTS[0], TEXTS[1])
    assert ids.tolist() == expected["input_ids"]
    assert types.tolist() == expected["token_type_ids"]


def test_memory_drops_what_was_used_longest_ago() -> None:
    memory: BoundedMemory[str, int] = BoundedMemory(10)
    memory.put("a", 1, 4)
    memory.put("b", 2, 4)
    assert memory.get("a") == 1
    memory.put("c", 3, 4)
    assert [memory.get(key) for key in "abc"] == [1, None, 3]
    memory.put("a", 9, 6)
    assert [memory.get(key) for key in "ac"] == [9, 3]
    memory.put("huge", 0, 11)
    assert memory.get("huge") is None
    assert len(memory) == 2
    memory.put("a", 8, 11)
    assert memory.get("a") is None
    memory.clear()
    memory.put("d", 4, 10)
    assert (memory.get("d"), len(memory)) == (4, 1)
