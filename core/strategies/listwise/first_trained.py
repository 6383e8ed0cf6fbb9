"""FIRST with the models tuned for it, in the exact layout of their training."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from core.domain.capabilities import Capability
from core.domain.documents import CandidateList
from core.domain.requests import Prompt
from core.strategies.about import About, Fidelity, Promise
from core.strategies.base import Slot, StrategyInfo, parameter, strategy
from core.strategies.listwise.first_token import OPENED, letter_order
from core.strategies.listwise.passages import documents_at
from core.strategies.listwise.rank_zephyr import SYSTEM
from core.strategies.listwise.rankllm_turn import output_format, rankllm_turn
from core.strategies.listwise.windowed import Read, RepeatedWindows
from core.strategies.permutation import LETTERS
from core.strategies.prompts import message


@strategy(
    name="first-trained",
    version=1,
    family="listwise",
    title="FIRST, trained models",
    paper="Reddy et al. 2024, arXiv:2406.15657",
    slots={"model": Slot(needs=frozenset({Capability.LABEL_LOGPROBS}), format="first")},
    about=About(
        summary="RankZephyr or Mistral tuned so that the probabilities of the first identifier order the whole window. "
        "One step of the model per window, nothing is generated.",
        cost="1 + ceil(max(0, N - w) / s), times the passes",
        rounds="1 + ceil(max(0, N - w) / s), times the passes",
        strengths=(
            "The quality of RankZephyr in about half its time; reproductions measured 21 to 42 % less.",
            "Never malformed: every window gets a complete order.",
        ),
        failures=(
            "Needs the log-probability of every letter, which chat endpoints rarely return for 20.",
            "Windows wait for one another.",
        ),
        fidelity=Fidelity.REFERENCE,
        fidelity_note=(
            "The order of a window equals that of RankLLM's reading of the same log-probabilities, and the prompt "
            "that of RankLLM but for its later edits; it is that of gangiswag/llm-reranker, with the bracket that it "
            "adds. Every letter is read, where the code takes the 30 likeliest tokens. The weights were not run here."
        ),
        promise=Promise.NOTHING,
        weights="rryisthebest/First_Model (Zephyr) or castorini/first_mistral. Write [models.first] kind = "
        '"causal-lm", source = "hub:rryisthebest/First_Model", formats = ["first"], or Systems > Register.',
    ),
)
@dataclass(frozen=True, slots=True, kw_only=True)
class FirstTrained(RepeatedWindows):
    """Sorts each window by log p(letter | prompt + "[") of a model tuned for it.

    Formula: as FIRST. Cost: passes · (1 + ceil(max(0, N - w) / s)) one-token calls one after another.
    Paper: arXiv:2406.15657; prompt from gangiswag/llm-reranker ("a alphabetical identifier" as written there).
    """

    info: ClassVar[StrategyInfo]

    window: int = parameter(
        20, help="Passages that the model sees at once; each needs a letter.", minimum=2, maximum=LETTERS
    )

    def read(self, candidates: CandidateList, seen: Sequence[int]) -> Read:
        """One token's probabilities."""
        turn = rankllm_turn(
            candidates.query.text,
            documents_at(candidates, seen),
            ending=output_format("[B] > [A]"),
            words=self.words,
            kind="a alphabetical",
        )
        system, user = message("system", SYSTEM), message("user", turn)
        return letter_order(Prompt(messages=(system, user, message("assistant", OPENED))), len(seen))
