"""ReasonRank with the models tuned for it, in the exact layout of their training."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from core.domain.capabilities import Capability
from core.domain.documents import CandidateList
from core.strategies.about import About, Fidelity, Promise
from core.strategies.base import Slot, StrategyInfo, parameter, strategy
from core.strategies.listwise.passages import disarm, documents_at
from core.strategies.listwise.rankllm_turn import rankllm_turn
from core.strategies.listwise.reason_rank import FRAME, REASONING_TOKENS
from core.strategies.listwise.windowed import Read, RepeatedWindows, write_order
from core.strategies.prompts import chat

SYSTEM = (
    "You are RankLLM, an intelligent assistant that can rank passages based on their relevance to the query. Given a "
    "query and a passage list, you first thinks about the reasoning process in the mind and then provides the answer "
    "(i.e., the reranked passage list). The reasoning process and answer are enclosed within <think> </think> and "
    "<answer> </answer> tags, respectively, i.e., <think> reasoning process here </think> <answer> answer here "
    "</answer>."
)
_ENDING = "The format of the answer should be [] > [], e.g., [2] > [1]."


@strategy(
    name="reason-rank-trained",
    version=1,
    family="listwise",
    title="ReasonRank, trained models",
    paper="Liu et al. 2025, arXiv:2508.07050",
    slots={"model": Slot(needs=frozenset({Capability.GENERATE}), format="reasonrank")},
    about=About(
        summary="Qwen2.5 7B or 32B, taught by distillation and reinforcement to think about a window of 20 passages "
        "and to write its order between answer tags. What it thought is shown with the ranking.",
        cost="1 + ceil(max(0, N - w) / s), times the passes",
        rounds="1 + ceil(max(0, N - w) / s), times the passes",
        strengths=(
            "Among the best on queries that need reasoning: BRIGHT 40.8 with 32B.",
            "Keeps to its tags, so windows are seldom lost.",
        ),
        failures=(
            "Thousands of tokens per window: slow and dear.",
            "A thought that does not end within the limit leaves the window as it was.",
        ),
        fidelity=Fidelity.PAPER,
        fidelity_note="System and user turns are those of the reference code, string for string; passages are cut by "
        "words, where it cuts by tokens and differently for each collection. The weights were not run here.",
        promise=Promise.NOTHING,
        weights='liuwenhan/reasonrank-7B or liuwenhan/reasonrank-32B. Write [models.reasonrank] kind = "causal-lm", '
        'source = "hub:liuwenhan/reasonrank-7B", formats = ["reasonrank"], or Systems > Register.',
    ),
)
@dataclass(frozen=True, slots=True, kw_only=True)
class ReasonRankTrained(RepeatedWindows):
    """Orders windows by the reasoned answers of a model tuned for it.

    Formula: as ReasonRank. Cost: passes · (1 + ceil(max(0, N - w) / s)) generations of up to 3,172 tokens one after
    another. Paper: arXiv:2508.07050; prompt from 8421BCD/ReasonRank ("you first thinks" as written there).
    """

    info: ClassVar[StrategyInfo]

    max_tokens: int = parameter(
        REASONING_TOKENS, help="Tokens the model may write per window, thought included.", minimum=16, maximum=32768
    )

    def read(self, candidates: CandidateList, seen: Sequence[int]) -> Read:
        """One thought and its answer."""
        turn = rankllm_turn(
            disarm(candidates.query.text).strip(),
            documents_at(candidates, seen),
            ending=_ENDING,
            words=self.words,
        )
        return write_order(chat(SYSTEM, turn), len(seen), max_tokens=self.max_tokens, answer_tags=True, frame=FRAME)
