"""The identity of a request: SHA-256 of its kind, its content and the model's identity.

Document ids and slots are left out, so that equal questions of different documents, queries, systems
and people are answered once; the seed is in. ``ANSWERS_VERSION`` is raised whenever adapters begin to
answer the same request differently.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from core.domain.canonical import Json, digest
from core.domain.documents import Document
from core.domain.models import ModelEntry
from core.domain.requests import (
    AttentionMass,
    Embed,
    EmbedPrompt,
    Generate,
    GenerateFused,
    LabelLogprobs,
    Likelihood,
    Prompt,
    Request,
    Score,
    ScoreList,
    Transform,
)

ANSWERS_VERSION = 3


def request_key(request: Request, model: ModelEntry) -> str:
    """The key under which the answer is shared and cached, 64 hexadecimal digits."""
    content = _CONTENT[type(request)](request)
    return digest([ANSWERS_VERSION, type(request).__name__, content, model.source, model.identity])


def document_ids(request: Request) -> tuple[str, ...]:
    """Ids of the documents in a request in the order in which they stand; "" where one has no id."""
    return _DOCUMENTS[type(request)](request)


def _document(document: Document) -> Json:
    return [document.title, document.text]


def _prompt(prompt: Prompt) -> Json:
    turns: list[Json] = [[m.role, [[part.kind, part.text] for part in m.parts]] for m in prompt.messages]
    return [prompt.chat, turns]


def _prompt_documents(prompt: Prompt) -> tuple[str, ...]:
    parts = (part for message in prompt.messages for part in message.parts)
    return tuple(part.document_id or "" for part in parts if part.kind == "document")


def _set(**values: Json) -> list[Json]:
    """What was asked beyond the usual; nothing where nothing was, so that older answers keep their keys."""
    return [[name, value] for name, value in sorted(values.items()) if value]


_CONTENT: dict[type, Callable[[Any], Json]] = {
    Score: lambda r: [r.query, _document(r.document), *_set(exit_layer=r.exit_layer)],
    Embed: lambda r: [r.text, r.role, r.at],
    EmbedPrompt: lambda r: [_prompt(r.prompt), list(r.marks)],
    LabelLogprobs: lambda r: [_prompt(r.prompt), list(r.labels), *_set(raw=r.raw, exit_layer=r.exit_layer)],
    Likelihood: lambda r: [_prompt(r.prompt), r.continuation],
    Generate: lambda r: [
        _prompt(r.prompt), r.max_tokens, float(r.temperature), r.seed, list(r.stop), *_set(top_logprobs=r.top_logprobs)
    ],
    GenerateFused: lambda r: [[_prompt(prompt) for prompt in r.prompts], r.max_tokens],
    AttentionMass: lambda r: [_prompt(r.prompt), float(r.first_layer), float(r.last_layer)],
    Transform: lambda r: [list(vector) for vector in r.vectors],
    ScoreList: lambda r: [r.query, [_document(document) for document in r.documents], r.collection],
}  # fmt: skip

_DOCUMENTS: dict[type, Callable[[Any], tuple[str, ...]]] = {
    Score: lambda r: (r.document.id,),
    Embed: lambda r: (r.document_id or "",),
    EmbedPrompt: lambda r: _prompt_documents(r.prompt),
    LabelLogprobs: lambda r: _prompt_documents(r.prompt),
    Likelihood: lambda r: _prompt_documents(r.prompt),
    Generate: lambda r: _prompt_documents(r.prompt),
    GenerateFused: lambda r: tuple(id for prompt in r.prompts for id in _prompt_documents(prompt)),
    AttentionMass: lambda r: _prompt_documents(r.prompt),
    Transform: lambda _r: (),
    ScoreList: lambda r: tuple(document.id for document in r.documents),
}
