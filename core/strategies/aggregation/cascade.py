"""Cascade: a cheap system orders all candidates, a costly one only the best of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

from core.domain.documents import CandidateList
from core.domain.errors import BadAnswerError
from core.domain.requests import Rank, RankAnswer
from core.strategies.about import About, Fidelity, Promise
from core.strategies.base import Outcome, Steps, StrategyInfo, ask, parameter, strategy
from core.strategies.trivial import first_stage_order, is_trivial


@strategy(
    name="cascade",
    version=1,
    family="aggregation",
    title="Cascade of two systems",
    paper="Wang, Lin and Metzler 2011, doi:10.1145/2009916.2009934",
    members=True,
    most_members=2,
    about=About(
        summary=(
            "The first member, a cheap one, orders all candidates; the second, a costly one, orders only the best of "
            "them anew. What the second does not see keeps the first one's order below. The second member is given the "
            "first one's order and scores as its first stage."
        ),
        cost="A(N) + B(min(keep, N))",
        rounds="those of A, then those of B",
        strengths=(
            "Most of the quality of the costly member for a fraction of its calls.",
            "Shows at which depth a costly member begins to pay.",
        ),
        failures=(
            "What the first member puts below the cut is lost, however good it is.",
            "The two waits add up.",
        ),
        fidelity=Fidelity.PAPER,
        fidelity_note=(
            "Two stages with a fixed cut; the learned choice of stages and cuts of the paper is no part of it."
        ),
        promise=Promise.ORDER,
    ),
)
@dataclass(frozen=True, slots=True, kw_only=True)
class Cascade:
    """The first member ranks everything, the second reranks the head of that order; the tail stays as it is.

    Formula: order = B(A(d)[1..keep]) followed by A(d)[keep+1..N]. Cost: the calls of A for N documents and of B
    for min(keep, N), one after the other; none of its own. No scores: those of A and B are on different scales.
    Longer cascades have a cascade as their first member. Paper: nested rankers of Matveeva et al. 2006,
    doi:10.1145/1148170.1148246; Wang, Lin and Metzler, SIGIR 2011.
    """

    info: ClassVar[StrategyInfo]

    members: int = 2
    keep: int = parameter(20, help="How many of the first member's best the second reranks.", minimum=2, maximum=10000)

    def rerank(self, candidates: CandidateList) -> Steps:
        """One round for each member."""
        if is_trivial(candidates):
            return first_stage_order(candidates)
        (first,) = yield from ask([Rank(member=0, candidates=candidates)], RankAnswer)
        order = _permutation(first.order, len(candidates.documents))
        head = order[: self.keep]
        (second,) = yield from ask([Rank(member=1, candidates=_head(candidates, head, first))], RankAnswer)
        best = _permutation(second.order, len(head))
        return Outcome(order=(*(head[position] for position in best), *order[self.keep :]))

    def forecast(self, n_docs: int) -> int:  # noqa: ARG002 - part of the protocol
        """No calls besides the members' own."""
        return 0

    def member_documents(self, member: int, n_docs: int) -> int:
        """All for the first member, at most ``keep`` for the second."""
        return n_docs if member == 0 else min(self.keep, n_docs)


def _head(candidates: CandidateList, head: tuple[int, ...], first: RankAnswer) -> CandidateList:
    """What the second member sees: the first member's order is its first stage."""
    scores = first.scores
    return replace(
        candidates,
        documents=tuple(candidates.documents[position] for position in head),
        first_stage=f"the best {len(head)} of the first member",
        first_stage_scores=None if scores is None else tuple(scores[position] for position in head),
    )


def _permutation(order: tuple[int, ...], n_docs: int) -> tuple[int, ...]:
    """The order, if it holds every position once; BadAnswerError otherwise."""
    if sorted(order) != list(range(n_docs)):
        raise BadAnswerError(f"A member ranked positions {order[:5]}... of {n_docs} documents; each must stand once.")
    return order
