"""Answers in words and numbers, for a trace."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from core.domain.counting import counted
from core.domain.requests import (
    Answer,
    AttentionAnswer,
    EmbedAnswer,
    ExamplesAnswer,
    GenerateAnswer,
    LabelAnswer,
    LabelLogprobs,
    LikelihoodAnswer,
    Rank,
    RankAnswer,
    Request,
    ScoreAnswer,
    ScoreListAnswer,
    TransformAnswer,
    WrittenToken,
)
from core.domain.traces import TracedAnswer, TracedToken

TOKENS = 24  # of a generated text with odds: so many of its first and of its last tokens
TOP = 12  # of the likeliest tokens in one place
LEAST = 0.0005  # probability of a token that is worth telling
SHAPED = 64  # numbers of a small head that are told one by one


def traced_answer(request: Request, answer: Answer) -> TracedAnswer:
    """What ``answer`` says to ``request``."""
    return _ANSWERS[type(answer)](request, answer)


def _labels(request: LabelLogprobs, answer: LabelAnswer) -> TracedAnswer:
    values = answer.logprobs if request.raw else tuple(map(probability, answer.logprobs))
    unit = "logit" if request.raw else "probability"
    return TracedAnswer(labels=tuple(zip(request.labels, values, strict=True)), unit=unit)


def probability(logprob: float | None) -> float | None:
    """None stays None; a value above 0 by rounding counts as 1."""
    return None if logprob is None else math.exp(min(0.0, logprob))


def _likelihood(_request: Request, answer: LikelihoodAnswer) -> TracedAnswer:
    note = f"of {counted(len(answer.logprobs), 'token')}"
    return TracedAnswer(scores=(math.fsum(answer.logprobs),), unit="log-probability", note=note)


def _generated(_request: Request, answer: GenerateAnswer) -> TracedAnswer:
    tokens = answer.tokens
    told = tokens if len(tokens) <= 2 * TOKENS else (*tokens[:TOKENS], *tokens[-TOKENS:])
    note = "" if len(told) == len(tokens) else f"odds of {len(told)} of {counted(len(tokens), 'token')}"
    return TracedAnswer(text=answer.text, finished=answer.finished, tokens=tuple(map(_token, told)), note=note)


def _token(token: WrittenToken) -> TracedToken:
    odds = [(text, math.exp(min(0.0, logprob))) for text, logprob in token.top]
    likely = sorted((pair for pair in odds if pair[1] >= LEAST), key=lambda pair: -pair[1])
    return TracedToken(text=token.text, top=tuple(likely[:TOP]))


def _attention(_request: Request, answer: AttentionAnswer) -> TracedAnswer:
    sums = tuple(float(masses.sum()) for masses in answer.per_document())
    return TracedAnswer(scores=sums, unit="attention", note=f"over {counted(len(answer.masses), 'token')}")


def _transformed(_request: Request, answer: TransformAnswer) -> TracedAnswer:
    values = answer.values
    if values.ndim == 1 and values.size <= SHAPED:
        return TracedAnswer(scores=tuple(map(float, values)), unit="value", shape=tuple(values.shape))
    return TracedAnswer(shape=tuple(values.shape))


def _ranked(request: Rank, answer: RankAnswer) -> TracedAnswer:
    ids = request.candidates.ids
    return TracedAnswer(order=tuple(ids[position] for position in answer.order))


def _examples(_request: Request, answer: ExamplesAnswer) -> TracedAnswer:
    return TracedAnswer(note=counted(len(answer.examples), "judged query", "judged queries"))


_ANSWERS: dict[type, Callable[[Any, Any], TracedAnswer]] = {
    ScoreAnswer: lambda _r, a: TracedAnswer(scores=(float(a.score),), unit="score"),
    EmbedAnswer: lambda _r, a: TracedAnswer(shape=tuple(a.vector.shape)),
    LabelAnswer: _labels,
    LikelihoodAnswer: _likelihood,
    GenerateAnswer: _generated,
    AttentionAnswer: _attention,
    TransformAnswer: _transformed,
    ScoreListAnswer: lambda _r, a: TracedAnswer(scores=tuple(map(float, a.scores)), unit="score"),
    RankAnswer: _ranked,
    ExamplesAnswer: _examples,
}
