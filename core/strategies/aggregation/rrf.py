"""Reciprocal rank fusion of any systems over the same candidates."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

from core.domain.documents import CandidateList
from core.domain.requests import Rank, RankAnswer
from core.strategies.about import About, Fidelity, Promise
from core.strategies.aggregation.ballots import checked_order
from core.strategies.base import Outcome, Steps, StrategyInfo, ask, by_score, parameter, strategy
from core.strategies.trivial import first_stage_order, is_trivial


@strategy(
    name="rrf",
    version=1,
    family="aggregation",
    title="Reciprocal rank fusion",
    paper="Cormack et al. 2009, doi:10.1145/1571941.1572114",
    members=True,
    symmetric=True,
    about=About(
        summary=(
            "All members rank the candidates; a document gets from every member the reciprocal of its rank there plus "
            "60, and the largest sums come first. Places at the top weigh more than places further down, and what a "
            "member's scores look like does not matter."
        ),
        cost="those of the members",
        rounds="those of the deepest member",
        strengths=(
            "Needs neither scores nor labels; the usual k works nearly everywhere.",
            "A document that several members put near the top wins over one that a single member puts first.",
        ),
        failures=(
            "All members count the same, so a poor one pulls a good one down.",
            "Throws away how sure a member is: a clear winner counts like a narrow one.",
        ),
        fidelity=Fidelity.REFERENCE,
        fidelity_note=(
            "Every sum equals that of ranx with the paper's k = 60, also for rankings that leave documents out, where "
            "perm-sc averages; ties keep the first-stage order."
        ),
        promise=Promise.ORDER,
    ),
)
@dataclass(frozen=True, slots=True, kw_only=True)
class ReciprocalRankFusion:
    """Adds up, over its members, the reciprocal of each document's rank.

    Formula: s(d) = Σ_m 1 / (k + rank_m(d)), ranks from 1; a member without the document adds 0. Cost: no
    call of its own beyond those of the members. Paper: Cormack, Clarke and Büttcher, SIGIR 2009.
    """

    info: ClassVar[StrategyInfo]

    members: int = 2
    k: int = parameter(60, help="Dampens the weight of the first ranks; larger is flatter.", minimum=0, maximum=10000)

    def rerank(self, candidates: CandidateList) -> Steps:
        """The rankings of all members in one round."""
        if is_trivial(candidates):
            return first_stage_order(candidates)
        n_docs = len(candidates.documents)
        requests = [Rank(member=member, candidates=candidates) for member in range(self.members)]
        answers = yield from ask(requests, RankAnswer)
        shares: list[list[float]] = [[] for _ in range(n_docs)]
        for answer in answers:
            for rank, position in enumerate(checked_order(answer.order, n_docs), start=1):
                shares[position].append(1 / (self.k + rank))
        scores = tuple(math.fsum(share) for share in shares)  # fsum: the same whatever the members' order
        return Outcome(order=by_score(scores), scores=scores)

    def forecast(self, n_docs: int) -> int:  # noqa: ARG002 - part of the protocol
        """No calls besides the members' own."""
        return 0
