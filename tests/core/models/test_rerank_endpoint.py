"""The three ``/rerank`` dialects against a real HTTP server, and every way in which it can fail."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import closing
from typing import Any

import pytest

from core.catalog.endpoints import endpoint_entry
from core.domain.documents import Document
from core.domain.errors import BadAnswerError, CancelledError, ModelUnavailableError
from core.domain.requests import ScoreList
from core.models.http import Transport
from core.models.rerank_endpoint import RerankEndpointAdapter
from tests.support.http_server import Given, Seen, serving

KEY = "sk-very-secret-key"
DOCUMENTS = tuple(Document(id=f"d{place}", title="T", text="x" * place) for place in range(5))
REQUEST = ScoreList(query="ferry", documents=DOCUMENTS)


def adapter_for(address: str, dialect: str = "jina", **transport: Any) -> RerankEndpointAdapter:
    table = {"kind": "rerank-endpoint", "url": address, "model": "m", "dialect": dialect}
    settings = {"backoff_s": 0.01, "total_s": 5.0, **transport}
    return RerankEndpointAdapter(endpoint_entry("remote", table), Transport(**settings))


def by_length(seen: Seen) -> list[float]:
    return [len(text) / 10 for text in seen.body.get("documents", seen.body.get("texts"))]


def results(seen: Seen) -> Given:
    """The reply of Cohere and Jina, best first as they send it."""
    scores = sorted(enumerate(by_length(seen)), key=lambda pair: -pair[1])
    return Given({"results": [{"index": place, "relevance_score": score} for place, score in scores]})


def ask(answerer: Callable[[Seen], Given], dialect: str = "jina", **transport: Any) -> tuple[float, ...]:
    with serving(answerer) as server:
        adapter = adapter_for(server.address, dialect, **transport)
        try:
            [answer] = adapter.answer([REQUEST], lambda: False)
        finally:
            adapter.close()
    return answer.scores


EXPECTED = tuple((2 + place) / 10 for place in range(5))  # title, line break, text


@pytest.mark.parametrize(
    ("dialect", "path", "body"),
    [
        ("cohere", "/v2/rerank", {"model": "m", "query": "ferry", "top_n": 5}),
        ("jina", "/v1/rerank", {"model": "m", "query": "ferry", "top_n": 5, "return_documents": False}),
    ],
)
def test_cohere_and_jina(dialect: str, path: str, body: dict[str, object]) -> None:
    with serving(results) as server:
        adapter = adapter_for(server.address, dialect, key_variable="K", environment={"K": KEY})
        [answer] = adapter.answer([REQUEST], lambda: False)
        adapter.close()
    assert answer.scores == EXPECTED
    [seen] = server.seen
    assert (seen.method, seen.path) == ("POST", path)
    assert seen.body == {**body, "documents": [document.content for document in DOCUMENTS]}
    assert seen.headers["authorization"] == f"Bearer {KEY}"


def test_tei_in_pieces() -> None:
    def tei(seen: Seen) -> Given:
        return Given([{"index": place, "score": score} for place, score in reversed(list(enumerate(by_length(seen))))])

    with serving(tei) as server:
        table = {
            "kind": "rerank-endpoint", "url": f"{server.address}/rerank", "model": "m", "dialect": "tei",
            "max_documents": 2,
        }  # fmt: skip
        adapter = RerankEndpointAdapter(endpoint_entry("remote", table))
        assert adapter.shares([REQUEST, REQUEST]) == [3.0, 3.0]
        assert adapter.arrange([REQUEST]).full == (3,)
        assert adapter.execution == "endpoint"
        [answer] = adapter.answer([REQUEST], lambda: False)
        adapter.close()
    assert answer.scores == EXPECTED
    assert [seen.path for seen in server.seen] == ["/rerank"] * 3
    assert sorted(len(seen.body["texts"]) for seen in server.seen) == [1, 2, 2]
    assert server.seen[0].body.keys() == {"query", "texts", "raw_scores", "return_text", "truncate"}


def test_what_the_server_counted_is_the_usage() -> None:
    def counted(seen: Seen) -> Given:
        return Given({**results(seen).body, "usage": {"total_tokens": 42}})

    with serving(counted) as server:
        adapter = adapter_for(server.address)
        [answer] = adapter.answer([REQUEST], lambda: False)
        adapter.close()
    assert answer.usage.prompt_tokens == 42


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"results": [{"index": 0, "relevance_score": 1.0}]}, "1 scores for 5 documents"),
        ({"results": [{"index": 0, "relevance_score": 1.0}] * 5}, "each of 0 ... 4 once"),
        ({"results": [{"index": 9, "relevance_score": 1.0}]}, "each of 0 ... 4 once"),
        ({"results": [{"index": -1, "relevance_score": 1.0}]}, "a whole number from 0"),
        ({"results": [{"index": True, "relevance_score": 1.0}]}, "a whole number from 0"),
        ({"results": [{"index": 0, "relevance_score": "high"}]}, "a finite number"),
        ({"results": [{"index": 0, "relevance_score": None}]}, "a finite number"),
        ({"results": [{"index": 0, "relevance_score": float("nan")}]}, "a finite number"),
        ({"results": "none"}, "a list"),
        ({"error": "no"}, "an object with 'results'"),
        ([], "an object with 'results'"),
        (b"<html>Bad gateway</html>", "not JSON"),
        (b"", "not JSON"),
        (b"\xff\xfe", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b"9" * 10_000, "not JSON"),
    ],
)
def test_a_reply_that_is_not_whole_is_refused(body: object, message: str) -> None:
    with pytest.raises(BadAnswerError, match=message):
        ask(lambda _seen: Given(body))


def test_a_server_error_is_tried_twice_more() -> None:
    statuses = iter([500, 429, 200])

    def recovering(seen: Seen) -> Given:
        status = next(statuses)
        return results(seen) if status == 200 else Given({"error": KEY}, status)

    assert ask(recovering) == EXPECTED
    with (
        serving(lambda _seen: Given({}, 503)) as server,
        closing(adapter_for(server.address)) as adapter,
        pytest.raises(ModelUnavailableError, match="3 times: HTTP 503"),
    ):
        adapter.answer([REQUEST], lambda: False)
    assert len(server.seen) == 3


def test_a_refusal_is_not_tried_again() -> None:
    with serving(lambda _seen: Given({"detail": "no such model"}, 404)) as server:
        adapter = adapter_for(server.address)
        with pytest.raises(ModelUnavailableError, match=r"HTTP 404.*no such model"):
            adapter.answer([REQUEST], lambda: False)
        adapter.close()
    assert len(server.seen) == 1


def test_the_key_is_in_no_message() -> None:
    for status in (400, 401, 403, 500):
        with pytest.raises(ModelUnavailableError) as caught:
            ask(lambda seen, status=status: Given(dict(seen.headers), status), key_variable="K", environment={"K": KEY})
        assert KEY not in str(caught.value)
    with pytest.raises(BadAnswerError) as refused:
        ask(lambda seen: Given(seen.headers["authorization"].encode()), key_variable="K", environment={"K": KEY})
    assert KEY not in str(refused.value)
    with pytest.raises(ModelUnavailableError, match="environment variable K is not set"):
        ask(results, key_variable="K", environment={})


def test_a_redirect_is_not_followed() -> None:
    with (
        serving(results) as elsewhere,
        serving(lambda seen: Given({}, 307, {"Location": elsewhere.address + seen.path})) as server,
    ):
        adapter = adapter_for(server.address)
        with pytest.raises(ModelUnavailableError, match="redirect"):
            adapter.answer([REQUEST], lambda: False)
        adapter.close()
    assert elsewhere.seen == []


def test_a_slow_server_is_given_up() -> None:
    quiet = threading.Event()

    def slow(_seen: Seen) -> Given:
        quiet.wait(5)
        return Given({})

    try:
        with pytest.raises(ModelUnavailableError, match=r"no reply within 0\.2 s"):
            ask(slow, total_s=0.2)
    finally:
        quiet.set()


def test_a_reply_that_drips_is_given_up() -> None:
    def drip(_seen: Seen) -> Given:
        return Given(pieces=[b"["] * 100, wait=lambda: time.sleep(0.05))

    with pytest.raises(ModelUnavailableError, match=r"not complete within 0\.3 s"):
        ask(drip, total_s=0.3)


def test_a_huge_reply_is_not_read() -> None:
    def huge(_seen: Seen) -> Given:
        return Given(pieces=[b"[" * 1_000_000] * 8)

    with pytest.raises(BadAnswerError, match="larger than 5 MB"):
        ask(huge)


def test_a_closed_port_is_unavailable() -> None:
    with serving(results) as server:
        address = server.address
    with closing(adapter_for(address)) as adapter, pytest.raises(ModelUnavailableError, match="3 times: ConnectError"):
        adapter.answer([REQUEST], lambda: False)


def test_after_five_failures_the_endpoint_is_left_alone() -> None:
    with serving(lambda _seen: Given({}, 400)) as server:
        adapter = adapter_for(server.address)
        for _ in range(5):
            with pytest.raises(ModelUnavailableError, match="HTTP 400"):
                adapter.answer([REQUEST], lambda: False)
        with pytest.raises(ModelUnavailableError, match="left alone"):
            adapter.answer([REQUEST], lambda: False)
        adapter.close()
    assert len(server.seen) == 5


def test_four_requests_run_at_once() -> None:
    barrier = threading.Barrier(4, timeout=5)

    def together(seen: Seen) -> Given:
        barrier.wait()
        return results(seen)

    with serving(together) as server:
        adapter = adapter_for(server.address)
        answers = adapter.answer([REQUEST] * 4, lambda: False)
        adapter.close()
    assert [answer.scores for answer in answers] == [EXPECTED] * 4


def test_cancelling_does_not_wait_for_the_server() -> None:
    quiet = threading.Event()

    def slow(_seen: Seen) -> Given:
        quiet.wait(5)
        return Given({})

    with serving(slow) as server:
        adapter = adapter_for(server.address)
        began = time.monotonic()
        with pytest.raises(CancelledError):
            adapter.answer([REQUEST], lambda: time.monotonic() - began > 0.2)
        assert time.monotonic() - began < 2
        quiet.set()
        adapter.close()


def test_no_documents_no_request() -> None:
    with serving(results) as server:
        adapter = adapter_for(server.address)
        [answer] = adapter.answer([ScoreList(query="q", documents=())], lambda: False)
        adapter.close()
    assert answer.scores == ()
    assert server.seen == []
