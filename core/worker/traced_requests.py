"""A request and its answer as a trace shows them: the prompt in turns, what was asked for in words, the answer in words
and numbers. Vectors are told by their shape only."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from core.domain.counting import counted
from core.domain.documents import Document
from core.domain.requests import (
    Answer,
    AttentionMass,
    Embed,
    EmbedPrompt,
    Examples,
    Generate,
    GenerateFused,
    LabelLogprobs,
    Likelihood,
    Part,
    Prompt,
    Rank,
    Request,
    Score,
    ScoreList,
    Transform,
)
from core.domain.traces import TracedRequest, Turn
from core.worker.keys import document_ids
from core.worker.traced_answers import traced_answer

Texts = list[tuple[str, tuple[Part, ...]]]  # role and parts of every turn


def texts_of(request: Request) -> Texts:
    """What a model is given, turn by turn."""
    return _TEXTS[type(request)](request)


def asked_documents(request: Request) -> tuple[str, ...]:
    """Ids of the documents in the order in which they stand; "" for texts without an id."""
    if isinstance(request, Rank):
        return request.candidates.ids
    return () if isinstance(request, Examples) else document_ids(request)


def traced(request: Request, answer: Answer, number: int, place: Callable[[Part], int]) -> TracedRequest:
    """``place``: where a text stands among the trace's pieces."""
    ids = asked_documents(request)
    return TracedRequest(
        number=number,
        kind=type(request).__name__,
        slot=getattr(request, "slot", ""),
        documents=tuple(id for id in ids if id),
        turns=tuple(Turn(role=role, pieces=tuple(map(place, parts))) for role, parts in texts_of(request)),
        wanted=request.wanted if isinstance(request, Generate | GenerateFused) else None,
        settings=", ".join(_SETTINGS[type(request)](request)),
        answer=traced_answer(request, answer),
        prompt_tokens=answer.usage.prompt_tokens,
        generated_tokens=answer.usage.generated_tokens,
        cuts=() if isinstance(request, Rank) else answer.usage.cuts,
    )


def _prompt(prompt: Prompt) -> Texts:
    return [(message.role, message.parts) for message in prompt.messages]


def _query(text: str) -> tuple[str, tuple[Part, ...]]:
    return "query", (Part(text=text, kind="query"),)


def _document(document: Document) -> Part:
    return Part(text=document.content, kind="document", document_id=document.id)


def _embedded(request: Embed) -> Texts:
    kind = "document" if request.role == "document" else "query"
    return [(request.role, (Part(text=request.text, kind=kind, document_id=request.document_id),))]  # type: ignore[arg-type]  # one of two


def _fused(request: GenerateFused) -> Texts:
    """Each input as one turn, since its decoder reads them together."""
    parts = (tuple(p for message in prompt.messages for p in message.parts) for prompt in request.prompts)
    return [(f"input {number}", joined) for number, joined in enumerate(parts, start=1)]


_TEXTS: dict[type, Callable[[Any], Texts]] = {
    Score: lambda r: [_query(r.query), ("document", (_document(r.document),))],
    Embed: _embedded,
    EmbedPrompt: lambda r: _prompt(r.prompt),
    LabelLogprobs: lambda r: _prompt(r.prompt),
    Likelihood: lambda r: [*_prompt(r.prompt), ("continuation", (Part(text=r.continuation),))],
    Generate: lambda r: _prompt(r.prompt),
    GenerateFused: _fused,
    AttentionMass: lambda r: _prompt(r.prompt),
    Transform: lambda _r: [],
    ScoreList: lambda r: [_query(r.query), *(("document", (_document(d),)) for d in r.documents)],
    Rank: lambda _r: [],
    Examples: lambda _r: [],
}


def _generation(request: Generate) -> list[str]:
    said = [f"at most {counted(request.max_tokens, 'token')}"]
    if request.temperature:
        said.append(f"temperature {request.temperature:g}, seed {request.seed}")
    if request.stop:
        said.append(f"stops at {' or '.join(map(repr, request.stop))}")
    if request.top_logprobs:
        said.append(f"with the {counted(request.top_logprobs, 'likeliest token')} of every place")
    return said


def _layer(request: Score | LabelLogprobs) -> list[str]:
    return [f"read after layer {request.exit_layer}"] if request.exit_layer else []


def _layers(request: AttentionMass) -> list[str]:
    if (request.first_layer, request.last_layer) == (0.0, 1.0):
        return ["attention in all layers"]
    return [f"attention from {request.first_layer:.0%} to {request.last_layer:.0%} of the layers"]


def _vectors(request: Transform) -> list[str]:
    lengths = {len(vector) for vector in request.vectors}
    return [f"{counted(len(request.vectors), 'vector')} of {'/'.join(map(str, sorted(lengths)))} numbers"]


_SETTINGS: dict[type, Callable[[Any], list[str]]] = {
    Score: lambda r: _layer(r) + (["of an index, no call of this ranking"] if r.indexed else []),
    Embed: lambda r: [f"a vector per token of the {r.role}" if r.at == "tokens" else f"a vector of the {r.role}"],
    EmbedPrompt: lambda r: [f"a vector at every {' and '.join(r.marks)}" if r.marks else "a vector of the prompt"],
    LabelLogprobs: lambda r: (["logits"] if r.raw else []) + _layer(r),
    Likelihood: lambda _r: ["likelihood of the continuation"],
    Generate: _generation,
    GenerateFused: lambda r: [f"at most {counted(r.max_tokens, 'token')}", "inputs read together"],
    AttentionMass: _layers,
    Transform: _vectors,
    ScoreList: lambda r: ["statistics of the collection"] if r.collection else [],
    Rank: lambda r: [f"member {r.member + 1}, {counted(len(r.candidates.documents), 'document')}"],
    Examples: lambda r: [f"{counted(r.count, 'judged query', 'judged queries')}, seed {r.seed}"],
}
