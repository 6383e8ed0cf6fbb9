"""Kemeny's consensus: the order that contradicts its members in as few pairs as possible."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from core.domain.documents import CandidateList
from core.domain.requests import Rank, RankAnswer
from core.strategies.about import About, Fidelity, Promise
from core.strategies.aggregation.ballots import preferences, ranks_of
from core.strategies.aggregation.median_order import disagreements, median_order
from core.strategies.base import Outcome, Step, Steps, StrategyInfo, ask, strategy
from core.strategies.trivial import first_stage_order, is_trivial


@strategy(
    name="kemeny",
    version=1,
    family="aggregation",
    title="Kemeny consensus",
    paper="Colombo et al. 2022, arXiv:2202.03799",
    members=True,
    symmetric=True,
    about=About(
        summary=(
            "All members rank the candidates; of all orders the one is taken that agrees with the members in the most "
            "pairs of documents. A document that beats every other one in more members than not comes first. "
            "Exact where no more than 15 documents are entangled in contradictory majorities; "
            "else the order is improved document by document until nothing gains."
        ),
        cost="those of the members",
        rounds="those of the deepest member",
        strengths=(
            "Needs neither scores nor labels, and no parameter.",
            "Follows the majority in every pair that can be followed, whatever the ranks in between.",
        ),
        failures=(
            "With two members every pair they disagree on is a tie, and ties keep the first-stage order.",
            "Gives no scores, so it says nothing of how close a decision was.",
        ),
        fidelity=Fidelity.REFERENCE,
        fidelity_note=(
            "Contradicts as few pairs as the integer programme of perm-sc, and gives the same order where only one is "
            "best. Which of several optima is taken (the first-stage order decides) and the local search over large "
            "tangles are our choice."
        ),
        promise=Promise.ORDER,
    ),
)
@dataclass(frozen=True, slots=True, kw_only=True)
class Kemeny:
    """Minimises the pairs in which the order and a member disagree.

    Formula: argmin over orders of Σ_m Kendall distance to member m; pairs that a member ties, or of which it leaves one
    out, are no evidence. Cost: no call of its own beyond those of the members. Paper: Kemeny 1959; Colombo, Noiry,
    Irurozki and Clémençon 2022, arXiv:2202.03799. The algorithm is that of median_order.py.
    """

    info: ClassVar[StrategyInfo]

    members: int = 2

    def rerank(self, candidates: CandidateList) -> Steps:
        """The rankings of all members in one round."""
        if is_trivial(candidates):
            return first_stage_order(candidates)
        n_docs = len(candidates.documents)
        answers = yield from ask([Rank(member=m, candidates=candidates) for m in range(self.members)], RankAnswer)
        counts = preferences([ranks_of(answer, n_docs) for answer in answers], n_docs)
        order = median_order(counts)
        note = f"contradicts {disagreements(counts, order):.0f} of {counts.sum():.0f} pairwise opinions of the members"
        return Outcome(order=order, steps=(Step(round=1, note=note, order=order),))

    def forecast(self, n_docs: int) -> int:  # noqa: ARG002 - part of the protocol
        """No calls besides the members' own."""
        return 0
