"""``/rerank`` endpoints in the dialects of Cohere (v2), Jina (also vLLM and others) and TEI.

cohere  POST {url}/v2/rerank  {model, query, documents, top_n}                 -> {results: [{index, relevance_score}]}
jina    POST {url}/v1/rerank  {model, query, documents, top_n, return_documents} -> the same, usage.total_tokens
tei     POST {url}/rerank     {query, texts, raw_scores, return_text, truncate} -> [{index, score}]

A url that already ends with /rerank is used as it stands. A reply must name every document once with a finite
score, else it is refused whole: a document left out is never a zero.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Event

from core.domain.canonical import Json
from core.domain.errors import BadAnswerError
from core.domain.models import ModelEntry
from core.domain.requests import Answer, Request, ScoreList, ScoreListAnswer, Usage
from core.models.base import ENDPOINT, Arrangement, LoadContext, by_length
from core.models.concurrent import CONCURRENT, run_together
from core.models.http import RETRIES, EndpointClient, Transport
from core.models.replies import Reply

Body = dict[str, Json]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """How one family of servers is asked and read."""

    path: str
    body: Callable[[str, str, list[str]], Body]  # model, query, documents
    results: Callable[[Reply], list[Reply]]
    score: str
    tokens: Callable[[Reply], int]


def _cohere_body(model: str, query: str, documents: list[str]) -> Body:
    return {"model": model, "query": query, "documents": documents, "top_n": len(documents)}


def _jina_body(model: str, query: str, documents: list[str]) -> Body:
    return {**_cohere_body(model, query, documents), "return_documents": False}


def _tei_body(_model: str, query: str, documents: list[str]) -> Body:
    return {"query": query, "texts": documents, "raw_scores": False, "return_text": False, "truncate": True}


def _count(reply: Reply, *path: str) -> int:
    for key in path:
        found = reply.maybe(key)
        if found is None:
            return 0
        reply = found
    return reply.whole()


DIALECTS: dict[str, Dialect] = {
    "cohere": Dialect(
        path="/v2/rerank",
        body=_cohere_body,
        results=lambda reply: reply.at("results").items(),
        score="relevance_score",
        tokens=lambda reply: _count(reply, "meta", "tokens", "input_tokens"),
    ),
    "jina": Dialect(
        path="/v1/rerank",
        body=_jina_body,
        results=lambda reply: reply.at("results").items(),
        score="relevance_score",
        tokens=lambda reply: _count(reply, "usage", "total_tokens"),
    ),
    "tei": Dialect(path="/rerank", body=_tei_body, results=Reply.items, score="score", tokens=lambda _reply: 0),
}


class RerankEndpointAdapter:
    """One ``/rerank`` endpoint."""

    def __init__(self, entry: ModelEntry, transport: Transport | None = None) -> None:
        self.entry = entry
        self.batch_tokens = CONCURRENT  # counts HTTP requests: a batch is what runs at once
        self.memory_bytes = 0
        self._transport = transport or Transport.of(entry)
        self._client = EndpointClient(entry, self._transport)
        self._dialect = DIALECTS[entry.option("dialect")]
        self._path = "" if entry.source.endswith("/rerank") else self._dialect.path
        self._at_once = int(entry.option("max_documents", "1000"))
        self._pool = ThreadPoolExecutor(CONCURRENT, thread_name_prefix=f"endpoint-{entry.id}")

    @property
    def execution(self) -> str:
        """It runs where the endpoint is."""
        return ENDPOINT

    def arrange(self, requests: Sequence[Request]) -> Arrangement:
        """Longest list first; lists share nothing."""
        return by_length([self._calls(request) for request in requests])

    def shares(self, requests: Sequence[Request]) -> list[float]:
        """HTTP requests that each list takes."""
        return [float(self._calls(request)) for request in requests]

    def answer(self, requests: Sequence[Request], cancelled: Callable[[], bool]) -> list[Answer]:
        """Scores of every list, in order; lists longer than the endpoint takes are sent in pieces."""
        asked = [self._checked(request) for request in requests]
        pieces = [(place, piece) for place, request in enumerate(asked) for piece in self._pieces(request)]
        calls = [
            lambda stopped, request=asked[place], piece=piece: self._scores(request.query, piece, stopped)
            for place, piece in pieces
        ]
        rounds = -(-len(calls) // CONCURRENT)
        limit_s = (RETRIES + 2) * self._transport.total_s * max(1, rounds)
        found = run_together(calls, self._pool, cancelled, limit_s)
        answers: list[Answer] = []
        for place in range(len(asked)):
            own = [result for (owner, _), result in zip(pieces, found, strict=True) if owner == place]
            scores = tuple(score for part, _ in own for score in part)
            answers.append(ScoreListAnswer(scores=scores, usage=Usage(prompt_tokens=sum(tokens for _, tokens in own))))
        return answers

    def forget(self) -> None:
        """Nothing is remembered here; what the server keeps is its own."""

    def synchronize(self) -> None:
        """Answers have arrived when they are given."""

    def close(self) -> None:
        """Let go of threads and connections."""
        self._pool.shutdown(wait=False, cancel_futures=True)
        self._client.close()

    def _calls(self, request: Request) -> int:
        return max(1, len(self._pieces(self._checked(request))))

    def _pieces(self, request: ScoreList) -> list[list[str]]:
        texts = [document.content for document in request.documents]
        return [texts[begin : begin + self._at_once] for begin in range(0, len(texts), self._at_once)]

    def _scores(self, query: str, documents: list[str], stopped: Event) -> tuple[list[float], int]:
        body: Mapping[str, Json] = self._dialect.body(self.entry.revision, query, documents)
        reply = Reply(self._client.post(self._path, body, stopped), self.entry.id)
        scores: dict[int, float] = {}
        for result in self._dialect.results(reply):
            index = result.at("index")
            if index.whole() >= len(documents) or index.whole() in scores:
                raise index.error(f"each of 0 ... {len(documents) - 1} once")
            scores[index.whole()] = result.at(self._dialect.score).number()
        if len(scores) != len(documents):
            raise BadAnswerError(f"{self.entry.id}: {len(scores)} scores for {len(documents)} documents.")
        return [scores[place] for place in range(len(documents))], self._dialect.tokens(reply)

    def _checked(self, request: Request) -> ScoreList:
        if not isinstance(request, ScoreList):
            raise BadAnswerError(f"{self.entry.id} answers ScoreList, not {type(request).__name__}.")
        return request


def load(entry: ModelEntry, _context: LoadContext) -> RerankEndpointAdapter:
    """The adapter; the endpoint is not asked before the first request."""
    return RerankEndpointAdapter(entry)
