"""A strategy that changes nothing, to be decorated by tests of the registry."""

from __future__ import annotations

from dataclasses import dataclass

from core.domain.documents import CandidateList
from core.strategies.base import Outcome, Steps


@dataclass(frozen=True, kw_only=True)
class Unmoved:
    """Returns the first-stage order. Formula: none. Cost: none. Paper: none."""

    def rerank(self, candidates: CandidateList) -> Steps:
        """No request."""
        yield from ()
        outcome = Outcome(order=tuple(range(len(candidates.documents))))
        return outcome

    def forecast(self, n_docs: int) -> int:
        """No calls."""
        return 0
