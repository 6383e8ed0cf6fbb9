"""OpenAI-compatible chat and completions against a real HTTP server."""

from __future__ import annotations

import math
from typing import Any

import pytest

from core.catalog.endpoints import endpoint_entry
from core.domain.capabilities import Capability
from core.domain.errors import BadAnswerError, ModelUnavailableError
from core.domain.requests import Generate, LabelLogprobs, Likelihood, Message, Part, Prompt, Score
from core.models.chat_endpoint import ChatEndpointAdapter
from core.models.http import Transport
from tests.support.http_server import Given, Seen, serving

CHAT = Prompt(
    messages=(
        Message(role="system", parts=(Part(text="Judge."),)),
        Message(
            role="user",
            parts=(Part(text="Passage: "), Part(text="some words", kind="document", document_id="d"), Part(text="?")),
        ),
    )
)
PLAIN = Prompt(messages=(Message(role="user", parts=(Part(text="Write a query: "),)),), chat=False)


def adapter_for(address: str, **table: Any) -> ChatEndpointAdapter:
    values = {"kind": "chat-endpoint", "url": f"{address}/v1", "model": "big", **table}
    return ChatEndpointAdapter(endpoint_entry("remote", values), Transport(backoff_s=0.01, total_s=5.0))


def ask(request: Any, reply: object, **table: Any) -> tuple[Any, Seen]:
    with serving(lambda _seen: Given(reply)) as server:
        adapter = adapter_for(server.address, **table)
        try:
            [answer] = adapter.answer([request], lambda: False)
        finally:
            adapter.close()
    return answer, server.seen[0]


def test_generate_through_chat() -> None:
    reply = {
        "choices": [{"message": {"role": "assistant", "content": "[2] > [1]"}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 31, "completion_tokens": 7},
    }
    request = Generate(prompt=CHAT, max_tokens=9, temperature=0.5, seed=3, stop=("\n",))
    answer, seen = ask(request, reply)
    assert (answer.text, answer.finished) == ("[2] > [1]", True)
    assert (answer.usage.prompt_tokens, answer.usage.generated_tokens) == (31, 7)
    assert seen.path == "/v1/chat/completions"
    assert seen.body == {
        "model": "big", "max_tokens": 9, "temperature": 0.5, "seed": 3, "stop": ["\n"],
        "messages": [
            {"role": "system", "content": "Judge."},
            {"role": "user", "content": "Passage: some words?"},
        ],
    }  # fmt: skip
    reply["choices"][0]["finish_reason"] = "length"
    assert ask(request, reply)[0].finished is False


def test_generate_through_completions() -> None:
    request = Generate(prompt=PLAIN, max_tokens=9)
    answer, seen = ask(request, {"choices": [{"text": "ferry", "finish_reason": None}]}, completions=True)
    assert (answer.text, seen.path, seen.body["prompt"]) == ("ferry", "/v1/completions", "Write a query: ")
    with pytest.raises(ModelUnavailableError, match="completions = true"):
        ask(request, {})


def tops(*pairs: tuple[str, float]) -> dict[str, Any]:
    listed = [{"token": token, "logprob": math.log(chance)} for token, chance in pairs]
    return {"choices": [{"logprobs": {"content": [{"token": "x", "logprob": 0.0, "top_logprobs": listed}]}}]}


def test_label_probabilities_are_those_of_their_spelling() -> None:
    reply = tops(("yes", 0.3), (" Yes", 0.2), ("YES", 0.1), ("maybe", 0.1), ("\u2581no", 0.05), ("\u0120no", 0.01))
    request = LabelLogprobs(prompt=CHAT, labels=("yes", " Yes", " no", "never", "Passage A"))
    answer, seen = ask(request, reply, label_logprobs=True, top_logprobs=5)
    assert answer.logprobs[:3] == pytest.approx((math.log(0.3), math.log(0.2), math.log(0.06)))
    assert answer.logprobs[3:] == (None, None)
    assert seen.body["logprobs"] is True
    assert (seen.body["top_logprobs"], seen.body["max_tokens"]) == (5, 1)


def test_label_probabilities_are_summed_over_spellings_where_their_own_is_not_there() -> None:
    reply = tops((" yes", 0.3), ("Yes", 0.2), ("YES", 0.1), ("\u2581no", 0.05))
    answer, _ = ask(LabelLogprobs(prompt=CHAT, labels=("yes", "no")), reply, label_logprobs=True)
    assert answer.logprobs == pytest.approx((math.log(0.6), math.log(0.05)))


def test_an_article_is_no_label() -> None:
    reply = tops((" a", 0.6), ("a", 0.1), (" A", 0.2), ("B", 0.1))
    answer, _ = ask(LabelLogprobs(prompt=CHAT, labels=("A", "B", "C")), reply, label_logprobs=True)
    assert answer.logprobs[:2] == pytest.approx((math.log(0.2), math.log(0.1)))
    assert answer.logprobs[2] is None


def test_case_counts_where_labels_differ_by_it_alone() -> None:
    answer, _ = ask(LabelLogprobs(prompt=CHAT, labels=("A", "a")), tops(("A", 0.5), (" a", 0.25)), label_logprobs=True)
    assert answer.logprobs == pytest.approx((math.log(0.5), math.log(0.25)))


def test_labels_through_completions() -> None:
    reply = {"choices": [{"logprobs": {"top_logprobs": [{" yes": -0.5, "no": -1.5}]}}]}
    request = LabelLogprobs(prompt=PLAIN, labels=("yes", "no"))
    answer, seen = ask(request, reply, label_logprobs=True, completions=True)
    assert answer.logprobs == pytest.approx((-0.5, -1.5))
    assert seen.body["logprobs"] == 20


def echoed(prompt: str, *tokens: tuple[str, float | None]) -> dict[str, Any]:
    offsets, at = [], 0
    for token, _ in tokens:
        offsets.append(at)
        at += len(token)
    assert "".join(token for token, _ in tokens).startswith(prompt)
    logprobs = {"tokens": [t for t, _ in tokens], "token_logprobs": [v for _, v in tokens], "text_offset": offsets}
    return {"choices": [{"text": "", "logprobs": logprobs}]}


def test_likelihood_reads_only_the_continuation() -> None:
    tokens = [("Write", None), (" a query:", -3.0), (" fer", -1.0), ("ry", -0.25), ("!", -9.0)]
    reply = echoed("Write a query: ferry", *tokens)
    answer, seen = ask(Likelihood(prompt=PLAIN, continuation="ferry"), reply, likelihood=True)
    assert answer.logprobs == (-1.0, -0.25)  # " fer" holds characters of it, the generated "!" does not
    assert seen.body["prompt"] == "Write a query: ferry"
    assert (seen.body["echo"], seen.path) == (True, "/v1/completions")
    with pytest.raises(BadAnswerError, match="echo"):
        ask(Likelihood(prompt=PLAIN, continuation="ferry"), echoed("", ("x", -1.0)), likelihood=True)


def test_long_documents_are_shortened_and_reported() -> None:
    document = Part(text="w" * 1000, kind="document", document_id="d")
    long = Prompt(messages=(Message(role="user", parts=(Part(text="P: "), document, Part(text="!"))),))
    reply = {"choices": [{"message": {"content": "ok"}}]}
    answer, seen = ask(Generate(prompt=long, max_tokens=10), reply, max_length=60)
    [cut] = answer.usage.cuts
    assert (cut.document_id, cut.tokens) == ("d", 250)
    content = seen.body["messages"][0]["content"]
    assert content == "P: " + "w" * (4 * cut.kept) + "!"
    assert 150 < len(content) <= 4 * 50


@pytest.mark.parametrize(
    "reply",
    [
        {},
        {"choices": []},
        {"choices": [{"message": {"content": None}}]},
        {"choices": [{"message": {"content": 3}}]},
        {"choices": "many"},
        [],
        "text",
    ],
)
def test_garbage_is_refused(reply: object) -> None:
    with pytest.raises(BadAnswerError, match="remote: reply"):
        ask(Generate(prompt=CHAT, max_tokens=3), reply)


@pytest.mark.parametrize(
    "logprobs",
    [None, {}, {"content": []}, {"content": [{"top_logprobs": [{"token": "a"}]}]}, {"top_logprobs": [[]]}],
)
def test_garbage_for_log_probabilities_is_refused(logprobs: object) -> None:
    with pytest.raises(BadAnswerError, match="remote: reply"):
        ask(LabelLogprobs(prompt=CHAT, labels=("a",)), {"choices": [{"logprobs": logprobs}]}, label_logprobs=True)


def test_other_requests_are_refused() -> None:
    from core.domain.documents import Document

    with pytest.raises(BadAnswerError, match="Score"):
        ask(Score(query="q", document=Document(id="d", text="t")), {})


def test_capabilities_follow_the_table() -> None:
    def capabilities(**table: bool) -> set[Capability]:
        values = {"kind": "chat-endpoint", "url": "http://localhost/v1", "model": "m", **table}
        return set(endpoint_entry("e", values).capabilities)

    assert capabilities() == {Capability.GENERATE}
    probable = {Capability.LABEL_LOGPROBS, Capability.GENERATE_LOGPROBS}
    assert capabilities(label_logprobs=True) == {Capability.GENERATE, *probable}
    assert capabilities(likelihood=True) == {Capability.GENERATE, Capability.LIKELIHOOD}


def test_each_request_is_one_call_in_the_order_given() -> None:
    adapter = adapter_for("http://127.0.0.1:9")
    requests = [Generate(prompt=PLAIN, max_tokens=tokens) for tokens in (9, 900)]
    arrangement = adapter.arrange(requests)
    assert (arrangement.order, arrangement.full, arrangement.added) == ((0, 1), (1, 1), (1, 1))
    assert adapter.shares(requests) == [1.0, 1.0]
    assert adapter.execution == "endpoint"
    adapter.close()
