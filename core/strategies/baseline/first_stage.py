"""First-stage order: the baseline "no reranker", the line that every other system has to beat."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from core.domain.documents import CandidateList
from core.strategies.about import About
from core.strategies.base import Outcome, Steps, StrategyInfo, strategy
from core.strategies.trivial import first_stage_order


@strategy(
    name="first-stage",
    version=1,
    family="baseline",
    title="First stage, no reranker",
    about=About(
        summary="Leaves the candidates as the first stage found them: the line that every reranker has to beat.",
        cost="0",
        rounds="0",
        strengths=("Costs nothing and shows what reranking adds.",),
        failures=("Is only as good as the first stage.",),
        fidelity_note="There is nothing to be faithful to.",
    ),
)
@dataclass(frozen=True, slots=True, kw_only=True)
class FirstStage:
    """Returns the candidates as they came, with the first-stage scores where there are any.

    Formula: order = (1, 2, ..., N). Cost: no model call. Paper: none.
    """

    info: ClassVar[StrategyInfo]

    def rerank(self, candidates: CandidateList) -> Steps:
        """The order as it stands."""
        yield from ()
        outcome: Outcome = first_stage_order(candidates)
        return outcome

    def forecast(self, n_docs: int) -> int:  # noqa: ARG002 - part of the protocol
        """No calls."""
        return 0
