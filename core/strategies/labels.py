"""Reading label log-probabilities: one answer may be spelt in several ways, and a spelling may be absent.

Spellings are asked with and without a leading blank, because models without a chat template go on after one.
An endpoint that leaves out blanks gives both to the spelling without one; the other then did not come back.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from core.domain.requests import LabelAnswer


def spellings(*words: str) -> tuple[str, ...]:
    """Each word as it is, then each with a leading blank."""
    return (*words, *(f" {word}" for word in words))


def log_mass(logprobs: Sequence[float | None]) -> float | None:
    """Logarithm of the summed probability of the spellings that came back, None where none did."""
    known = [value for value in logprobs if value is not None]
    if not known:
        return None
    top = max(known)
    if top == -math.inf:
        return top
    return top + math.log(sum(math.exp(value - top) for value in known))


def split(answer: LabelAnswer, first: int) -> tuple[float | None, float | None]:
    """Log masses of the first ``first`` labels and of the others."""
    return log_mass(answer.logprobs[:first]), log_mass(answer.logprobs[first:])
