"""What models and strategies give back, checked before anything is cached, sorted or shown."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.domain.errors import BadAnswerError
from core.domain.requests import (
    Answer,
    AttentionAnswer,
    AttentionMass,
    Embed,
    EmbedAnswer,
    EmbedPrompt,
    Generate,
    GenerateAnswer,
    GenerateFused,
    LabelAnswer,
    LabelLogprobs,
    Likelihood,
    LikelihoodAnswer,
    Request,
    Score,
    ScoreAnswer,
    ScoreList,
    ScoreListAnswer,
    Transform,
    TransformAnswer,
)
from core.strategies.base import Outcome
from core.worker.faults import Fault
from core.worker.keys import document_ids


def check_answer(request: Request, answer: Answer) -> Fault | None:
    """Why ``answer`` must not be used for ``request``, or None where it is sound."""
    wanted, check = _CHECKS[type(request)]
    if not isinstance(answer, wanted):
        return Fault(message=f"{type(request).__name__} was answered by {type(answer).__name__}")
    return check(request, answer)


def check_outcome(outcome: object, n_docs: int) -> Outcome:
    """The outcome of a strategy with plain numbers, equal neighbours in first-stage order.

    BadAnswerError where the order is no permutation of ``n_docs`` positions or a score is not finite.
    """
    if not isinstance(outcome, Outcome):
        raise BadAnswerError(f"returned {type(outcome).__name__}, not an Outcome")
    order = [int(position) for position in outcome.order]
    repairs = tuple(str(repair) for repair in outcome.repairs)
    if sorted(order) != list(range(n_docs)):
        raise BadAnswerError(f"returned an order that is no permutation of its {n_docs} candidates: {_show(order)}")
    keep = outcome.keep
    if keep is not None and not 0 <= keep <= n_docs:
        raise BadAnswerError(f"would keep {keep} of its {n_docs} candidates")
    if outcome.scores is None:
        return replace(outcome, order=tuple(order), repairs=repairs)
    scores = tuple(float(score) for score in outcome.scores)
    if len(scores) != n_docs:
        raise BadAnswerError(f"returned {len(scores)} scores for {n_docs} candidates")
    if bad := _non_finite(scores):
        raise BadAnswerError(f"{bad} non-finite scores")
    return replace(outcome, order=_settle_ties(order, scores), scores=scores, repairs=repairs)


def _settle_ties(order: Sequence[int], scores: Sequence[float]) -> tuple[int, ...]:
    settled: list[int] = []
    start = 0
    for end in range(1, len(order) + 1):
        if end == len(order) or scores[order[end]] != scores[order[start]]:
            settled += sorted(order[start:end])
            start = end
    return tuple(settled)


def _show(order: Sequence[int]) -> str:
    return str(list(order)) if len(order) <= 12 else f"{list(order[:12])} and {len(order) - 12} more"


def _non_finite(values: Iterable[float | None]) -> int:
    return sum(1 for value in values if value is not None and not math.isfinite(value))


def _finite(values: Iterable[float | None], what: str) -> Fault | None:
    bad = _non_finite(values)
    return Fault(message=f"{bad} non-finite {what}", non_finite=bad) if bad else None


def _counted(given: int, wanted: int, what: str, per: str) -> Fault | None:
    return None if given == wanted else Fault(message=f"the model gave {given} {what} for {wanted} {per}")


def _check_embedding(request: Embed, answer: EmbedAnswer) -> Fault | None:
    dimensions = {"pooled": 1, "tokens": 2}[request.at]
    if answer.vector.ndim != dimensions or answer.vector.size == 0:
        return Fault(message=f"an embedding of shape {answer.vector.shape} came for at={request.at!r}")
    return _finite_array(answer.vector, "embedding values")


def _check_prompt_embedding(request: EmbedPrompt, answer: EmbedAnswer) -> Fault | None:
    if answer.vector.ndim != (2 if request.marks else 1) or answer.vector.size == 0:
        return Fault(message=f"an embedding of shape {answer.vector.shape} came for a prompt of marks {request.marks}")
    return _finite_array(answer.vector, "embedding values")


def _check_attention(request: AttentionMass, answer: AttentionAnswer) -> Fault | None:
    wanted = len(document_ids(request))
    if len(answer.lengths) != wanted or sum(answer.lengths) != len(answer.masses):
        return Fault(message=f"attention came for {len(answer.lengths)} documents of {wanted}")
    return _finite_array(answer.masses, "attention values")


def _finite_array(values: NDArray[np.float32], what: str) -> Fault | None:
    bad = int(np.count_nonzero(~np.isfinite(values)))
    return Fault(message=f"{bad} non-finite {what}", non_finite=bad) if bad else None


def _check_labels(request: LabelLogprobs, answer: LabelAnswer) -> Fault | None:
    counted = _counted(len(answer.logprobs), len(request.labels), "log-probabilities", "labels")
    return counted or _finite(answer.logprobs, "scores")


def _check_likelihood(request: Likelihood, answer: LikelihoodAnswer) -> Fault | None:
    if request.continuation and not answer.logprobs:
        return Fault(message="the model gave no log-probability for the continuation")
    return _finite(answer.logprobs, "scores")


def _check_list(request: ScoreList, answer: ScoreListAnswer) -> Fault | None:
    counted = _counted(len(answer.scores), len(request.documents), "scores", "documents")
    return counted or _finite(answer.scores, "scores")


_CHECKS: dict[type, tuple[type, Callable[[Any, Any], Fault | None]]] = {
    Score: (ScoreAnswer, lambda _request, answer: _finite((answer.score,), "scores")),
    Embed: (EmbedAnswer, _check_embedding),
    EmbedPrompt: (EmbedAnswer, _check_prompt_embedding),
    LabelLogprobs: (LabelAnswer, _check_labels),
    Likelihood: (LikelihoodAnswer, _check_likelihood),
    Generate: (GenerateAnswer, lambda _request, _answer: None),
    GenerateFused: (GenerateAnswer, lambda _request, _answer: None),
    AttentionMass: (AttentionAnswer, _check_attention),
    Transform: (TransformAnswer, lambda _request, answer: _finite_array(answer.values, "values")),
    ScoreList: (ScoreListAnswer, _check_list),
}
