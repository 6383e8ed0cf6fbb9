"""RankVicuna: the first open model trained to write the order of a window, in the exact layout of its training."""

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
from core.strategies.prompts import plain

# The conversation frame "vicuna_v1.1" of FastChat; the checkpoint's tokenizer has no chat template.
OPENING = (
    "A chat between a curious user and an artificial intelligence assistant. The assistant gives helpful, detailed, "
    "and polite answers to the user's questions. USER: "
)
CLOSING = " ASSISTANT:"


@strategy(
    name="rank-vicuna",
    version=1,
    family="listwise",
    title="RankVicuna",
    paper="Pradeep et al. 2023, arXiv:2309.15088",
    slots={"model": Slot(needs=frozenset({Capability.GENERATE}), format="rank-vicuna")},
    about=About(
        summary="A 7B model distilled from RankGPT with GPT-3.5 writes the order of 20 passages at a time, from the "
        "end of the list to its beginning.",
        cost="1 + ceil(max(0, N - w) / s), times the passes",
        rounds="1 + ceil(max(0, N - w) / s), times the passes",
        strengths=(
            "Open weights on a par with the GPT-3.5 it learnt from: nDCG@10 .68 on DL19 from BM25.",
            "Robust to a shuffled start, because it was trained on shuffled lists.",
        ),
        failures=(
            "Trained on full windows of 20; shorter lists are outside what it has seen.",
            "Behind RankZephyr in everything.",
        ),
        fidelity=Fidelity.REFERENCE,
        fidelity_note=(
            "Windows, the reading of orders and, but for RankLLM's later edits, the prompt equal those of RankLLM; "
            "the prompt is that of the model's release, with FastChat's vicuna_v1.1 frame. The weights were not run "
            "here."
        ),
        promise=Promise.NOTHING,
        weights='castorini/rank_vicuna_7b_v1. Write [models.rank-vicuna] kind = "causal-lm", source = '
        '"hub:castorini/rank_vicuna_7b_v1", formats = ["rank-vicuna"], or Systems > Register.',
    ),
)
@dataclass(frozen=True, slots=True, kw_only=True)
class RankVicuna(RepeatedWindows):
    """Orders windows with RankVicuna.

    Formula: as RankGPT. Cost: passes · (1 + ceil(max(0, N - w) / s)) generations one after another.
    Paper: arXiv:2309.15088; prompt from castorini/rank_llm at its release, example ordering [4] > [2].
    """

    info: ClassVar[StrategyInfo]

    max_tokens: int = parameter(200, help="Tokens the model may write per window.", minimum=16, maximum=4096)

    def read(self, candidates: CandidateList, seen: Sequence[int]) -> Read:
        """One turn."""
        turn = rankllm_turn(
            candidates.query.text,
            documents_at(candidates, seen),
            ending=output_format("[4] > [2]"),
            words=self.words,
        )
        return write_order(plain(OPENING, turn, CLOSING), len(seen), max_tokens=self.max_tokens)
