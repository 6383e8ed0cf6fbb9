"""What a strategy may ask of a model: plain data that names what is needed, never a model object.

Every request carries the ``slot`` that should answer it. Answers come back in the order of the requests.
A label that an endpoint did not return is None, never zero.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from core.domain.documents import CandidateList, Document

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
class Score:
    """A cross-encoder's relevance of one document to the query."""

    query: str
    document: Document
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
class LabelLogprobs:
    """Log-probability of each label as the next token(s) after the prompt."""

    prompt: Prompt
    labels: tuple[str, ...]
    slot: str = "model"


@dataclass(frozen=True, slots=True, kw_only=True)
class Likelihood:
    """Log-probability of every token of ``continuation`` after the prompt, teacher-forced."""

    prompt: Prompt
    continuation: str
    slot: str = "model"


@dataclass(frozen=True, slots=True, kw_only=True)
class Generate:
    """Free generation. The seed is part of the request: another seed is another request."""

    prompt: Prompt
    max_tokens: int
    temperature: float = 0.0
    seed: int = 0
    stop: tuple[str, ...] = ()
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


Request = Score | Embed | LabelLogprobs | Likelihood | Generate | ScoreList | Rank


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """A document that a model did not see whole: tokens it had and tokens that were kept."""

    document_id: str
    tokens: int
    kept: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What one answer cost as if asked alone."""

    prompt_tokens: int = 0
    generated_tokens: int = 0
    cuts: tuple[Cut, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreAnswer:
    """Answer to Score; higher is more relevant."""

    score: float
    usage: Usage = Usage()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class EmbedAnswer:
    """Answer to Embed: vector (dim,) or token vectors (n_tokens, dim), float32, not normalised."""

    vector: NDArray[np.float32]
    usage: Usage = Usage()


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelAnswer:
    """Answer to LabelLogprobs: natural logarithms, aligned with the labels; None where not returned."""

    logprobs: tuple[float | None, ...]
    usage: Usage = Usage()


@dataclass(frozen=True, slots=True, kw_only=True)
class LikelihoodAnswer:
    """Answer to Likelihood: natural logarithms, one per token of the continuation."""

    logprobs: tuple[float, ...]
    usage: Usage = Usage()


@dataclass(frozen=True, slots=True, kw_only=True)
class GenerateAnswer:
    """Answer to Generate. ``finished`` is False when ``max_tokens`` ended the text."""

    text: str
    finished: bool = True
    usage: Usage = Usage()


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreListAnswer:
    """Answer to ScoreList: scores (n_docs,) aligned with the documents, higher is better."""

    scores: tuple[float, ...]
    usage: Usage = Usage()


@dataclass(frozen=True, slots=True, kw_only=True)
class RankAnswer:
    """Answer to Rank: candidate positions best first, and scores by position where the system has them."""

    order: tuple[int, ...]
    scores: tuple[float, ...] | None = None
    usage: Usage = Usage()


Answer = ScoreAnswer | EmbedAnswer | LabelAnswer | LikelihoodAnswer | GenerateAnswer | ScoreListAnswer | RankAnswer
