"""Full ranking with RankMistral100, in the exact layout of its training."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from core.domain.capabilities import Capability
from core.domain.documents import CandidateList
from core.domain.requests import Prompt
from core.strategies.about import About, Fidelity, Promise
from core.strategies.base import Slot, StrategyInfo, strategy
from core.strategies.listwise.passages import disarm
from core.strategies.listwise.rankllm_turn import output_format, rankllm_turn
from core.strategies.listwise.whole_list import WholeList
from core.strategies.prompts import plain

# The conversation frame "mistral" of FastChat, which is not the chat template of Mistral's own tokenizer.
OPENING = (
    "[INST] You are RankLLM, an intelligent assistant that can rank passages based on their relevancy to the query.\n"
)
CLOSING = " [/INST]"


@strategy(
    name="full-list-trained",
    version=1,
    family="listwise",
    title="Full ranking, RankMistral100",
    paper="Liu et al. 2024, arXiv:2412.14574",
    slots={"model": Slot(needs=frozenset({Capability.GENERATE}), format="rankmistral-full")},
    about=About(
        summary="Mistral-7B tuned on complete orders of 100 passages, with more weight on the first places, writes the "
        "order of all candidates in one call.",
        cost="1",
        rounds="1",
        strengths=(
            "Better than the same model with sliding windows, at one call instead of nine.",
            "Every passage is compared with every other.",
        ),
        failures=(
            "Trained on 100 candidates of 100 words; other sizes are outside what it has seen.",
            "About 15,000 tokens in one prompt.",
        ),
        fidelity=Fidelity.PAPER,
        fidelity_note="Prompt and frame are those of the reference code, string for string; the length of the answer "
        "is not forced. The weights were not run here.",
        promise=Promise.ORDER,
        weights='liuwenhan/RankMistral100. Write [models.rankmistral] kind = "causal-lm", source = '
        '"hub:liuwenhan/RankMistral100", formats = ["rankmistral-full"], or Systems > Register.',
    ),
)
@dataclass(frozen=True, slots=True, kw_only=True)
class FullListTrained(WholeList):
    """RankMistral100 writes the order of all candidates.

    Formula: order = what the model wrote. Cost: one generation. Paper: arXiv:2412.14574; prompt from RUC-NLPIR/fullrank
    (evaluation: 100 words a passage, example ordering [2] > [1]).
    """

    info: ClassVar[StrategyInfo]

    def prompt(self, candidates: CandidateList) -> Prompt:
        """One turn."""
        turn = rankllm_turn(
            disarm(candidates.query.text).strip(),
            candidates.documents,
            ending=output_format("[2] > [1]"),
            words=self.words,
        )
        return plain(OPENING, turn, CLOSING)
