"""RankZephyr: a 7B model trained to write the order of a window, in the exact layout of its training."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from core.domain.capabilities import Capability
from core.domain.documents import CandidateList
from core.strategies.about import About, Fidelity, Promise
from core.strategies.base import Slot, StrategyInfo, parameter, strategy
from core.strategies.listwise.passages import documents_at
from core.strategies.listwise.rankllm_turn import output_format, rankllm_turn
from core.strategies.listwise.windowed import Read, RepeatedWindows, write_order
from core.strategies.prompts import chat

SYSTEM = "You are RankLLM, an intelligent assistant that can rank passages based on their relevancy to the query"


@strategy(
    name="rank-zephyr",
    version=1,
    family="listwise",
    title="RankZephyr",
    paper="Pradeep et al. 2023, arXiv:2312.02724",
    slots={"model": Slot(needs=frozenset({Capability.GENERATE}), format="rank-zephyr")},
    about=About(
        summary="A 7B model distilled from RankGPT with GPT-3.5 and GPT-4 writes the order of 20 passages at a time, "
        "from the end of the list to its beginning. More passes, each over the order so far, go on improving it.",
        cost="1 + ceil(max(0, N - w) / s), times the passes",
        rounds="1 + ceil(max(0, N - w) / s), times the passes",
        strengths=(
            "Close to GPT-4 as a reranker with open weights: nDCG@10 .74 on DL19 from BM25.",
            "Hardly ever writes a malformed order; trained on shuffled and shortened lists.",
        ),
        failures=(
            "Reads 4,096 tokens: 20 long passages are shortened.",
            "Only the best w - s can come up from the very end in one pass.",
        ),
        fidelity=Fidelity.REFERENCE,
        fidelity_note=(
            "Windows, the reading of orders and, but for RankLLM's later edits, the prompt equal those of RankLLM; "
            "the prompt is that of the model's release, inside the checkpoint's own chat template. Passages keep 300 "
            "words in every window, where the reference gives smaller windows more. The weights were not run here."
        ),
        promise=Promise.NOTHING,
        weights='castorini/rank_zephyr_7b_v1_full. Write [models.rank-zephyr] kind = "causal-lm", source = '
        '"hub:castorini/rank_zephyr_7b_v1_full", formats = ["rank-zephyr"], or Systems > Register.',
    ),
)
@dataclass(frozen=True, slots=True, kw_only=True)
class RankZephyr(RepeatedWindows):
    """Orders windows with RankZephyr.

    Formula: as RankGPT. Cost: passes · (1 + ceil(max(0, N - w) / s)) generations one after another.
    Paper: arXiv:2312.02724; prompt from castorini/rank_llm at its release, example ordering [2] > [1].
    """

    info: ClassVar[StrategyInfo]

    max_tokens: int = parameter(200, help="Tokens the model may write per window.", minimum=16, maximum=4096)

    def read(self, candidates: CandidateList, seen: Sequence[int]) -> Read:
        """One turn."""
        turn = rankllm_turn(
            candidates.query.text,
            documents_at(candidates, seen),
            ending=output_format("[2] > [1]"),
            words=self.words,
        )
        return write_order(chat(SYSTEM, turn), len(seen), max_tokens=self.max_tokens)
