"""Setwise heapsort: the best k documents by a heap whose nodes have c children, one question per node."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from core.domain.capabilities import Capability
from core.domain.documents import CandidateList
from core.strategies.about import About, Fidelity, Promise
from core.strategies.base import Mode, Slot, Steps, StrategyInfo, parameter, strategy
from core.strategies.heads import head_first
from core.strategies.setwise.ballots import MODES, MOST_CHILDREN, ballot_of
from core.strategies.setwise.expected_calls import expected_calls
from core.strategies.setwise.heap_selection import heap_head
from core.strategies.setwise.selection import Selector
from core.strategies.trivial import first_stage_order, is_trivial


@strategy(
    name="setwise-heap",
    version=1,
    family="setwise",
    title="Setwise heapsort",
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
            "The model is shown a node of a heap and its c children and names the best of them, so one question does "
            "the work of c comparisons. The k best documents are taken from the top of the heap one by one. The rest "
            "follows in first-stage order."
        ),
        cost="about N/c + k log_c N (N = 100, k = 10: 140, 82, 31, 23 for c = 2, 3, 9, 19), times the votes",
        rounds="as many as questions",
        strengths=(
            "Far fewer questions than pairwise comparisons, each of one token.",
            "Effort goes into the head of the list alone.",
        ),
        failures=(
            "One wrong answer near the root loses a good document for good.",
            "The place in the prompt sways small models; more votes help and cost.",
            "Every question waits for the one before.",
        ),
        fidelity=Fidelity.REFERENCE,
        fidelity_note=(
            "The order and the sets of passages that are asked about equal those of llm-rankers' heapsort, also where "
            "answers contradict each other. Passages stand in first-stage order in a question, ties go to the first "
            "stage, and the wording is ours."
        ),
        promise=Promise.TOP,
    ),
)
@dataclass(frozen=True, slots=True, kw_only=True)
class SetwiseHeap:
    """Heapsort in which one question finds the best of a node and its children.

    Formula: the label of the highest probability (or the one that is written) wins; with several votes the document
    that most of them name; ties go to the earlier in the first stage. Cost: about N/c + k·log_c N questions one after
    another (N = 100, k = 10: 140 for c = 2, 82 for 3, 31 for 9, 23 for 19), times the votes. Paper: arXiv:2310.09497.
    """

    info: ClassVar[StrategyInfo]

    k: int = parameter(10, help="How many documents at the top are put in order.", minimum=1, maximum=1000)
    children: int = parameter(
        3, help="Children per node: passages in a question, less one.", minimum=1, maximum=MOST_CHILDREN
    )
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
        head = yield from heap_head(range(n_docs), self.k, self.children, selector.best, selector.placed)
        return selector.outcome(head_first(head, n_docs))

    def forecast(self, n_docs: int) -> int:
        """The calls on shuffled lists with a consistent judge, in the mean, as an estimate."""
        return self.votes * expected_calls(heap_head, n_docs, self.k, self.children)
