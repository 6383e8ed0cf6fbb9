"""Expected grades: sum_v v p(v) / sum_v p(v), from label probabilities or from the tokens of a written number."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from core.domain.requests import WrittenToken
from core.strategies.choices import Grade

_BLANKS = " \t\r\n\u2581\u0120\u010a"  # as texts, SentencePiece and byte-level BPE have them


def expected(logprobs: Mapping[int, float]) -> float | None:
    """The mean value under these (not normalised) log-probabilities; None where there is none of them."""
    top = max(logprobs.values(), default=-math.inf)
    if top == -math.inf:
        return None
    weights = {value: math.exp(logprob - top) for value, logprob in logprobs.items()}
    return math.fsum(value * weight for value, weight in weights.items()) / math.fsum(weights.values())


def expected_grade(tokens: Sequence[WrittenToken], grade: Grade, scale: int) -> float | None:
    """The expected value, from 0 to ``scale``, where the text gives ``grade``; None where the tokens do not say.

    ``tokens``: of the whole text. A number may be one token or one per digit. In the second case the chain is followed:
    p(10) = p(1) p(0 | 1), and p(1) = p(1) (1 - p(a digit | 1)); of first digits other than the written one it is not
    known how they would have gone on, and they count as they stand.
    """
    first = _token_at(tokens, grade.start)
    if first is None or tokens[first].text.strip(_BLANKS) not in _digits(tokens[first]):
        return None
    masses: dict[int, float] = {}
    written, mass = "", 1.0  # the digits so far and their probability
    for token in tokens[first:]:
        own, options = token.text.strip(_BLANKS), _digits(token)
        if written:
            _add(masses, int(written), mass * max(0.0, 1 - math.fsum(options.values())))
        for digits, chance in options.items():
            if digits != own and int(written + digits) <= scale:
                _add(masses, int(written + digits), mass * chance)
        if own not in options or int(written + own) > scale:
            break
        written, mass = written + own, mass * options[own]
    else:  # the text ends with the number
        _add(masses, int(written), mass)
    return expected({value: math.log(share) for value, share in masses.items() if share > 0})


def _add(masses: dict[int, float], value: int, mass: float) -> None:
    masses[value] = masses.get(value, 0.0) + mass


def _token_at(tokens: Sequence[WrittenToken], character: int) -> int | None:
    """The token that spells this character."""
    start = 0
    for place, token in enumerate(tokens):
        if start <= character < start + len(token.text):
            return place if token.text[: character - start].strip(_BLANKS) == "" else None
        start += len(token.text)
    return None


def _digits(token: WrittenToken) -> dict[str, float]:
    """The probability of each run of digits among the likeliest tokens; spellings with and without blank together."""
    found: dict[str, float] = {}
    for text, logprob in token.top:
        plain = text.strip(_BLANKS)
        if plain.isascii() and plain.isdigit() and len(plain) <= 3:
            found[plain] = found.get(plain, 0.0) + math.exp(min(0.0, logprob))
    return found
