"""Quick-select: documents are split at pivots, all comparisons with a pivot at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from core.domain.capabilities import Capability
from core.domain.documents import CandidateList
from core.strategies.about import About, Fidelity, Promise
from core.strategies.base import Mode, Slot, Steps, StrategyInfo, parameter, strategy
from core.strategies.heads import head_first
from core.strategies.pairwise.comparison import CALLS_PER_COMPARISON, MODES, Asked
from core.strategies.pairwise.expected_comparisons import quick_comparisons
from core.strategies.pairwise.quick_selection import quick_head
from core.strategies.pairwise.referee import Referee
from core.strategies.trivial import first_stage_order, is_trivial


@strategy(
    name="quickselect",
    version=1,
    family="pairwise",
    title="Quick-select with a pivot",
    paper="Hoare 1961, doi:10.1145/366622.366647",
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
            "One document is the pivot; all others are compared with it at once, in both orders, and split into better "
            "and worse. The part that holds the k-th place is split again, and what is selected is ordered the same "
            "way. The first stage chooses the pivots, so a good one separates the best k in the first round."
        ),
        cost="about 500 for N = 100, k = 10; 2(N - 1) for the first split",
        rounds="about 8 for N = 100, k = 10",
        strengths=(
            "As few calls as heapsort, in a few rounds instead of hundreds: fast wherever calls run side by side.",
            "A preference for the first or second place cancels.",
        ),
        failures=(
            "A document that wrongly loses against the first pivot is out.",
            "Unlucky pivots on a poor first stage make more rounds; the worst case is quadratic.",
        ),
        fidelity=Fidelity.OURS,
        fidelity_note=(
            "Hoare's selection over the comparisons of pairwise ranking prompting (arXiv:2306.17563); no paper "
            "prescribes the choice of pivots, which is ours."
        ),
        promise=Promise.TOP,
    ),
)
@dataclass(frozen=True, slots=True, kw_only=True)
class Quickselect:
    """Selects the best k by splitting at pivots, then orders them in the same way; the rest keeps its order.

    Formula: a document is before the pivot if it wins both orders, or if they contradict and it came first. Cost: two
    calls per comparison, on a shuffled list about 250 comparisons in 8 rounds for N = 100, k = 10; at worst N(N-1)
    calls. Paper: Hoare 1961 (FIND), doi:10.1145/366622.366647; comparisons as in arXiv:2306.17563.
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
        """All splits of one round together."""
        if is_trivial(candidates):
            return first_stage_order(candidates)
        n_docs = len(candidates.documents)
        referee = Referee(candidates=candidates, asked=Asked(mode=self.mode, max_tokens=self.max_tokens))

        def placed(order: list[int]) -> None:
            referee.placed(order, "split at the pivots")

        head = yield from quick_head(range(n_docs), self.k, referee.compare_all, referee.ahead, placed)
        return referee.outcome(head_first(head, n_docs))

    def forecast(self, n_docs: int) -> int:
        """The calls on shuffled lists with a consistent judge, in the mean, as an estimate."""
        return CALLS_PER_COMPARISON * quick_comparisons(n_docs, self.k)
