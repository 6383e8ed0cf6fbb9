"""Rendering and shortening: by hand with one token per character, and properties."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.domain.requests import Cut, Message, Part, Prompt
from core.models.prompts import PromptTooLongError, fit, join_messages, share


def each_character(text: str) -> list[int]:
    return list(range(1, len(text) + 1))


def prompt_of(*documents: str, query: str = "query") -> Prompt:
    parts = [Part(text="Rank: "), Part(text=query, kind="query")]
    for place, text in enumerate(documents):
        parts += [Part(text=f" [{place}] "), Part(text=text, kind="document", document_id=f"d{place}")]
    return Prompt(messages=(Message(role="user", parts=tuple(parts)),))


def test_what_fits_stays_as_it_is() -> None:
    fitted = fit(prompt_of("abc", "de"), join_messages, str, each_character, 100, "m")
    assert fitted.text == "Rank: query [0] abc [1] de"
    assert (fitted.tokens, fitted.cuts) == (26, ())


def test_short_documents_stay_whole_and_long_ones_share_the_rest() -> None:
    # 26 characters without documents, 9 left for lengths 2, 9, 6: 3 each, since 2 + 3 + 3 <= 9 < 2 + 4 + 4.
    fitted = fit(prompt_of("ab", "cdefghijk", "lmnopq"), join_messages, str, each_character, 26 + 9, "m")
    assert fitted.text == "Rank: query [0] ab [1] cde [2] lmn"
    assert fitted.cuts == (Cut(document_id="d1", tokens=9, kept=3), Cut(document_id="d2", tokens=6, kept=3))


def test_instruction_and_query_are_never_cut() -> None:
    with pytest.raises(PromptTooLongError, match="m reads at most 10 tokens, and 16 are needed"):
        fit(prompt_of("abc"), join_messages, str, each_character, 10, "m")
    with pytest.raises(PromptTooLongError):
        fit(prompt_of(), join_messages, str, each_character, 10, "m")


def test_messages_are_joined_with_a_line_break() -> None:
    messages = (
        Message(role="system", parts=(Part(text="a"), Part(text="b"))),
        Message(role="user", parts=(Part(text="c"),)),
    )
    assert fit(Prompt(messages=messages), join_messages, str, each_character, 9, "m").text == "ab\nc"


def test_a_document_cannot_take_another_place() -> None:
    fitted = fit(prompt_of("\ue0001\ue001x", "secret"), join_messages, str, each_character, 100, "m")
    assert fitted.text == "Rank: query [0] 1x [1] secret"


def test_only_documents_and_queries_are_cleaned() -> None:
    fitted = fit(prompt_of("abc"), join_messages, str.upper, each_character, 100, "m")
    assert fitted.text == "Rank: QUERY [0] ABC"


@pytest.mark.parametrize(("room", "budget"), [(0, 0), (2, 0), (3, 1), (8, 3), (9, 3), (10, 4), (100, 6)])
def test_share(room: int, budget: int) -> None:
    assert share([2, 6, 4], room) == budget


@settings(max_examples=200, deadline=None)
@given(st.lists(st.integers(0, 50), min_size=1, max_size=8), st.integers(0, 300))
def test_share_is_the_largest_that_fits(lengths: list[int], room: int) -> None:
    budget = share(lengths, room)
    used = [sum(min(length, limit) for length in lengths) for limit in (budget, budget + 1)]
    assert used[0] <= room
    assert used[1] > room or budget == max(lengths)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.text(max_size=40), min_size=1, max_size=5), st.integers(60, 150), st.integers(1, 5))
def test_the_result_fits_and_keeps_everything_but_documents(texts: list[str], limit: int, step: int) -> None:
    def encode(text: str) -> list[int]:  # tokens of ``step`` characters, so that cutting moves all boundaries
        return [min(end, len(text)) for end in range(step, len(text) + step, step)]

    prompt = prompt_of(*texts)
    fitted = fit(prompt, join_messages, str, encode, limit, "m")
    assert fitted.tokens == len(encode(fitted.text)) <= limit
    assert fitted.text.startswith("Rank: query [0] ")
    assert all(cut.kept < cut.tokens for cut in fitted.cuts)
    assert bool(fitted.cuts) == (len(encode(fit(prompt, join_messages, str, encode, 10**6, "m").text)) > limit)
