"""DeAR, second stage, with the model tuned for it, in the exact layout of its training."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from core.domain.capabilities import Capability
from core.domain.documents import CandidateList
from core.domain.requests import Prompt
from core.strategies.about import About, Fidelity, Promise
from core.strategies.base import Slot, StrategyInfo, strategy
from core.strategies.listwise.dear_turns import DearWindows
from core.strategies.listwise.passages import documents_at, identifiers, rankllm_part
from core.strategies.listwise.turns import handed_over
from core.strategies.prompts import query_part

SYSTEM = "You are RankLLM, an assistant that ranks passages by relevance to the query."
_TASK = (
    " passages above based on their relevance to the search query. The passages should be listed in descending order "
    "using identifiers.\n"
    "Please follow the steps below:\n"
    "Step 1. List the information requirements to answer the query.\n"
    "Step 2. For each requirement, find the passages containing that information.\n"
    "Step 3. Rank passages that best cover clear and diverse information. Include all passages.\n"
    "Output format strictly: [2] > [1] > [3] ... Only output the ranking using identifiers; no explanations."
)


@strategy(
    name="dear-listwise-trained",
    version=1,
    family="listwise",
    title="DeAR listwise, trained model",
    paper="Abdallah et al. 2025, arXiv:2508.16998",
    slots={"model": Slot(needs=frozenset({Capability.GENERATE}), format="dear-listwise")},
    about=About(
        summary="Llama-3.1-8B with an adapter tuned on chains of thought reranks the best 30 of the given order in two "
        "windows. With DeAR's first stage before it: cascade?of=(dear-pointwise:MODEL,dear-listwise-trained:MODEL).",
        cost="1 + ceil(max(0, min(N, depth) - w) / s)",
        rounds="1 + ceil(max(0, min(N, depth) - w) / s)",
        strengths=(
            "Two calls per query on top of a pointwise pass: nDCG@10 .779 on DL19.",
            "Ahead of GPT-4 on queries newer than its training (NovelEval nDCG@10 .920).",
        ),
        failures=(
            "What the first stage left below place 30 stays there.",
            "The adapter has to be merged into its base model first.",
        ),
        fidelity=Fidelity.PAPER,
        fidelity_note="The turns are those of the reference code's pipeline, string for string; identifiers inside "
        "passages are disarmed, and the likeliest token is taken by default where it samples. The weights were not run "
        "here.",
        promise=Promise.NOTHING,
        weights="abdoelsayed/dear-8b-reranker-listwise-lora-v1 merged into meta-llama/Llama-3.1-8B-Instruct. Write "
        '[models.dear-listwise] kind = "causal-lm", source = "folder:PATH", formats = ["dear-listwise"], or '
        "Systems > Register.",
    ),
)
@dataclass(frozen=True, slots=True, kw_only=True)
class DearListwiseTrained(DearWindows):
    """Windows over the best 30 with the model tuned for it.

    Formula: as DeAR listwise. Cost: 2 generations for N >= 30. Paper: arXiv:2508.16998; turns from
    DataScienceUIBK/DeAR-Reranking (listwise_rerank/prompts.py).
    """

    info: ClassVar[StrategyInfo]
    received: ClassVar[str] = "Received passage {}."

    def prompt(self, candidates: CandidateList, seen: Sequence[int]) -> Prompt:
        """A turn for each passage, then the three steps."""
        n = len(seen)
        parts = [rankllm_part(document, words=self.words) for document in documents_at(candidates, seen)]
        query = query_part(candidates.query.text)
        return handed_over(
            SYSTEM,
            [
                f"I will provide you with {n} passages, each indicated by number identifier [].\nRank the passages "
                "based on their relevance to query: ",
                query,
                ".",
            ],
            "Okay, please provide the passages.",
            list(zip(identifiers(n), parts, strict=True)),
            self.received,
            ["Search Query: ", query, f".\nRank the {n}{_TASK}"],
        )
