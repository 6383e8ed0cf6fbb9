"""Whatever JSON an endpoint sends, the answer is whole or a BadAnswerError; nothing else comes out."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.catalog.endpoints import endpoint_entry
from core.domain.documents import Document
from core.domain.errors import BadAnswerError
from core.domain.requests import Generate, LabelLogprobs, Likelihood, Message, Part, Prompt, Request, ScoreList
from core.models.chat_endpoint import ChatEndpointAdapter
from core.models.rerank_endpoint import RerankEndpointAdapter
from tests.support.http_server import Given, serving

pytestmark = pytest.mark.thorough  # long; `make check` runs it

PROMPT = Prompt(messages=(Message(role="user", parts=(Part(text="Query: "),)),))
LISTED = ScoreList(query="q", documents=(Document(id="a", text="x"), Document(id="b", text="y")))
WORDS = (
    "results", "index", "relevance_score", "score", "choices", "message", "content", "logprobs", "top_logprobs",
    "token", "logprob", "tokens", "token_logprobs", "text_offset", "text", "usage", "total_tokens", "meta",
)  # fmt: skip
LEAVES = st.none() | st.booleans() | st.integers(-2, 3) | st.floats() | st.sampled_from(["yes", "", "q"])
ANYTHING = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=4),
    max_leaves=20,
)
RESULTS = st.lists(
    st.fixed_dictionaries({"index": LEAVES, "relevance_score": LEAVES, "score": LEAVES}), max_size=3
).flatmap(lambda found: st.sampled_from([found, {"results": found}]))
CHOICES = st.fixed_dictionaries({"message": ANYTHING, "logprobs": ANYTHING, "text": LEAVES}).map(
    lambda choice: {"choices": [choice]}
)


@pytest.fixture(scope="module")
def endpoint() -> Iterator[dict[str, Any]]:
    """The reply to give next, and adapters for the server that gives it."""
    state: dict[str, Any] = {"reply": None}
    with serving(lambda _seen: Given(json.dumps(state["reply"]).encode())) as server:
        rerank = {"kind": "rerank-endpoint", "url": server.address, "model": "m"}
        chat = {
            "kind": "chat-endpoint",
            "url": server.address,
            "model": "m",
            "label_logprobs": True,
            "likelihood": True,
        }
        with (
            closing(RerankEndpointAdapter(endpoint_entry("j", {**rerank, "dialect": "jina"}))) as jina,
            closing(RerankEndpointAdapter(endpoint_entry("t", {**rerank, "dialect": "tei"}))) as tei,
            closing(ChatEndpointAdapter(endpoint_entry("c", chat))) as chatting,
        ):
            yield {**state, "state": state, "jina": jina, "tei": tei, "chat": chatting}


def ask(endpoint: dict[str, Any], adapter: Any, request: Request, reply: object) -> Any:
    endpoint["state"]["reply"] = reply
    adapter._client._breaker.succeeded()  # bad replies count as failures; here each stands for itself
    try:
        [answer] = adapter.answer([request], lambda: False)
    except BadAnswerError:
        return None
    return answer


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(reply=ANYTHING | RESULTS, dialect=st.sampled_from(["jina", "tei"]))
def test_rerank(endpoint: dict[str, Any], reply: object, dialect: str) -> None:
    answer = ask(endpoint, endpoint[dialect], LISTED, reply)
    if answer is not None:
        assert len(answer.scores) == 2
        assert all(math.isfinite(score) for score in answer.scores)


@settings(max_examples=90, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    reply=ANYTHING | CHOICES,
    request_=st.sampled_from([
        Generate(prompt=PROMPT, max_tokens=2),
        LabelLogprobs(prompt=PROMPT, labels=("yes", "no")),
        Likelihood(prompt=PROMPT, continuation="q"),
    ]),
)  # fmt: skip
def test_chat(endpoint: dict[str, Any], reply: object, request_: Request) -> None:
    answer = ask(endpoint, endpoint["chat"], request_, reply)
    if isinstance(request_, LabelLogprobs) and answer is not None:
        assert len(answer.logprobs) == 2
        assert all(value is None or math.isfinite(value) for value in answer.logprobs)
