"""PRP heapsort: the best k documents by heapsort over pairwise comparisons."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from core.domain.capabilities import Capability
from core.domain.documents import CandidateList
from core.strategies.about import About, Fidelity, Promise
from core.strategies.base import Mode, Slot, Steps, StrategyInfo, parameter, strategy
from core.strategies.heads import head_first
from core.strategies.pairwise.comparison import CALLS_PER_COMPARISON, MODES, Asked
from core.strategies.pairwise.expected_comparisons import heap_comparisons
from core.strategies.pairwise.heap import heap_top
from core.strategies.pairwise.referee import Referee
from core.strategies.trivial import first_stage_order, is_trivial


@strategy(
    name="prp-heapsort",
    version=1,
    family="pairwise",
    title="PRP heapsort",
    paper="Qin et al. 2023, arXiv:2306.17563",
    slots={
        "model": Slot(
            needs=frozenset({Capability.LABEL_LOGPROBS}),
            default="smollm2-135m-instruct",
            modes=(Mode(parameter="mode", value="generation", needs=frozenset({Capability.GENERATE})),),
        )
    },
    exact_forecast=False,
    about=About(
        summary=(
            "A binary heap over pairwise comparisons gives the best k documents one by one. Each comparison asks both "
            "orders; where the answers contradict each other, the first stage decides. The rest follows in first-stage "
            "order."
        ),
        cost="at most 2(2N + 2k log2 N); about 530 for N = 100, k = 10",
        rounds="as many as comparisons",
        strengths=(
            "The fewest calls of the sorting variants.",
            "Effort goes into the head of the list.",
        ),
        failures=(
            "One wrong verdict near the root loses a good document for good.",
            "Every comparison waits for the one before.",
        ),
        fidelity=Fidelity.REFERENCE,
        fidelity_note=(
            "The order equals that of llm-rankers' heapsort wherever opinions have an order. Contradictions go to the "
            "first stage here; the reference breaks no ties and scrambles them. Pairs are remembered, the children "
            "are compared first, and the wording is ours."
        ),
        promise=Promise.TOP,
    ),
)
@dataclass(frozen=True, slots=True, kw_only=True)
class PrpHeapsort:
    """Finds the best k with a binary heap; the rest follows in first-stage order.

    Formula: i before j if i wins both orders, or if they contradict and i came first. Cost: two calls per
    comparison, at most 2N + 2k·log2 N comparisons one after another, each pair asked once (about 530 calls
    for N = 100, k = 10). Paper: arXiv:2306.17563; ties broken inside the comparator, because a heap is not
    stable.
    """

    info: ClassVar[StrategyInfo]

    k: int = parameter(10, help="How many documents at the top are put in order.", minimum=1, maximum=1000)
    mode: str = parameter(
        "likelihood", help="Whether the likelier label counts, or the one that the model writes.", choices=MODES
    )
    max_tokens: int = parameter(
        16, help="Tokens the model may write per answer (generation only).", minimum=1, maximum=32768
    )

    def rerank(self, candidates: CandidateList) -> Steps:
        """One comparison, two calls, per round."""
        if is_trivial(candidates):
            return first_stage_order(candidates)
        n_docs = len(candidates.documents)
        referee = Referee(candidates=candidates, asked=Asked(mode=self.mode, max_tokens=self.max_tokens))
        best = yield from heap_top(range(n_docs), self.k, referee.before)
        return referee.outcome(head_first(best, n_docs))

    def forecast(self, n_docs: int) -> int:
        """The calls on shuffled lists with a consistent judge, in the mean, as an estimate."""
        return CALLS_PER_COMPARISON * heap_comparisons(n_docs, self.k)
