"""Names of measures in the notation of ir_measures, checked before anything is computed."""

from __future__ import annotations

import re
from typing import Any

from core.domain.errors import InvalidInputError
from core.measures.rbp import RbpParameters

# ir_measures.Measure and Provider; the library is imported only when a measure is used, and has no strict types
Measure = Any
Provider = Any
MAX_CUTOFF, MAX_GRADE = 1_000_000, 1_000
KNOWN = "nDCG@10, MRR (or RR@10), AP, P@5, R@100, RBP(p=0.8), ERR@20, Judged@10, Success@5, Rprec, Bpref"
_NAME = re.compile(r"[A-Za-z]\w*(\([\w=.,' -]*\))?(@\d{1,9}(\.\d{1,9})?)?", re.ASCII)


def split_measures(text: str) -> tuple[str, ...]:
    """ "nDCG@10 AP, P(rel=2)@5" as a tuple of names: parted by blanks and commas outside parentheses."""
    names = re.findall(r"(?:\([^()]*\)|[^\s,()]|[()])+", text)
    if not names:
        raise InvalidInputError(f"Name at least one measure, for example: {KNOWN}.")
    return tuple(dict.fromkeys(names))


def parse_measure(name: str) -> Measure:
    """The measure of this name; InvalidInputError with examples where it means nothing or cannot be computed here."""
    import ir_measures

    if not _NAME.fullmatch(name):
        raise InvalidInputError(f"{name!r} is not the name of a measure. Known: {KNOWN}.")
    try:
        measure: Measure = ir_measures.parse_measure(name)
        measure.validate_params()
    except (ValueError, TypeError, NameError, AssertionError) as error:  # the library asserts what was typed
        raise InvalidInputError(f"{name!r} is not the name of a measure. Known: {KNOWN}.") from error
    if not by_hand(measure) and not any(provider.supports(measure) for provider in providers()):
        raise InvalidInputError(f"{name!r} cannot be computed here. Known: {KNOWN}.")
    for parameter, most in (("cutoff", MAX_CUTOFF), ("rel", MAX_GRADE)):
        value = measure.params.get(parameter, 1)
        if isinstance(value, bool) or not 1 <= value <= most:
            raise InvalidInputError(f"{name!r}: {parameter} must lie between 1 and {most:,}.")
    return measure


def providers() -> tuple[Provider, ...]:
    """What computes: trec_eval first, then what it lacks (Judged@k, RR@k)."""
    import ir_measures

    return ir_measures.pytrec_eval, ir_measures.judged, ir_measures.msmarco


def by_hand(measure: Measure) -> bool:
    """Whether this package computes the measure itself; InvalidInputError for a persistence outside (0, 1)."""
    if measure.NAME == "RBP":
        rbp_parameters(measure)
    return measure.NAME in {"RBP", "ERR"}


def rbp_parameters(measure: Measure) -> RbpParameters:
    """What RBP needs; InvalidInputError for a persistence outside (0, 1)."""
    given = measure.params
    persistence = float(given.get("p", 0.8))
    if not 0.0 < persistence < 1.0:
        raise InvalidInputError(f"RBP: the persistence p must lie between 0 and 1, not {persistence}.")
    return RbpParameters(persistence=persistence, least_grade=given.get("rel", 1), cutoff=given.get("cutoff"))
