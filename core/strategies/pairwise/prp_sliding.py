"""PRP sliding-K: a window of two documents slides K times from the end of the list to its beginning."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from core.domain.capabilities import Capability
from core.domain.documents import CandidateList
from core.strategies.about import About, Fidelity, Promise
from core.strategies.base import Mode, Slot, Steps, StrategyInfo, parameter, strategy
from core.strategies.heads import head_first
from core.strategies.pairwise.bubbling import bubbled
from core.strategies.pairwise.comparison import CALLS_PER_COMPARISON, MODES, Asked
from core.strategies.pairwise.expected_comparisons import bubble_comparisons
from core.strategies.pairwise.referee import Referee
from core.strategies.trivial import first_stage_order, is_trivial


@strategy(
    name="prp-sliding-k",
    version=1,
    family="pairwise",
    title="PRP sliding-K",
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
            "K passes of bubble sort: each pass compares neighbours from the end of the list to its beginning and "
            "carries the best remaining document to its place. Both orders are asked, contradictions leave neighbours "
            "in first-stage order, and known pairs are not asked again."
        ),
        cost="at most 2(k(N - 1) - k(k - 1)/2); 1,890 for N = 100, k = 10, about 1,660 on a shuffled list",
        rounds="as many as comparisons",
        strengths=(
            "A document that loses one comparison loses one place, not its chance.",
            "The better the first stage, the fewer new pairs: later passes meet known ones.",
        ),
        failures=(
            "More calls than heapsort.",
            "A strong document from the tail climbs only if it wins every comparison on its way.",
        ),
        fidelity=Fidelity.REFERENCE,
        fidelity_note=(
            "The order equals that of llm-rankers' bubblesort, also under judges that contradict themselves. Pairs "
            "are remembered, so fewer are asked; the wording is ours."
        ),
        promise=Promise.TOP,
    ),
)
@dataclass(frozen=True, slots=True, kw_only=True)
class PrpSliding:
    """K bottom-up passes over neighbouring documents; the paper's sliding-K is bubble sort stopped after K passes.

    Formula: pass i carries the best of the documents from place i on to place i. Cost: two calls per comparison, at
    most K(N-1) - K(K-1)/2 comparisons one after another (945 for N = 100, K = 10; without repeated pairs about 830 on
    a shuffled list, where the shortcut of the reference code makes 934). Paper: arXiv:2306.17563.
    """

    info: ClassVar[StrategyInfo]

    k: int = parameter(
        10, help="How many passes, and so documents at the top that are put in order.", minimum=1, maximum=1000
    )
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

        def placed(order: list[int], done: int) -> None:
            referee.placed(order, f"{candidates.documents[order[done - 1]].id} is number {done}")

        order = yield from bubbled(range(n_docs), self.k, referee.before, placed)
        return referee.outcome(head_first(order[: self.k], n_docs))

    def forecast(self, n_docs: int) -> int:
        """The calls on shuffled lists with a consistent judge, in the mean, as an estimate."""
        return CALLS_PER_COMPARISON * bubble_comparisons(n_docs, self.k)
