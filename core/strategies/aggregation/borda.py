"""Borda count: every member gives a document a point for each document that it ranks below it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from core.domain.documents import CandidateList
from core.domain.requests import Rank, RankAnswer
from core.strategies.about import About, Fidelity, Promise
from core.strategies.aggregation.ballots import borda_points, ranks_of
from core.strategies.base import Outcome, Steps, StrategyInfo, ask, by_score, strategy
from core.strategies.trivial import first_stage_order, is_trivial


@strategy(
    name="borda",
    version=1,
    family="aggregation",
    title="Borda count",
    paper="Colombo et al. 2022, arXiv:2202.03799",
    members=True,
    symmetric=True,
    about=About(
        summary=(
            "All members rank the candidates; from every member a document gets as many points as there are documents "
            "below it, and half a point for each that the member scores the same. The most points come first. "
            "A Borda count whose members are Borda counts is the two-level procedure of Colombo et al.: first within "
            "each kind of system, then across the kinds."
        ),
        cost="those of the members",
        rounds="those of the deepest member",
        strengths=(
            "Needs neither scores nor labels, and no parameter.",
            "Every place of every member counts the same, so one eccentric member moves a document only a little.",
        ),
        failures=(
            "Many members of one kind outvote the others.",
            "May prefer a document that most members put behind another: the points say how far, not how often.",
        ),
        fidelity=Fidelity.REFERENCE,
        fidelity_note=(
            "Points equal those of ranx's bordafuse but for a constant, also for rankings that leave documents out; "
            "orders equal perm-sc's. Equal scores share their mean rank, where published code splits them by "
            "position."
        ),
        promise=Promise.ORDER,
    ),
)
@dataclass(frozen=True, slots=True, kw_only=True)
class Borda:
    """Adds up, over its members, how many documents each document stands before.

    Formula: s(d) = Σ_m (N - rank_m(d)), ranks from 1, equal scores share their mean rank, documents that a member
    leaves out share its last places. Cost: no call of its own beyond those of the members. Paper: Borda 1781; Colombo,
    Noiry, Irurozki and Clémençon 2022, arXiv:2202.03799.
    """

    info: ClassVar[StrategyInfo]

    members: int = 2

    def rerank(self, candidates: CandidateList) -> Steps:
        """The rankings of all members in one round."""
        if is_trivial(candidates):
            return first_stage_order(candidates)
        n_docs = len(candidates.documents)
        answers = yield from ask([Rank(member=m, candidates=candidates) for m in range(self.members)], RankAnswer)
        points = borda_points([ranks_of(answer, n_docs) for answer in answers], n_docs)
        scores = tuple(points.tolist())
        return Outcome(order=by_score(scores), scores=scores)

    def forecast(self, n_docs: int) -> int:  # noqa: ARG002 - part of the protocol
        """No calls besides the members' own."""
        return 0
