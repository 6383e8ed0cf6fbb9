"""Label probabilities from the few tokens that an endpoint returns.

A label is that very spelling, as it is in process: a strategy that accepts " yes" or "Yes" as well names them as
further labels. So its probability is that of the tokens that read exactly so (a blank may be written as the mark of
SentencePiece or byte-level BPE). Servers differ in what they leave of blanks, and so where no token does, it is the sum
over those that are the label but for blanks and letter case ("yes", " Yes", "YES"). Case counts where two labels differ
by it alone, and for labels of one letter: the article "a" is no passage A. No such token: None, never zero.

A server that leaves out blanks gives both spellings of a word to the label without one.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

_BLANK = str.maketrans({"\u2581": " ", "\u0120": " ", "\u010a": "\n"})  # SentencePiece, byte-level BPE


def label_logprobs(labels: Sequence[str], tokens: Sequence[tuple[str, float]]) -> tuple[float | None, ...]:
    """For each label the natural logarithm of its summed probability, or None. ``tokens``: (token, logprob)."""
    plain = [label.strip() for label in labels]
    by_case = len({label.casefold() for label in plain}) < len(set(plain)) or any(len(label) == 1 for label in plain)
    exact: dict[str, list[float]] = {label: [] for label in labels}
    alike: dict[str, list[float]] = {}
    for token, logprob in tokens:
        spelt = token.translate(_BLANK)
        place, key = (exact, spelt) if spelt in exact else (alike, _key(spelt, by_case))
        place.setdefault(key, []).append(logprob)
    found = (exact[label] or alike.get(_key(label, by_case)) for label in labels)
    return tuple(_log_sum(values) if values else None for values in found)


def _key(text: str, by_case: bool) -> str:
    return text.strip() if by_case else text.strip().casefold()


def _log_sum(logprobs: Sequence[float]) -> float:
    top = max(logprobs)
    if top == -math.inf:
        return top
    return min(0.0, top + math.log(sum(math.exp(value - top) for value in logprobs)))
