"""What a strategy may ask of a model: plain data that names what is needed, never a model object.

A strategy imports requests and answers from here. Every request carries the ``slot`` that should answer it. Answers
come back in the order of the requests. A label that an endpoint did not return is None, never zero.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from core.domain.answers import (
    Answer,
    AttentionAnswer,
    Cut,
    EmbedAnswer,
    Example,
    ExamplesAnswer,
    GenerateAnswer,
    LabelAnswer,
    LikelihoodAnswer,
    RankAnswer,
    ScoreAnswer,
    ScoreListAnswer,
    TransformAnswer,
    Usage,
    WrittenToken,
)
from core.domain.documents import CandidateList, Document

__all__ = [
    "OF_THE_ENGINE",
    "Answer",
    "AttentionAnswer",
    "AttentionMass",
    "Cut",
    "Embed",
    "EmbedAnswer",
    "EmbedPrompt",
    "Example",
    "Examples",
    "ExamplesAnswer",
    "Generate",
    "GenerateAnswer",
    "GenerateFused",
    "LabelAnswer",
    "LabelLogprobs",
    "Likelihood",
    "LikelihoodAnswer",
    "Message",
    "Part",
    "PartKind",
    "Prompt",
    "Rank",
    "RankAnswer",
    "Request",
    "Role",
    "Score",
    "ScoreAnswer",
    "ScoreList",
    "ScoreListAnswer",
    "Transform",
    "TransformAnswer",
    "Usage",
    "Wanted",
    "WrittenToken",
]

PartKind = Literal["text", "query", "document"]
Role = Literal["system", "user", "assistant"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A piece of a prompt. Only parts of kind "document" may be shortened to fit a model's limit."""

    text: str
    kind: PartKind = "text"
    document_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One turn of a prompt."""

    role: Role
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """A structured prompt. ``chat``: rendered with the model's chat template where it has one;
    otherwise, and always with ``chat=False``, the parts are joined as they stand."""

    messages: tuple[Message, ...]
    chat: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a text that a model writes should say; for judges in place of models and for people who read a trace.

    No model sees it. ``kind``: "order" (all documents, best first), "worst-first" (all, least relevant first),
    "best" or "worst" (one document), "top" (the best ``count``), "grade" (of the one document, 0 to ``scale``),
    "grades" (of every document), "text" (anything else). ``names``: how the answer calls the documents of the
    prompt, in their order. ``frame``: what stands around the answer, with {} in its place.
    """

    kind: Literal["order", "worst-first", "best", "worst", "top", "grade", "grades", "text"] = "text"
    names: tuple[str, ...] = ()
    count: int = 1
    scale: int = 10
    frame: str = "{}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """A cross-encoder's relevance of one document to the query.

    ``exit_layer``: the layer after which a model that has a head there stops, from 1; None: the last.
    ``indexed``: an answer of an index that is made once for many queries; it is no call of this ranking.
    """

    query: str
    document: Document
    exit_layer: int | None = None
    indexed: bool = False
    slot: str = "model"


@dataclass(frozen=True, slots=True, kw_only=True)
class Embed:
    """A vector (``at="pooled"``) or one vector per token (``at="tokens"``) of a text.

    ``role`` lets models that prefix queries and documents differently do so.
    """

    text: str
    role: Literal["query", "document"]
    at: Literal["pooled", "tokens"] = "pooled"
    document_id: str | None = None
    slot: str = "model"


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbedPrompt:
    """The vector of a structured prompt, in the space of ``Embed(at="pooled")``, or, where ``marks`` are given, one
    vector per occurrence of a mark (a special token of the model), in the order in which they stand."""

    prompt: Prompt
    marks: tuple[str, ...] = ()
    slot: str = "model"


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelLogprobs:
    """Log-probability of each label as the next token(s) after the prompt.

    ``raw``: the logit of the label's first token instead, before the softmax over the vocabulary.
    ``exit_layer``: read from the states after this layer, from 1; None: the last.
    """

    prompt: Prompt
    labels: tuple[str, ...]
    raw: bool = False
    exit_layer: int | None = None
    slot: str = "model"


@dataclass(frozen=True, slots=True, kw_only=True)
class Likelihood:
    """Log-probability of every token of ``continuation`` after the prompt, teacher-forced."""

    prompt: Prompt
    continuation: str
    slot: str = "model"


@dataclass(frozen=True, slots=True, kw_only=True)
class Generate:
    """Free generation. The seed is part of the request: another seed is another request.

    ``top_logprobs``: for each token of the text, how many of the likeliest tokens come back with it. A prompt whose
    last turn is the assistant's is continued there.
    """

    prompt: Prompt
    max_tokens: int
    temperature: float = 0.0
    seed: int = 0
    stop: tuple[str, ...] = ()
    top_logprobs: int = 0
    wanted: Wanted = Wanted()
    slot: str = "model"


@dataclass(frozen=True, slots=True, kw_only=True)
class GenerateFused:
    """Greedy generation by a decoder that reads several inputs together, each encoded by itself (fusion in the
    decoder, Izacard and Grave 2021)."""

    prompts: tuple[Prompt, ...]
    max_tokens: int
    wanted: Wanted = Wanted()
    slot: str = "model"


@dataclass(frozen=True, slots=True, kw_only=True)
class AttentionMass:
    """The attention that every token of the prompt's documents receives from the query's tokens.

    The query's tokens are those from the first part of kind "query" to the end of the rendered prompt. The mass of a
    token is the mean over query tokens of the attention paid to it, summed over heads and over the layers from
    ``first_layer`` (share of all layers, inclusive) to ``last_layer``; layers after it are not run.
    """

    prompt: Prompt
    first_layer: float = 0.0
    last_layer: float = 1.0
    slot: str = "model"


@dataclass(frozen=True, slots=True, kw_only=True)
class Transform:
    """What a small trained head makes of vectors of one length (n, dim); plain numbers, so that it can be a key."""

    vectors: tuple[tuple[float, ...], ...]
    slot: str = "model"


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreList:
    """Scores of all documents at once, by models that see them jointly (``/rerank`` endpoints)
    or that need the statistics of a corpus (BM25; ``collection`` is its fingerprint, None: of the list)."""

    query: str
    documents: tuple[Document, ...]
    collection: str | None = None
    slot: str = "model"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rank:
    """Ask the engine itself for the ranking of another system over candidates (fusion, cascades).

    ``member`` is the index of that system among the members of the asking system.
    """

    member: int
    candidates: CandidateList


@dataclass(frozen=True, slots=True, kw_only=True)
class Examples:
    """Ask the engine itself for judged queries of the list's collection, other than the list's own query.

    ``count``: at most so many, drawn with ``seed``. ``depth``: documents per query, judged ones first.
    """

    candidates: CandidateList
    count: int
    depth: int = 20
    seed: int = 0


Request = (
    Score
    | Embed
    | EmbedPrompt
    | LabelLogprobs
    | Likelihood
    | Generate
    | GenerateFused
    | AttentionMass
    | Transform
    | ScoreList
    | Rank
    | Examples
)
OF_THE_ENGINE = (Rank, Examples)  # requests that no model answers and that are no calls
