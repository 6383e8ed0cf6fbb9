"""Setwise bubble sort: the best k documents by passes of overlapping windows, one question per window."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from core.domain.capabilities import Capability
from core.domain.documents import CandidateList
from core.strategies.about import About, Fidelity, Promise
from core.strategies.base import Mode, Slot, Steps, StrategyInfo, parameter, strategy
from core.strategies.heads import head_first
from core.strategies.setwise.ballots import MODES, MOST_CHILDREN, ballot_of
from core.strategies.setwise.bubble_selection import bubble_head
from core.strategies.setwise.expected_calls import expected_calls
from core.strategies.setwise.selection import Selector
from core.strategies.trivial import first_stage_order, is_trivial


@strategy(
    name="setwise-bubble",
    version=1,
    family="setwise",
    title="Setwise bubble sort",
    paper="Zhuang et al. 2024, arXiv:2310.09497",
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
            "A window of c + 1 passages moves from the end of the list to its beginning; the model names the best "
            "passage of each window, which goes to the window's head and into the next window. Each pass brings one "
            "more document to its place. Windows that have not changed since an earlier pass are not asked again."
        ),
        cost="at most sum over i < k of ceil((N - 1 - i) / c) (N = 100, k = 10: 475, 318, 109, 54 for c = 2, 3, 9, 19)",
        rounds="as many as questions",
        strengths=(
            "A document that loses one window still has its place right behind the head.",
            "A good first stage makes later passes cheap.",
        ),
        failures=(
            "Several times the questions of the heap.",
            "The place in the prompt sways small models; more votes help and cost.",
        ),
        fidelity=Fidelity.REFERENCE,
        fidelity_note=(
            "The plain algorithm of the paper. The first pass equals that of llm-rankers window by window; its later "
            "passes are shortened and lose documents even with a perfect judge, which is left out here. The losers of "
            "a window keep their order instead of one trading places."
        ),
        promise=Promise.TOP,
    ),
)
@dataclass(frozen=True, slots=True, kw_only=True)
class SetwiseBubble:
    """Bubble sort in which one question finds the best of a window of c + 1 passages.

    Formula: pass i brings the best of the documents from place i on to place i; the label of the highest probability
    (or the one that is written, or the one with most votes) wins, ties go to the earlier in the first stage. Cost: at
    most sum_{i<k} ceil((N-1-i)/c) questions one after another, fewer because nothing is asked twice (N = 100, k = 10,
    shuffled: about 435 for c = 2, 281 for 3, 85 for 9, 41 for 19), times the votes. Paper: arXiv:2310.09497.
    """

    info: ClassVar[StrategyInfo]

    k: int = parameter(10, help="How many documents at the top are put in order.", minimum=1, maximum=1000)
    children: int = parameter(
        3, help="Passages in a window, less one: how far one question can lift a passage.", minimum=1,
        maximum=MOST_CHILDREN,
    )  # fmt: skip
    mode: str = parameter(
        "likelihood", help="Whether the likeliest label counts, or the one that the model writes.", choices=MODES
    )
    votes: int = parameter(
        1, help="How often each question is put, with the passages in another order each time.", minimum=1, maximum=99
    )
    max_tokens: int = parameter(
        16, help="Tokens the model may write per answer (generation only).", minimum=1, maximum=32768
    )
    seed: int = parameter(0, help="Draws the orders of the votes.", minimum=0, maximum=2**31)

    def rerank(self, candidates: CandidateList) -> Steps:
        """One question per round."""
        if is_trivial(candidates):
            return first_stage_order(candidates)
        n_docs, ballot = len(candidates.documents), ballot_of(self.mode, self.max_tokens)
        selector = Selector(candidates=candidates, ballot=ballot, votes=self.votes, seed=self.seed)
        head = yield from bubble_head(range(n_docs), self.k, self.children, selector.best, selector.placed)
        return selector.outcome(head_first(head, n_docs))

    def forecast(self, n_docs: int) -> int:
        """The calls on shuffled lists with a consistent judge, in the mean, as an estimate."""
        return self.votes * expected_calls(bubble_head, n_docs, self.k, self.children)
