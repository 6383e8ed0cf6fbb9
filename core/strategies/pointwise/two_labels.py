"""A positive and a negative label after a prompt: the share of the positive one, and what to say of missing ones."""

from __future__ import annotations

import math
from collections.abc import Sequence

from core.domain.documents import CandidateList

UNKNOWN = -1.0  # below every probability: a document of which the model said neither label
NAMED = 10  # documents that a repair names
Masses = tuple[float | None, float | None]  # log-probabilities of the positive and the negative label


def share(positive: float | None, negative: float | None) -> float:
    """p+ / (p+ + p-) = sigmoid(log p+ - log p-); a label that did not come back has probability 0; UNKNOWN where
    neither did."""
    if positive is None and negative is None:
        return UNKNOWN
    if positive is None or negative is None:
        return 0.0 if positive is None else 1.0
    if positive == negative:
        return 0.5
    return sigmoid(positive - negative)


def sigmoid(value: float) -> float:
    """1 / (1 + exp(-value)), without overflow."""
    if value > 0:
        return 1 / (1 + math.exp(-value))
    odds = math.exp(value)
    return odds / (1 + odds)


def repairs(candidates: CandidateList, masses: Sequence[Masses], positive: str, negative: str) -> tuple[str, ...]:
    """What to record where labels did not come back. ``positive``, ``negative``: their names."""
    found = []
    silent = [d.id for d, (yes, no) in zip(candidates.documents, masses, strict=True) if yes is None and no is None]
    if silent:
        found.append(
            f"{len(silent)} of the answers had neither {positive} nor {negative}; ranked last: {named(silent)}"
        )
    halves = sum((yes is None) != (no is None) for yes, no in masses)
    if halves:
        found.append(
            f"{halves} of the answers had only one of {positive} and {negative}; the other counts as probability 0"
        )
    return tuple(found)


def named(ids: Sequence[str]) -> str:
    """The first of the ids."""
    return ", ".join(ids[:NAMED]) + (", ..." if len(ids) > NAMED else "")
