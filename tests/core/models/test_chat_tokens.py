"""Tokens of a text as endpoints list them, and prompts that open the answer, against a real HTTP server."""

from __future__ import annotations

from typing import Any

import pytest

from core.catalog import endpoints
from core.catalog.endpoints import endpoint_entry
from core.domain.errors import BadAnswerError, ModelUnavailableError
from core.domain.requests import Generate, LabelLogprobs, Message, Part, Prompt, WrittenToken
from core.models.chat_endpoint import PREFILLS, ChatEndpointAdapter
from core.models.chat_tokens import written_tokens
from core.models.http import Transport
from core.models.replies import Reply
from tests.support.http_server import Given, Seen, serving

TABLE = {"kind": "chat-endpoint", "model": "big", "label_logprobs": True, "top_logprobs": 5}


def turn(role: Any, text: str) -> Message:
    return Message(role=role, parts=(Part(text=text),))


CHAT = Prompt(messages=(turn("user", "Grade it."),))
OPENED = Prompt(messages=(turn("user", "Grade it."), turn("assistant", "Grade:")))


def ask(request: Any, reply: object, **table: Any) -> tuple[Any, Seen]:
    with serving(lambda _seen: Given(reply)) as server:
        entry = endpoint_entry("remote", {**TABLE, "url": f"{server.address}/v1", **table})
        adapter = ChatEndpointAdapter(entry, Transport(backoff_s=0.01, total_s=5.0))
        try:
            [answer] = adapter.answer([request], lambda: False)
        finally:
            adapter.close()
    return answer, server.seen[0]


def token(text: str, *rivals: tuple[str, float], raw: bytes | None = None) -> dict[str, Any]:
    top = [{"token": one, "logprob": value} for one, value in rivals]
    return {"token": text, "logprob": -0.1, "top_logprobs": top, **({"bytes": list(raw)} if raw is not None else {})}


def chat_reply(text: str, *tokens: dict[str, Any]) -> dict[str, Any]:
    return {"choices": [{"message": {"content": text}, "finish_reason": "stop", "logprobs": {"content": [*tokens]}}]}


def listed(text: str, *tokens: dict[str, Any]) -> tuple[WrittenToken, ...]:
    return written_tokens(Reply({"content": [*tokens]}, "m"), text)


def test_the_tokens_of_a_text_come_with_their_rivals() -> None:
    reply = chat_reply("8 of 10", token("8", ("8", -0.2), ("7", -1.9)), token(" of", (" of", 0.0)), token(" 10"))
    answer, seen = ask(Generate(prompt=CHAT, max_tokens=5, top_logprobs=3), reply)
    assert answer.tokens == (
        WrittenToken(text="8", top=(("8", -0.2), ("7", -1.9))),
        WrittenToken(text=" of", top=((" of", 0.0),)),
        WrittenToken(text=" 10"),
    )
    assert (seen.body["logprobs"], seen.body["top_logprobs"]) == (True, 3)
    _, seen = ask(Generate(prompt=CHAT, max_tokens=5, top_logprobs=50), reply)
    assert seen.body["top_logprobs"] == 5  # no more than the table allows
    answer, seen = ask(Generate(prompt=CHAT, max_tokens=5), reply)
    assert answer.tokens == ()
    assert "logprobs" not in seen.body


def test_the_tokens_of_completions() -> None:
    plain = Prompt(messages=(turn("user", "Grade: "),), chat=False)
    found = {"tokens": ["8", "!"], "top_logprobs": [{"8": -0.2, "7": -1.9}, {"!": -0.1}], "token_logprobs": [-0.2, -1]}
    reply = {"choices": [{"text": "8!", "finish_reason": "length", "logprobs": found}]}
    answer, seen = ask(Generate(prompt=plain, max_tokens=2, top_logprobs=2), reply, completions=True)
    assert answer.tokens[0] == WrittenToken(text="8", top=(("8", -0.2), ("7", -1.9)))
    assert "".join(token.text for token in answer.tokens) == "8!"
    assert seen.body["logprobs"] == 2


def test_thoughts_in_front_and_ends_behind_are_left_out() -> None:
    found = listed("8", token("<think>"), token("8?"), token("</think>"), token("8", ("8", -0.3)), token("<|end|>"))
    assert found == (WrittenToken(text="8", top=(("8", -0.3),)),)
    assert [one.text for one in listed("8 o", token("8"), token(" of"))] == ["8", " o"]  # cut by a stop word
    assert listed("", token("<|end|>")) == ()


def test_half_characters_are_joined_by_their_bytes() -> None:
    whole = "漢".encode()
    found = listed("a漢b", token("a"), token("\\xe6", raw=whole[:1]), token("\\xbc", raw=whole[1:]), token("b"))
    assert [one.text for one in found] == ["a", "", "漢", "b"]


def test_without_bytes_what_is_not_legible_lies_between_its_neighbours() -> None:
    found = listed("so, 漢 it is", token("so"), token(","), token(" \ufffd"), token("\ufffd"), token(" it is"))
    assert [one.text for one in found] == ["so", ",", "", " 漢", " it is"]
    with pytest.raises(BadAnswerError, match="tokens that spell the text"):
        listed("another text", token("so"), token("b"))


@pytest.mark.parametrize(
    "content", [[{"token": "8"}], [{"token": 8, "top_logprobs": []}], [token("8") | {"bytes": [256]}], {}]
)
def test_garbage_is_refused(content: object) -> None:
    reply = {"choices": [{"message": {"content": "8"}, "logprobs": {"content": content}}]}
    with pytest.raises(BadAnswerError, match="remote: reply"):
        ask(Generate(prompt=CHAT, max_tokens=2, top_logprobs=2), reply)


def test_logits_and_layers_are_not_to_be_had() -> None:
    for fields in ({"raw": True}, {"exit_layer": 3}):
        with pytest.raises(BadAnswerError, match="neither logits nor"):
            ask(LabelLogprobs(prompt=CHAT, labels=("yes",), **fields), {})


def test_an_opened_answer_is_continued_where_the_table_says_how() -> None:
    assert tuple(PREFILLS) == endpoints.PREFILLS
    reply = chat_reply(" 8", token(" 8", (" 8", -0.2)))
    turns = [{"role": "user", "content": "Grade it."}, {"role": "assistant", "content": "Grade:"}]
    answer, seen = ask(Generate(prompt=OPENED, max_tokens=2), reply, prefill="vllm")
    assert answer.text == " 8"
    assert seen.body["messages"] == turns
    assert (seen.body["continue_final_message"], seen.body["add_generation_prompt"]) == (True, False)
    labels, seen = ask(LabelLogprobs(prompt=OPENED, labels=("8",)), reply, prefill="plain")
    assert labels.logprobs == (-0.2,)
    assert seen.body["messages"] == turns
    assert "continue_final_message" not in seen.body
    _, seen = ask(Generate(prompt=CHAT, max_tokens=2), reply, prefill="vllm")
    assert "continue_final_message" not in seen.body


def test_an_opened_answer_is_refused_where_it_does_not() -> None:
    for request in (Generate(prompt=OPENED, max_tokens=2), LabelLogprobs(prompt=OPENED, labels=("8",))):
        with pytest.raises(ModelUnavailableError, match="prefill = 'vllm' or 'plain'"):
            ask(request, {})


def test_turns_of_both_sides_are_sent_in_their_order() -> None:
    shown = (turn("system", "s"), turn("user", "a"), turn("assistant", "Received."), turn("user", "b"))
    _, seen = ask(Generate(prompt=Prompt(messages=shown), max_tokens=2), chat_reply("8"))
    assert [(one["role"], one["content"]) for one in seen.body["messages"]] == [
        ("system", "s"), ("user", "a"), ("assistant", "Received."), ("user", "b"),
    ]  # fmt: skip
