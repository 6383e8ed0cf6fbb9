"""Scores that are the raw logit of one label, and what to say where it did not come back."""

from __future__ import annotations

from collections.abc import Sequence

from core.domain.documents import CandidateList
from core.domain.requests import LabelAnswer
from core.strategies.pointwise.two_labels import named


def logit_scores(
    candidates: CandidateList, answers: Sequence[LabelAnswer], label: str
) -> tuple[tuple[float, ...], tuple[str, ...]]:
    """The logit of every answer's one label, one below the lowest where it did not come back, and the repairs."""
    logits = [answer.logprobs[0] for answer in answers]
    lowest = min((logit for logit in logits if logit is not None), default=0.0)
    silent = [d.id for d, logit in zip(candidates.documents, logits, strict=True) if logit is None]
    scores = tuple(lowest - 1 if logit is None else logit for logit in logits)
    return scores, (f"{len(silent)} of the answers had no {label}; ranked last: {named(silent)}",) if silent else ()
