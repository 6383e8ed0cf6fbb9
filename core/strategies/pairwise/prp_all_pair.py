"""PRP all-pair: every pair of documents is compared in both orders and wins are counted."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import ClassVar

from core.domain.capabilities import Capability
from core.domain.documents import CandidateList
from core.domain.requests import LabelAnswer
from core.strategies.base import Outcome, Slot, Steps, StrategyInfo, ask, by_score, strategy
from core.strategies.pairwise.comparison import CALLS_PER_COMPARISON, comparison, silence_note, silent, verdict
from core.strategies.trivial import first_stage_order, is_trivial


@strategy(
    name="prp-all-pair",
    version=1,
    family="pairwise",
    title="PRP all-pair",
    paper="Qin et al. 2023, arXiv:2306.17563",
    slots={"model": Slot(needs=frozenset({Capability.LABEL_LOGPROBS}), default="smollm2-135m-instruct")},
)
@dataclass(frozen=True, slots=True, kw_only=True)
class PrpAllPair:
    """Counts for each document the comparisons it wins; a contradiction between the two orders is a tie.

    Formula: s_i = Σ_j 1[i ≻ j] + ½ Σ_j 1[tie]. Cost: N(N-1) calls in one round. Paper: arXiv:2306.17563.
    """

    info: ClassVar[StrategyInfo]

    def rerank(self, candidates: CandidateList) -> Steps:
        """All pairs in one round."""
        if is_trivial(candidates):
            return first_stage_order(candidates)
        documents = candidates.documents
        pairs = list(combinations(range(len(documents)), 2))
        requests = [
            request for i, j in pairs for request in comparison(candidates.query.text, documents[i], documents[j])
        ]
        answers = yield from ask(requests, LabelAnswer)
        scores = [0.0] * len(documents)
        for (i, j), forward, backward in zip(pairs, answers[::2], answers[1::2], strict=True):
            share = (1 + verdict(forward, backward)) / 2
            scores[i] += share
            scores[j] += 1 - share
        repairs = silence_note(sum(silent(answer) for answer in answers))
        return Outcome(order=by_score(scores), scores=tuple(scores), repairs=repairs)

    def forecast(self, n_docs: int) -> int:
        """Both orders of every pair."""
        return CALLS_PER_COMPARISON * (n_docs * (n_docs - 1) // 2)
