"""Label probabilities from the few tokens that an endpoint returns: sum over spellings of the same label.

p(label) = sum of p(token) over returned tokens that are the label but for blanks and letter case ("yes", " Yes",
"YES"). Where two labels differ only in case, case counts. No such token: None, never zero.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

_MARKS = "\u2581\u0120\u010a"  # how SentencePiece and byte-level BPE write a blank and a line break


def label_logprobs(labels: Sequence[str], tokens: Sequence[tuple[str, float]]) -> tuple[float | None, ...]:
    """For each label the natural logarithm of its summed probability, or None. ``tokens``: (token, logprob)."""
    plain = [_plain(label) for label in labels]
    folded = [label.casefold() for label in plain]
    by_case = len(set(folded)) < len(set(plain))
    keys = plain if by_case else folded
    found: dict[str, list[float]] = {}
    for token, logprob in tokens:
        spelling = _plain(token)
        found.setdefault(spelling if by_case else spelling.casefold(), []).append(logprob)
    return tuple(_log_sum(found[key]) if key in found else None for key in keys)


def _plain(token: str) -> str:
    return token.strip().strip(_MARKS).strip()


def _log_sum(logprobs: Sequence[float]) -> float:
    top = max(logprobs)
    if top == -math.inf:
        return top
    return min(0.0, top + math.log(sum(math.exp(value - top) for value in logprobs)))
