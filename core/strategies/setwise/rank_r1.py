"""Rank-R1: setwise heapsort by a model that thinks before it names the best passage."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from core.domain.capabilities import Capability
from core.domain.documents import CandidateList
from core.strategies.about import About, Fidelity, Promise
from core.strategies.base import Slot, Steps, StrategyInfo, parameter, strategy
from core.strategies.heads import head_first
from core.strategies.setwise.ballots import MOST_CHILDREN
from core.strategies.setwise.expected_calls import expected_calls
from core.strategies.setwise.heap_selection import heap_head
from core.strategies.setwise.reasoning import TEMPLATES, ReasonedBallot
from core.strategies.setwise.selection import Selector
from core.strategies.trivial import first_stage_order, is_trivial


@strategy(
    name="rank-r1",
    version=1,
    family="setwise",
    title="Rank-R1 (setwise with reasoning)",
    paper="Zhuang et al. 2025, arXiv:2503.06034",
    slots={"model": Slot(needs=frozenset({Capability.GENERATE}), default="smollm2-135m-instruct")},
    exact_forecast=False,
    about=About(
        summary=(
            "Setwise heapsort with big nodes: the model sees 20 passages, thinks, and writes the number of the best "
            "one between answer tags. Its thoughts are shown with the ranking. Any instruction model fits; the Rank-R1 "
            "checkpoints were trained for it by reinforcement learning and have their own template."
        ),
        cost="about N/c + k log_c N generations (N = 100, k = 10, c = 19: 23), times the votes",
        rounds="as many as questions",
        strengths=(
            "Says why a passage was chosen.",
            "Good at queries whose answer has to be worked out.",
        ),
        failures=(
            "Thousands of tokens per question; a text that runs out of tokens before its answer decides nothing.",
            "Small untrained models rarely keep to the tags; the first stage then decides, and this is recorded.",
        ),
        fidelity=Fidelity.PAPER,
        fidelity_note=(
            "The trained templates are those of the repository's prompt files (read, not run with the weights); "
            "passages are shown in first-stage order, where the reference code shuffles them even for one vote."
        ),
        promise=Promise.TOP,
        weights=(
            "Works with any instruction model. For the trained one: Rank-R1 (LoRA on Qwen2.5 3B, 7B, 14B; v0.2 on "
            "Qwen3 32B), merged into its base model, as a [models.NAME] table with source hub:... or by Systems > "
            "Register, and template=rank-r1-v0.1 or rank-r1-v0.2."
        ),
    ),
)
@dataclass(frozen=True, slots=True, kw_only=True)
class RankR1:
    """Setwise heapsort with reasoning.

    Formula: the passage wins whose number stands between the answer tags; with several votes the one that most name;
    without an answer the earliest in the first stage. Cost: about N/c + k·log_c N generations one after another (23
    for N = 100, k = 10, c = 19), times the votes. Paper: Rank-R1, arXiv:2503.06034 (trained on 20 passages, 2048 new
    tokens, temperature 0).
    """

    info: ClassVar[StrategyInfo]

    k: int = parameter(10, help="How many documents at the top are put in order.", minimum=1, maximum=1000)
    children: int = parameter(
        19, help="Children per node: passages in a question, less one.", minimum=1, maximum=MOST_CHILDREN
    )
    template: str = parameter(
        "general", help="Our own words, or the exact ones of a Rank-R1 checkpoint.", choices=TEMPLATES
    )
    votes: int = parameter(
        1, help="How often each question is put, with the passages in another order each time.", minimum=1, maximum=99
    )
    max_tokens: int = parameter(
        2048, help="Tokens the model may write per question, thoughts included.", minimum=16, maximum=32768
    )
    seed: int = parameter(0, help="Draws the orders of the votes.", minimum=0, maximum=2**31)

    def rerank(self, candidates: CandidateList) -> Steps:
        """One question per round."""
        if is_trivial(candidates):
            return first_stage_order(candidates)
        n_docs = len(candidates.documents)
        ballot = ReasonedBallot(max_tokens=self.max_tokens, template=self.template)
        selector = Selector(candidates=candidates, ballot=ballot, votes=self.votes, seed=self.seed)
        head = yield from heap_head(range(n_docs), self.k, self.children, selector.best, selector.placed)
        return selector.outcome(head_first(head, n_docs))

    def forecast(self, n_docs: int) -> int:
        """The calls on shuffled lists with a consistent judge, in the mean, as an estimate."""
        return self.votes * expected_calls(heap_head, n_docs, self.k, self.children)
