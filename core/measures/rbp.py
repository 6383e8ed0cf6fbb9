"""Rank-biased precision: RBP(p) = (1 - p) * sum over ranks i of rel_i * p^(i - 1).

Moffat and Zobel 2008 (TOIS 27:1). By hand, since ir_measures leaves RBP to cwl-eval, a package that writes
and reads files to compute these six lines. Binary relevance: a grade of ``least_grade`` or more.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class RbpParameters:
    """``persistence`` p in (0, 1); ``cutoff``: ranks that count, None for all."""

    persistence: float = 0.8
    least_grade: int = 1
    cutoff: int | None = None


def rank_biased_precision(order: Sequence[str], grades: Mapping[str, int], parameters: RbpParameters) -> float:
    """RBP of document ids in ``order``, best first; what was not judged is irrelevant."""
    p = parameters.persistence
    ranked = order[: parameters.cutoff]
    return (1 - p) * sum(p**place for place, doc in enumerate(ranked) if grades.get(doc, 0) >= parameters.least_grade)
