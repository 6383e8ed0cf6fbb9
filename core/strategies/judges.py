"""Judges without a model: they answer any request, so that strategies can be tried on known opinions.

A judge has a worth for every document, by default a number in (0, 1) drawn from the document's id; what
it says to a request follows from the worths. Documents in prompts are found by their parts of kind
"document". Everything is a function of request and seed, so equal requests get equal answers.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields

import numpy as np

from core.domain.requests import (
    Answer,
    AttentionAnswer,
    AttentionMass,
    Embed,
    EmbedAnswer,
    EmbedPrompt,
    Examples,
    Generate,
    GenerateAnswer,
    GenerateFused,
    LabelAnswer,
    LabelLogprobs,
    Likelihood,
    LikelihoodAnswer,
    Prompt,
    Rank,
    RankAnswer,
    Request,
    Score,
    ScoreAnswer,
    ScoreList,
    ScoreListAnswer,
    Transform,
    WrittenToken,
)
from core.strategies import written

_POSITIVE = frozenset({"yes", "true", "1", "relevant"})
_SMALL = 1e-6


@dataclass(frozen=True, kw_only=True)
class PerfectJudge:
    """Knows the true order. ``worths``: document id to worth in (0, 1); drawn from ``seed`` where absent."""

    worths: Mapping[str, float] = field(default_factory=dict)
    seed: int = 0

    def answer(self, request: Request) -> Answer:
        """The answer to any request."""
        match request:
            case Score():
                return ScoreAnswer(score=self.worth(request.document.id, request))
            case LabelLogprobs():
                return LabelAnswer(logprobs=self.labels(request))
            case Likelihood():
                return self._likelihood(request)
            case Generate() | GenerateFused():
                return GenerateAnswer(text=self.text(request), tokens=self._tokens(request))
            case ScoreList():
                return ScoreListAnswer(scores=tuple(self.worth(d.id, request) for d in request.documents))
            case Rank():
                return RankAnswer(order=self.order(request.candidates.ids, request))
            case Examples():
                return written.examples(request, lambda id: self.worth(id, request))
            case _:
                return self._arrays(request)

    def _arrays(self, request: Embed | EmbedPrompt | AttentionMass | Transform) -> Answer:
        """The answers that are arrays."""
        match request:
            case Embed():
                return self._embed(request)
            case EmbedPrompt():
                return self._embed_prompt(request)
            case AttentionMass():
                return self._attention(request)
            case Transform():
                return written.transformed(request)

    def worth(self, id: str, request: Request) -> float:  # noqa: ARG002 - noisy judges look at the request
        """How good the document is, higher is better."""
        return self.worths[id] if id in self.worths else uniform(self.seed, id)

    def order(self, ids: Sequence[str], request: Request) -> tuple[int, ...]:
        """Places of the documents, best first."""
        worths = [self.worth(id, request) for id in ids]
        return tuple(sorted(range(len(ids)), key=lambda place: -worths[place]))

    def labels(self, request: LabelLogprobs) -> tuple[float | None, ...]:
        """One document: the probability of a positive label. Several: the i-th label is the i-th document."""
        ids = documents_of(request.prompt)
        if len(ids) == 1:
            worth = _clip(self.worth(ids[0], request))
            if written.are_grades(request.labels):
                return written.grade_logprobs(request.labels, worth)
            alone = request.raw and len(request.labels) == 1  # a logit that is the score rises with the worth
            return tuple(math.log(worth if alone or _positive(label) else 1 - worth) for label in request.labels)
        places = {place: rank for rank, place in enumerate(self.order(ids, request))}
        words = list(dict.fromkeys(label.strip().casefold() for label in request.labels))
        ranks = [places.get(words.index(label.strip().casefold()), len(places)) for label in request.labels]
        return tuple(-1.0 - rank for rank in ranks)

    def text(self, request: Generate | GenerateFused) -> str:
        """What the request wants, said in its own words."""
        ids = asked_documents(request)
        return written.text(request.wanted, self.order(ids, request), [self.worth(id, request) for id in ids])

    def _tokens(self, request: Generate | GenerateFused) -> tuple[WrittenToken, ...]:
        if isinstance(request, GenerateFused) or not request.top_logprobs:
            return ()
        worths = [self.worth(id, request) for id in asked_documents(request)]
        return written.tokens(request.wanted, self.text(request), worths)

    def _embed(self, request: Embed) -> EmbedAnswer:
        worth = 1.0 if request.role == "query" else _clip(self.worth(request.document_id or request.text, request))
        vector = np.array([worth, math.sqrt(1 - worth * worth)], dtype=np.float32)
        return EmbedAnswer(vector=vector if request.at == "pooled" else vector[None, :])

    def _embed_prompt(self, request: EmbedPrompt) -> EmbedAnswer:
        """The query's vector; with marks those of the documents, then the query's."""
        worths = [_clip(self.worth(id, request)) for id in documents_of(request.prompt)] if request.marks else []
        rows = np.array([[worth, math.sqrt(1 - worth * worth)] for worth in [*worths, 1.0]], dtype=np.float32)
        return EmbedAnswer(vector=rows if request.marks else rows[0])

    def _attention(self, request: AttentionMass) -> AttentionAnswer:
        """Every document's worth spread over its words; the same for all where the query says nothing."""
        parts = [part for message in request.prompt.messages for part in message.parts]
        empty = any(part.kind == "query" and part.text == "N/A" for part in parts)
        lengths = [max(1, len(part.text.split())) for part in parts if part.kind == "document"]
        worths = [0.0 if empty else self.worth(id, request) for id in documents_of(request.prompt)]
        masses = [worth / length for worth, length in zip(worths, lengths, strict=True) for _ in range(length)]
        return AttentionAnswer(masses=np.array(masses, dtype=np.float32), lengths=tuple(lengths))

    def _likelihood(self, request: Likelihood) -> LikelihoodAnswer:
        ids = documents_of(request.prompt)
        worth = _clip(self.worth(ids[0], request)) if ids else 0.5
        return LikelihoodAnswer(logprobs=(math.log(worth),) * len(request.continuation.split()))


@dataclass(frozen=True, kw_only=True)
class NoisyJudge(PerfectJudge):
    """Bradley-Terry noise: a beats b with probability
    sigmoid(scale · (a - b)), drawn anew for every request."""

    scale: float = 8.0

    def worth(self, id: str, request: Request) -> float:
        """The worth with Gumbel noise, whose differences are logistic."""
        chance = uniform(self.seed, "noise", asked(request), id)
        return super().worth(id, request) - math.log(-math.log(chance)) / self.scale


@dataclass(frozen=True, kw_only=True)
class TieJudge(PerfectJudge):
    """Finds everything equally good, in every kind of answer."""

    def worth(self, id: str, request: Request) -> float:  # noqa: ARG002 - part of the judge
        """The same for all."""
        return 0.5

    def labels(self, request: LabelLogprobs) -> tuple[float | None, ...]:
        """All labels alike."""
        return (-1.0,) * len(request.labels)


@dataclass(frozen=True, kw_only=True)
class FirstPlaceJudge(TieJudge):
    """Prefers whatever stands first: comparisons in both orders contradict each other."""

    def labels(self, request: LabelLogprobs) -> tuple[float | None, ...]:
        """The first label is the likeliest."""
        return tuple(-1.0 - place for place in range(len(request.labels)))


@dataclass(frozen=True, kw_only=True)
class IntransitiveJudge(PerfectJudge):
    """Of two documents prefers by a cycle (each beats the ones shortly before it), so no order is right."""

    def order(self, ids: Sequence[str], request: Request) -> tuple[int, ...]:
        """Two documents by the cycle, more by worth."""
        if len(ids) != 2:
            return super().order(ids, request)
        gap = (self.worth(ids[0], request) - self.worth(ids[1], request)) % 1.0
        return (0, 1) if 0 < gap <= 0.5 else (1, 0)


@dataclass(frozen=True, kw_only=True)
class RefusingJudge(TieJudge):
    """Declines: no label is returned, the text is an apology."""

    def labels(self, request: LabelLogprobs) -> tuple[float | None, ...]:
        """No label came back."""
        return (None,) * len(request.labels)

    def text(self, request: Generate | GenerateFused) -> str:  # noqa: ARG002 - part of the judge
        """An apology."""
        return "I am sorry, but I cannot help with that."


_BABBLE = (
    "",
    "²³ [¹] ٣",
    "[0] > [-1] > [99999999999999999999]",
    "[1] [1] [1]",
    "<think> [3] > [2] is clear, so",
    "<think>5 4 3</think><answer>{'ranking': None}",
    "1. [3]\n2. [1]",
    "The best is passage 2, published in 1984; 3.14 of 10.",
    "9" * 5000,
    "[2",
    "A and B are both fine, [2]>[1]>[2]",
)


@dataclass(frozen=True, kw_only=True)
class NonsenseJudge(PerfectJudge):
    """Talks nonsense of the right type: babble, random numbers, labels that are missing at random."""

    def worth(self, id: str, request: Request) -> float:
        """Another number every time."""
        return 200 * uniform(self.seed, "worth", asked(request), id) - 100

    def labels(self, request: LabelLogprobs) -> tuple[float | None, ...]:
        """Random log-probabilities, a third of them missing."""
        chances = [uniform(self.seed, asked(request), str(place)) for place in range(len(request.labels))]
        return tuple(None if chance < 1 / 3 else math.log(chance) for chance in chances)

    def text(self, request: Generate | GenerateFused) -> str:
        """One of a few kinds of babble."""
        return _BABBLE[int(uniform(self.seed, asked(request)) * len(_BABBLE))]


def uniform(seed: int, *words: str) -> float:
    """A number in (0, 1) that depends on nothing but the arguments."""
    bits = hashlib.sha256(repr((seed, words)).encode("utf-8", "surrogatepass")).digest()[:6]
    return (int.from_bytes(bits, "big") + 0.5) / 2**48


def asked(request: Request) -> str:
    """What a request asks beyond the usual, as text: the same when requests get further fields."""
    given = {field.name: getattr(request, field.name) for field in fields(request) if field.name != "wanted"}
    usual = {field.name: field.default for field in fields(request)}
    return repr([type(request).__name__, *((name, value) for name, value in given.items() if value != usual[name])])


def documents_of(prompt: Prompt) -> tuple[str, ...]:
    """Ids of the documents in a prompt, in order; their text where a part names no id."""
    parts = [part for message in prompt.messages for part in message.parts if part.kind == "document"]
    return tuple(part.document_id if part.document_id is not None else part.text for part in parts)


def asked_documents(request: Generate | GenerateFused) -> tuple[str, ...]:
    """Ids of the documents of all inputs, in order."""
    prompts = request.prompts if isinstance(request, GenerateFused) else (request.prompt,)
    return tuple(id for prompt in prompts for id in documents_of(prompt))


def _positive(label: str) -> bool:
    return label.strip().casefold() in _POSITIVE


def _clip(worth: float) -> float:
    return min(max(worth, _SMALL), 1 - _SMALL)
