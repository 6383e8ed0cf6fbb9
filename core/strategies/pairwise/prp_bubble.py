"""PRP bubble sort: passes over neighbouring documents until one of them changes nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from core.domain.capabilities import Capability
from core.domain.documents import CandidateList
from core.strategies.about import About, Fidelity, Promise
from core.strategies.base import Mode, Slot, Steps, StrategyInfo, parameter, strategy
from core.strategies.pairwise.bubbling import bubbled
from core.strategies.pairwise.comparison import CALLS_PER_COMPARISON, MODES, Asked
from core.strategies.pairwise.expected_comparisons import bubble_comparisons
from core.strategies.pairwise.referee import Referee
from core.strategies.trivial import first_stage_order, is_trivial


@strategy(
    name="prp-bubble",
    version=1,
    family="pairwise",
    title="PRP bubble sort",
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
            "Neighbours are compared from the end of the list to its beginning and exchanged where the later one is "
            "better, until a pass exchanges nothing. This orders the whole list; sliding-K is the same, stopped after "
            "K passes."
        ),
        cost="at most N(N - 1); 2(N - 1) if the first stage was right",
        rounds="as many as comparisons",
        strengths=(
            "Few calls where the first stage is nearly right: only what is out of order is touched.",
            "Orders the whole list, not just its head.",
        ),
        failures=(
            "Quadratic where the first stage is poor, and every comparison waits for the one before.",
            "A model that contradicts itself can stop it early: it only sees that no neighbours are out of order.",
        ),
        fidelity=Fidelity.REFERENCE,
        fidelity_note=(
            "The order equals that of llm-rankers' bubblesort over the whole list, also under judges that contradict "
            "themselves. Pairs are remembered, so fewer are asked; the wording is ours."
        ),
        promise=Promise.ORDER,
    ),
)
@dataclass(frozen=True, slots=True, kw_only=True)
class PrpBubble:
    """Bubble sort over pairwise comparisons until no neighbours are out of order.

    Formula: i before j if i wins both orders, or if they contradict and i came first. Cost: two calls per comparison,
    each pair asked once: from N - 1 comparisons to N(N-1)/2, one after another. Paper: arXiv:2306.17563.
    """

    info: ClassVar[StrategyInfo]

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
            referee.placed(order, f"pass {done} is over")

        order = yield from bubbled(range(n_docs), n_docs, referee.before, placed)
        return referee.outcome(tuple(order))

    def forecast(self, n_docs: int) -> int:
        """The calls on shuffled lists with a consistent judge, in the mean, as an estimate."""
        return CALLS_PER_COMPARISON * bubble_comparisons(n_docs, n_docs)
