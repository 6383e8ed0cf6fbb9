"""What comes back for a request (core/domain/requests.py), with what it cost."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.domain.documents import CandidateList


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
    """Answer to Embed and EmbedPrompt: vector (dim,), or vectors of tokens or marks (n, dim), float32, not
    normalised."""

    vector: NDArray[np.float32]
    usage: Usage = Usage()


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelAnswer:
    """Answer to LabelLogprobs: natural logarithms, or logits where ``raw`` was asked for, aligned with the labels; None
    where not returned."""

    logprobs: tuple[float | None, ...]
    usage: Usage = Usage()


@dataclass(frozen=True, slots=True, kw_only=True)
class LikelihoodAnswer:
    """Answer to Likelihood: natural logarithms, one per token of the continuation."""

    logprobs: tuple[float, ...]
    usage: Usage = Usage()


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenToken:
    """One generated token: its text, and the likeliest tokens at its place with their log-probabilities."""

    text: str
    top: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class GenerateAnswer:
    """Answer to Generate and GenerateFused. ``finished`` is False when ``max_tokens`` ended the text.

    ``tokens``: of the whole text in order, empty unless ``top_logprobs`` was asked for.
    """

    text: str
    finished: bool = True
    tokens: tuple[WrittenToken, ...] = ()
    usage: Usage = Usage()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AttentionAnswer:
    """Answer to AttentionMass: float32 (n_tokens,) of all documents one after another, and the tokens of each."""

    masses: NDArray[np.float32]
    lengths: tuple[int, ...]
    usage: Usage = Usage()

    def per_document(self) -> tuple[NDArray[np.float32], ...]:
        """The masses of each document, in the prompt's order; views."""
        ends = np.cumsum(self.lengths)
        return tuple(self.masses[end - length : end] for end, length in zip(ends, self.lengths, strict=True))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TransformAnswer:
    """Answer to Transform: float32; the head says of which shape."""

    values: NDArray[np.float32]
    usage: Usage = Usage()


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A judged query: a list of documents, and the grade of each (None: not judged), aligned."""

    candidates: CandidateList
    grades: tuple[int | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExamplesAnswer:
    """Answer to Examples; empty where the collection has no other judged query."""

    examples: tuple[Example, ...]
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


Answer = (
    ScoreAnswer
    | EmbedAnswer
    | LabelAnswer
    | LikelihoodAnswer
    | GenerateAnswer
    | AttentionAnswer
    | TransformAnswer
    | ScoreListAnswer
    | RankAnswer
    | ExamplesAnswer
)
