"""A judge that answers embeddings from tables, for strategies that compute with vectors."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from core.domain.documents import CandidateList, Document, Query
from core.domain.requests import (
    Answer,
    Embed,
    EmbedAnswer,
    EmbedPrompt,
    Examples,
    ExamplesAnswer,
    Generate,
    GenerateAnswer,
    Prompt,
    Request,
    Score,
    ScoreAnswer,
    Transform,
    TransformAnswer,
)


@dataclass(frozen=True, kw_only=True)
class VectorJudge:
    """``vectors``: of the query ("query") and of documents by id; ``prompt``: of a prompt; ``score``: of query and
    document; ``transform``: of vectors; ``text``: what is generated."""

    vectors: Mapping[str, ArrayLike] = field(default_factory=dict)
    prompt: Callable[[EmbedPrompt], ArrayLike] = lambda _request: [1.0]
    score: Callable[[Score], float] = lambda _request: 0.0
    transform: Callable[[Transform], ArrayLike] = lambda _request: [0.0]
    examples: ExamplesAnswer = field(default_factory=lambda: ExamplesAnswer(examples=()))
    text: str = ""

    def answer(self, request: Request) -> Answer:
        """The answer of the table."""
        match request:
            case Embed():
                return EmbedAnswer(vector=_array(self.vectors[request.document_id or "query"]))
            case EmbedPrompt():
                return EmbedAnswer(vector=_array(self.prompt(request)))
            case Score():
                return ScoreAnswer(score=self.score(request))
            case Transform():
                return TransformAnswer(values=_array(self.transform(request)))
            case Examples():
                return self.examples
            case Generate():
                return GenerateAnswer(text=self.text)
        raise AssertionError(f"not expected: {request}")


def listed(*texts: str, scores: tuple[float, ...] | None = None) -> CandidateList:
    """Candidates d0, d1 ... with these texts."""
    documents = tuple(Document(id=f"d{place}", text=text) for place, text in enumerate(texts))
    return CandidateList(query=Query(id="q", text="what is a ferry"), documents=documents, first_stage_scores=scores)


def written(prompt: Prompt) -> str:
    """The prompt as one string."""
    return "\n".join("".join(part.text for part in message.parts) for message in prompt.messages)


def _array(values: ArrayLike) -> np.ndarray:
    return np.asarray(values, dtype=np.float32)
