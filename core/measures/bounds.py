"""How far unjudged documents could move a measure: its lowest and highest value over all their possible judgments.

Varied are the unjudged documents of the ranking, each over the grades 0 to ``max_grade``; with them the number of
relevant documents (AP, R) and the ideal ranking (nDCG) vary. Unjudged documents outside the ranking stay irrelevant,
as trec_eval counts them. The bounds are exact: both ends are reached by some judgments.

- P, RR, RBP, Success and ERR never fall when a document turns out better: all irrelevant, all of the highest grade.
- AP and R: for any number m of relevant ones among the unjudged, moving one of them up the ranking never lowers the
  measure, so the best m are the first m and the worst the last m; every m is tried.
- nDCG: ``bounds_ndcg``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from core.domain.errors import InvalidInputError
from core.measures.bounds_ndcg import ndcg_bounds
from core.measures.err import expected_reciprocal_rank
from core.measures.names import Measure, parse_measure, rbp_parameters
from core.measures.rbp import rank_biased_precision

Bounds = tuple[float, float]
_Flags = NDArray[np.bool_]
_Floats = NDArray[np.float64]


def bounds(
    order: Sequence[str], labels: Mapping[str, int], measure: str, *, max_grade: int | None = None
) -> Bounds | None:
    """Lowest and highest value of one query; None for a measure without bounds (Judged, Bpref, Rprec, set measures,
    anything with judged_only).

    ``order``: document ids, best first. ``labels``: document id to grade, of all judged documents of the query.
    ``max_grade``: the highest grade of the collection; by default the highest among ``labels``, at least 1.
    InvalidInputError: an unknown measure, a document twice, a negative ``max_grade``, ERR beyond its grades.
    """
    parsed = _parsed(measure)
    bound = _BOUNDS.get(parsed.NAME)
    if bound is None or parsed.params.get("judged_only", False):
        return None
    if len(set(order)) != len(order):
        raise InvalidInputError("The order names a document twice.")
    top = max(1, max(labels.values(), default=1)) if max_grade is None else max_grade
    if top < 0:
        raise InvalidInputError(f"The highest grade must be 0 or more, not {top}.")
    return bound(order, labels, parsed, top)


def judged_share(order: Sequence[str], labels: Mapping[str, int], depth: int = 10) -> float:
    """Share of the first ``depth`` documents that have a judgment, of as many as there are: Judged@depth.

    InvalidInputError: an empty order, a depth below 1.
    """
    if not order or depth < 1:
        raise InvalidInputError(f"The judged share needs documents and a depth of at least 1, not {depth}.")
    seen = order[:depth]
    return sum(document in labels for document in seen) / len(seen)


def _rising(order: Sequence[str], labels: Mapping[str, int], measure: Measure, top: int) -> Bounds:
    """Of a measure that never falls when a document turns out better."""
    value_of = _RISING[measure.NAME]
    best = {**dict.fromkeys(order, top), **labels}
    return value_of(order, labels, measure), value_of(order, best, measure)


def _counted(order: Sequence[str], labels: Mapping[str, int], measure: Measure, top: int) -> Bounds:
    """Of AP or R, whose denominator is the number of relevant documents."""
    least = measure.params.get("rel", 1)
    known = sum(grade >= least for grade in labels.values())
    relevant = np.array([labels.get(document, -1) >= least for document in order], dtype=bool)
    unjudged = np.array([document not in labels and top >= least for document in order], dtype=bool)
    worst, best = _NUMERATORS[measure.NAME](relevant, unjudged, measure.params.get("cutoff", len(order)))
    totals = np.maximum(known + np.arange(len(best)), 1)
    return float((worst / totals).min()), float((best / totals).max())


def _ndcg(order: Sequence[str], labels: Mapping[str, int], measure: Measure, top: int) -> Bounds:
    return ndcg_bounds(order, labels, cutoff=measure.params.get("cutoff"), max_grade=top)


def _sums_of_precisions(relevant: _Flags, unjudged: _Flags, cutoff: int) -> tuple[_Floats, _Floats]:
    """Sums of the precisions at relevant ranks up to ``cutoff`` with the last, and with the first, m = 0, 1, ... of the
    unjudged documents relevant: each that is added brings its own precision and one hit more at every later one."""
    inverse = 1.0 / np.arange(1, len(relevant) + 1)
    inverse[cutoff:] = 0.0
    before = np.cumsum(relevant)
    after = np.cumsum((relevant * inverse)[::-1])[::-1]  # an unjudged document itself is not among them
    alone = ((1 + before) * inverse + after)[unjudged]
    weight = inverse[unjudged]
    first = alone + np.arange(len(weight)) * weight
    last = (alone[::-1] + np.cumsum(weight[::-1])) - weight[::-1]
    known = float((before * relevant * inverse).sum())
    return known + _from_zero(last), known + _from_zero(first)


def _hits(relevant: _Flags, unjudged: _Flags, cutoff: int) -> tuple[_Floats, _Floats]:
    """Relevant documents up to ``cutoff``, likewise."""
    known = float(relevant[:cutoff].sum())
    seen = (np.arange(len(unjudged)) < cutoff)[unjudged].astype(np.float64)
    return known + _from_zero(seen[::-1]), known + _from_zero(seen)


def _from_zero(added: _Floats) -> _Floats:
    return np.concatenate(([0.0], np.cumsum(added)))


def _flags(order: Sequence[str], grades: Mapping[str, int], measure: Measure) -> list[bool]:
    """Whether the documents that count are relevant."""
    least = measure.params.get("rel", 1)
    return [grades.get(document, -1) >= least for document in order[: measure.params.get("cutoff")]]


def _precision(order: Sequence[str], grades: Mapping[str, int], measure: Measure) -> float:
    return float(sum(_flags(order, grades, measure)) / measure.params["cutoff"])


def _success(order: Sequence[str], grades: Mapping[str, int], measure: Measure) -> float:
    return float(any(_flags(order, grades, measure)))


def _reciprocal_rank(order: Sequence[str], grades: Mapping[str, int], measure: Measure) -> float:
    flags = _flags(order, grades, measure)
    return 1.0 / (flags.index(True) + 1) if any(flags) else 0.0


def _rbp(order: Sequence[str], grades: Mapping[str, int], measure: Measure) -> float:
    return rank_biased_precision(order, grades, rbp_parameters(measure))


def _err(order: Sequence[str], grades: Mapping[str, int], measure: Measure) -> float:
    return expected_reciprocal_rank(order, grades, measure.params.get("cutoff"))


@lru_cache(maxsize=256)
def _parsed(measure: str) -> Measure:
    return parse_measure(measure)


_RISING: Mapping[str, Callable[[Sequence[str], Mapping[str, int], Measure], float]] = {
    "P": _precision,
    "Success": _success,
    "RR": _reciprocal_rank,
    "RBP": _rbp,
    "ERR": _err,
}
_NUMERATORS: Mapping[str, Callable[[_Flags, _Flags, int], tuple[_Floats, _Floats]]] = {
    "AP": _sums_of_precisions,
    "R": _hits,
}
_BOUNDS: Mapping[str, Callable[[Sequence[str], Mapping[str, int], Measure, int], Bounds]] = {
    **dict.fromkeys(_RISING, _rising),
    **dict.fromkeys(_NUMERATORS, _counted),
    "nDCG": _ndcg,
}
