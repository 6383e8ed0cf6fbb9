"""First-stage scores of a candidate list on a common scale, for strategies that weigh them against their own."""

from __future__ import annotations

import math

from core.domain.documents import CandidateList


def first_stage_shares(candidates: CandidateList) -> tuple[float, ...]:
    """(n_docs,) from 0 to 1: (s - min) / (max - min), 0 for all where they are equal. Without (finite) scores the place
    counts: 1 for the first down to 0 for the last."""
    n_docs = len(candidates.documents)
    scores = candidates.first_stage_scores
    if scores is None or not all(map(math.isfinite, scores)):
        return tuple((n_docs - 1 - place) / max(1, n_docs - 1) for place in range(n_docs))
    low, high = min(scores, default=0.0), max(scores, default=0.0)
    # Halved before they are subtracted: the difference of two floats may be infinite.
    spread = high / 2 - low / 2
    return tuple((score / 2 - low / 2) / spread if spread > 0 else 0.0 for score in scores)
