"""PRP all-pair: every pair of documents is compared in both orders and wins are counted."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import ClassVar

from core.domain.capabilities import Capability
from core.domain.documents import CandidateList
from core.strategies.about import About, Fidelity, Promise
from core.strategies.base import Mode, Slot, Steps, StrategyInfo, by_score, parameter, strategy
from core.strategies.pairwise.comparison import CALLS_PER_COMPARISON, MODES, Asked
from core.strategies.pairwise.referee import Referee
from core.strategies.trivial import first_stage_order, is_trivial


@strategy(
    name="prp-all-pair",
    version=1,
    family="pairwise",
    title="PRP all-pair",
    paper="Qin et al. 2023, arXiv:2306.17563",
    slots={
        "model": Slot(
            needs=frozenset({Capability.LABEL_LOGPROBS}),
            default="smollm2-135m-instruct",
            modes=(Mode(parameter="mode", value="generation", needs=frozenset({Capability.GENERATE})),),
        )
    },
    about=About(
        summary=(
            "Every pair of documents is shown to the model twice, once in each order. A document wins a pair only "
            "where both answers name it; contradictions count half for each. Documents are ranked by their wins."
        ),
        cost="N(N - 1)",
        rounds="1",
        strengths=(
            "The most robust of the pairwise methods: one wrong answer costs one place at most.",
            "All comparisons run at once.",
            "A preference for the first or second place cancels.",
        ),
        failures=(
            "Quadratic: 9,900 calls for 100 documents.",
            "A model with a strong place preference ties everything, and the first stage remains.",
        ),
        fidelity=Fidelity.REFERENCE,
        fidelity_note=(
            "Every sum of wins equals that of llm-rankers' allpair under judges that contradict themselves. Equal "
            "sums go to the first stage here, to whichever document was met first there; the wording is ours."
        ),
        promise=Promise.ORDER,
    ),
)
@dataclass(frozen=True, slots=True, kw_only=True)
class PrpAllPair:
    """Counts for each document the comparisons it wins; a contradiction between the two orders is a tie.

    Formula: s_i = Σ_j 1[i ≻ j] + ½ Σ_j 1[tie]. Cost: N(N-1) calls in one round. Paper: arXiv:2306.17563.
    """

    info: ClassVar[StrategyInfo]

    mode: str = parameter(
        "likelihood", help="Whether the likelier label counts, or the one that the model writes.", choices=MODES
    )
    max_tokens: int = parameter(
        16, help="Tokens the model may write per answer (generation only).", minimum=1, maximum=32768
    )

    def rerank(self, candidates: CandidateList) -> Steps:
        """All pairs in one round."""
        if is_trivial(candidates):
            return first_stage_order(candidates)
        pairs = list(combinations(range(len(candidates.documents)), 2))
        referee = Referee(candidates=candidates, asked=Asked(mode=self.mode, max_tokens=self.max_tokens))
        yield from referee.compare_all(pairs)
        scores = [0.0] * len(candidates.documents)
        for i, j in pairs:
            share = (1 + referee.known(i, j)) / 2
            scores[i] += share
            scores[j] += 1 - share
        order = by_score(scores)
        return referee.outcome(order, tuple(scores))

    def forecast(self, n_docs: int) -> int:
        """Both orders of every pair."""
        return CALLS_PER_COMPARISON * (n_docs * (n_docs - 1) // 2)
