"""DeAR's second stage: windows over the head of an order, three steps of reasoning asked for before the ranking."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from core.domain.documents import CandidateList
from core.domain.requests import Prompt
from core.strategies.base import parameter
from core.strategies.listwise.windowed import Read, Windows, write_order
from core.strategies.listwise.windows import windows


@dataclass(frozen=True, slots=True, kw_only=True)
class DearWindows(Windows):
    """Windows over the best ``depth`` of the given order; the rest keeps its places."""

    depth: int = parameter(
        30, help="How many of the given order's best are reranked; the rest stays.", minimum=2, maximum=1000
    )
    words: int = parameter(300, help="Words kept of every passage; 0 keeps all.", minimum=0, maximum=100_000)
    max_tokens: int = parameter(
        1024, help="Tokens the model may write per window, reasoning included.", minimum=16, maximum=32768
    )
    temperature: float = parameter(
        0.0, help="0 always takes the likeliest token; the paper samples with 0.5.", minimum=0.0, maximum=2.0
    )
    seed: int = parameter(0, help="Draws the tokens where they are sampled.", minimum=0, maximum=2**31 - 1)

    received: ClassVar[str] = "I have read passage {}."

    @abstractmethod
    def prompt(self, candidates: CandidateList, seen: Sequence[int]) -> Prompt:
        """The conversation about one window."""

    def read(self, candidates: CandidateList, seen: Sequence[int]) -> Read:
        """One text."""
        return write_order(
            self.prompt(candidates, seen),
            len(seen),
            max_tokens=self.max_tokens,
            received=self.received,
            temperature=self.temperature,
            seed=self.seed,
        )

    def spans(self, n_docs: int) -> list[tuple[int, int]]:
        """The windows over the head."""
        return list(windows(min(n_docs, self.depth), self.window, self.step))
