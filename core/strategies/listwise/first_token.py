"""The order of a window from one token: log-probabilities of its letters right after an opened bracket."""

from __future__ import annotations

import math

from core.domain.requests import LabelAnswer, LabelLogprobs, Prompt
from core.strategies.base import ask
from core.strategies.listwise.passages import identifiers
from core.strategies.listwise.windowed import Read, Reading

OPENED = "["  # what the assistant's turn begins with; the letter is the next token


def letter_order(prompt: Prompt, n: int) -> Read:
    """Sort ``n`` passages by the log-probability of their letters. Letters that did not come back go last."""
    names = identifiers(n, letters=True)
    labels = tuple(name[1:-1] for name in names)
    (answer,) = yield from ask([LabelLogprobs(prompt=prompt, labels=labels)], LabelAnswer)
    # NaN compares false with everything and would scramble the sort: it counts as not returned.
    known = [value if value is not None and not math.isnan(value) else None for value in answer.logprobs]
    values = [-math.inf if value is None else value for value in known]
    missing = sum(value is None for value in known)
    repairs = (f"{missing} of {n} letters were not among the returned tokens",) if missing else ()
    places = tuple(sorted(range(n), key=lambda place: -values[place]))
    return Reading(places=places, names=names, repairs=repairs)
