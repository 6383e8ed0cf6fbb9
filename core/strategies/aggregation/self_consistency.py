"""Permutation self-consistency: one system ranks the candidates in many orders, and the rankings are put together."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from core.domain.documents import CandidateList
from core.domain.requests import Rank, RankAnswer
from core.strategies.about import About, Fidelity, Promise
from core.strategies.aggregation.ballots import Ranks, borda_points, preferences, ranks_of
from core.strategies.aggregation.median_order import median_order
from core.strategies.base import Outcome, Step, Steps, StrategyInfo, ask, by_score, parameter, strategy
from core.strategies.judges import uniform
from core.strategies.trivial import first_stage_order, is_trivial

RRF_K = 60
SHORT = 3  # documents; so few are often given in the right order by chance


@strategy(
    name="self-consistency",
    version=1,
    family="aggregation",
    title="Permutation self-consistency",
    paper="Tang et al. 2023, arXiv:2310.07712",
    members=True,
    least_members=1,
    most_members=1,
    about=About(
        summary=(
            "The one member ranks the same candidates several times, each time given in another random order. What it "
            "says because of where a document stood differs from time to time and cancels out; what it says of the "
            "documents stays. The rankings are put together by Kemeny's consensus, Borda points or reciprocal ranks."
        ),
        cost="m times those of the member",
        rounds="those of the member",
        strengths=(
            "Takes the bias for places in the prompt out of any list ranker, without touching it.",
            "All repetitions are independent, so they are answered together.",
        ),
        failures=(
            "Multiplies the cost by m.",
            "Takes away what the first-stage order tells the member; a weak member is better off with that order.",
            "Nothing to gain with members that judge every document by itself.",
        ),
        fidelity=Fidelity.REFERENCE,
        fidelity_note=(
            "The consensus of the shuffles equals that of perm-sc: as few contradicted pairs, and for Borda and "
            "reciprocal ranks the order. That a list which comes back exactly as it was given counts as no opinion, "
            "and that reciprocal ranks are summed and not averaged, is our choice."
        ),
        promise=Promise.ORDER,
    ),
)
@dataclass(frozen=True, slots=True, kw_only=True)
class SelfConsistency:
    """Aggregates m rankings of shuffled candidates by the same system.

    Formula: consensus of R(π_1 d), ..., R(π_m d), the π_i drawn with the seed and the query. A list that comes
    back as it was given (of up to three documents: and has no scores) is no evidence: that is what an unreadable answer
    leaves. First-stage scores travel with their documents. Cost: m times the member's. Paper: Tang, Zhang, Ma, Lin and
    Ture 2023, arXiv:2310.07712, m = 20.
    """

    info: ClassVar[StrategyInfo]

    members: int = 1
    aggregate: str = parameter(
        "kemeny",
        help="How the rankings are put together: fewest contradicted pairs, points by place, or reciprocal ranks.",
        choices=("kemeny", "borda", "rrf"),
    )
    seed: int = parameter(0, help="Another seed gives other shuffles.", minimum=0, maximum=1_000_000)
    shuffles: int = parameter(20, help="How often the member ranks the candidates.", minimum=2, maximum=200)

    def rerank(self, candidates: CandidateList) -> Steps:
        """All shuffles in one round."""
        if is_trivial(candidates):
            return first_stage_order(candidates)
        n_docs = len(candidates.documents)
        places = [self._shuffle(candidates, number) for number in range(self.shuffles)]
        requests = [Rank(member=0, candidates=shuffled(candidates, order)) for order in places]
        answers = yield from ask(requests, RankAnswer)
        said = [answer for answer in zip(places, answers, strict=True) if not _unmoved(answer[1])]
        ballots = [_original(order, ranks_of(answer, n_docs)) for order, answer in said]
        return self._put_together(ballots, n_docs)

    def forecast(self, n_docs: int) -> int:  # noqa: ARG002 - part of the protocol
        """No calls besides the member's own."""
        return 0

    def member_lists(self, member: int, n_docs: int) -> tuple[int, ...]:  # noqa: ARG002 - part of the protocol
        """The whole list once for every shuffle, where there is anything to order."""
        return (n_docs,) * self.shuffles if n_docs > 1 else ()

    def _shuffle(self, candidates: CandidateList, number: int) -> tuple[int, ...]:
        """Positions in the order of one shuffle."""
        lots = [
            uniform(self.seed, candidates.query.text, str(number), str(position))
            for position in range(len(candidates.documents))
        ]
        return tuple(sorted(range(len(lots)), key=lots.__getitem__))

    def _put_together(self, ballots: Sequence[Ranks], n_docs: int) -> Outcome:
        silent = self.shuffles - len(ballots)
        note = f"; {silent} came back as they were given and say nothing" if silent else ""
        scores: tuple[float, ...] | None = None
        if self.aggregate == "kemeny":
            order = median_order(preferences(ballots, n_docs))
        else:
            points = borda_points(ballots, n_docs) if self.aggregate == "borda" else _reciprocal(ballots, n_docs)
            scores = tuple(points.tolist())
            order = by_score(scores)
        step = Step(round=1, note=f"{self.aggregate} of {len(ballots)} rankings{note}", order=order)
        return Outcome(order=order, scores=scores, steps=(*_each(ballots), step))


def shuffled(candidates: CandidateList, order: Sequence[int]) -> CandidateList:
    """The candidates in another order, each with its own first-stage score."""
    scores = candidates.first_stage_scores
    return replace(
        candidates,
        documents=tuple(candidates.documents[position] for position in order),
        first_stage=f"{candidates.first_stage}, shuffled",
        first_stage_scores=None if scores is None else tuple(scores[position] for position in order),
    )


def _unmoved(answer: RankAnswer) -> bool:
    """Whether the answer says nothing but where documents stood: no opinion on so many comes out like that, nor do
    scores alone make it one (those of a fusion of silent members fall along the places, too)."""
    unscored = answer.scores is None
    return answer.order == tuple(range(len(answer.order))) and (unscored or len(answer.order) > SHORT)


def _original(order: Sequence[int], ranks: Ranks) -> Ranks:
    """Ranks by position in the list as it was before the shuffle."""
    original = np.empty_like(ranks)
    original[list(order)] = ranks
    return original


def _reciprocal(ballots: Sequence[Ranks], n_docs: int) -> Ranks:
    """Σ 1 / (60 + rank) for every document, the same in whatever order it is added up; a ballot without it adds 0."""
    shares = [np.nan_to_num(1 / (RRF_K + ranks)).tolist() for ranks in ballots]
    return np.array([math.fsum(share[position] for share in shares) for position in range(n_docs)])


def _each(ballots: Sequence[Ranks]) -> tuple[Step, ...]:
    """Every complete ranking, for the trace."""
    orders = [np.argsort(ranks, kind="stable").tolist() for ranks in ballots if not np.isnan(ranks).any()]
    return tuple(Step(round=1, note=f"ranking {n}", order=tuple(order)) for n, order in enumerate(orders, start=1))
