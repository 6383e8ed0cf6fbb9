"""Late interaction over fewer documents: candidate pruning before, early exit on the way."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from core.domain.capabilities import Capability
from core.domain.documents import CandidateList
from core.domain.requests import Embed, EmbedAnswer
from core.strategies.about import About, Fidelity
from core.strategies.base import Outcome, Slot, Step, Steps, StrategyInfo, ask, by_score, parameter, strategy
from core.strategies.heads import head_first
from core.strategies.trivial import first_stage_order, is_trivial
from core.strategies.vectors import max_similarity


@strategy(
    name="late-interaction",
    version=1,
    family="embedding",
    title="Late interaction with pruning and early exit",
    paper="Martinico et al. 2026, arXiv:2601.05200",
    slots={"model": Slot(needs=frozenset({Capability.EMBED_TOKENS}), default="all-minilm-l6-v2")},
    exact_forecast=False,
    about=About(
        summary="MaxSim, but not for every document. Candidates whose first-stage score lies too far below the k-th "
        "are not looked at, and scoring stops once several documents in a row did not reach the best k. What was not "
        "scored keeps its first-stage order behind what was.",
        cost="<= N + 1",
        rounds="<= 1 + (N - k)",
        strengths=("Saves most of the work where the first stage is good.", "Neutral parameters give plain MaxSim."),
        failures=(
            "A good document far down the first stage is never seen.",
            "Pruning compares first-stage scores: pasted lists have none, and then nothing is pruned.",
        ),
        fidelity=Fidelity.PAPER,
        fidelity_note="Both rules as published; documents that stay unscored are kept at the end, and negative "
        "first-stage scores are measured from the lowest, where the paper assumes positive ones.",
    ),
)
@dataclass(frozen=True, slots=True, kw_only=True)
class LateInteraction:
    """Scores documents in first-stage order by MaxSim until the best k stand still.

    Formula: keep d where f(d) - f0 >= (f_(k) - f0)(1 - alpha), f the first-stage score, f_(k) the k-th best, f0 =
    min(0, lowest); then score the first k and go on, ending after beta documents in a row that did not enter the best
    k. s(d) = Σ_i max_j cos(q_i, d_j). alpha = 1 and beta = 0 score all. Cost: at most N + 1 calls; one round for the
    first k, then one per at most beta documents. Paper: arXiv:2601.05200, over ColBERT, arXiv:2004.12832.
    """

    info: ClassVar[StrategyInfo]

    k: int = parameter(10, help="Documents at the head that count: the k-th sets both rules.", minimum=1)
    alpha: float = parameter(
        0.05, help="How far below the k-th first-stage score a document may lie; 1 prunes none.", minimum=0, maximum=1
    )
    beta: int = parameter(4, help="Documents in a row without a place in the best k that end it; 0: never.", minimum=0)

    def rerank(self, candidates: CandidateList) -> Steps:
        """The query and the first k in one round, then as many documents as must be seen before it may end."""
        if is_trivial(candidates):
            return first_stage_order(candidates)
        waiting: Sequence[int] = kept_candidates(
            candidates.first_stage_scores, len(candidates.documents), self.k, self.alpha
        )
        steps = [Step(round=1, note=f"{len(waiting)} of {len(candidates.documents)} documents kept by pruning")]
        first, waiting = self._next(waiting, {}, 0)
        query, *found = yield from ask([_query(candidates), *_documents(candidates, first)], EmbedAnswer)
        scores = {p: max_similarity(query.vector, answer.vector) for p, answer in zip(first, found, strict=True)}
        still = 0
        while waiting and not (self.beta and still >= self.beta):
            some, waiting = self._next(waiting, scores, still)
            answers = yield from ask(_documents(candidates, some), EmbedAnswer)
            for position, answer in zip(some, answers, strict=True):
                bar = sorted(scores.values(), reverse=True)[self.k - 1]
                scores[position] = max_similarity(query.vector, answer.vector)
                still = 0 if scores[position] > bar else still + 1
        steps.append(Step(round=2, note=f"{len(scores)} documents scored", order=_order(scores, candidates)))
        whole = len(scores) == len(candidates.documents)
        kept = tuple(scores[position] for position in range(len(scores))) if whole else None
        return Outcome(order=_order(scores, candidates), scores=kept, steps=tuple(steps))

    def forecast(self, n_docs: int) -> int:
        """At most the query and every document."""
        return n_docs + 1 if n_docs > 1 else 0

    def _next(
        self, waiting: Sequence[int], scores: dict[int, float], still: int
    ) -> tuple[Sequence[int], Sequence[int]]:
        """What is scored in the next round, and what waits on: no more than must be seen before it may end."""
        count = self.k if not scores else self.beta - still if self.beta else len(waiting)
        return waiting[:count], waiting[count:]


def kept_candidates(scores: Sequence[float] | None, n_docs: int, k: int, alpha: float) -> tuple[int, ...]:
    """Positions that survive pruning, in first-stage order, at least k; all where there are no (finite) scores."""
    if scores is None or n_docs <= k or not all(map(math.isfinite, scores)):
        return tuple(range(n_docs))
    floor, kth = min(0.0, *scores), sorted(scores, reverse=True)[k - 1]
    bar = min(kth, floor + (kth - floor) * (1 - alpha))  # rounding could lift it above the k-th itself
    return tuple(position for position, score in enumerate(scores) if score >= bar)


def _order(scores: dict[int, float], candidates: CandidateList) -> tuple[int, ...]:
    ranked = by_score([scores.get(position, 0.0) for position in range(len(candidates.documents))])
    return head_first([position for position in ranked if position in scores], len(ranked))


def _query(candidates: CandidateList) -> Embed:
    return Embed(text=candidates.query.text, role="query", at="tokens")


def _documents(candidates: CandidateList, positions: Sequence[int]) -> list[Embed]:
    documents = [candidates.documents[position] for position in positions]
    return [Embed(text=d.content, role="document", at="tokens", document_id=d.id) for d in documents]
