"""What every strategy does with no candidate or one: nothing to order, so no model is asked."""

from __future__ import annotations

from itertools import pairwise

from core.domain.documents import CandidateList
from core.strategies.base import Outcome


def is_trivial(candidates: CandidateList) -> bool:
    """Whether there is only one order."""
    return len(candidates.documents) < 2


def first_stage_order(candidates: CandidateList, *, repairs: tuple[str, ...] = ()) -> Outcome:
    """The first-stage order as it stands, with its scores where they fall along that order."""
    scores = candidates.first_stage_scores
    if scores is not None and any(after > before for before, after in pairwise(scores)):
        scores = None
    return Outcome(order=tuple(range(len(candidates.documents))), scores=scores, repairs=repairs)
