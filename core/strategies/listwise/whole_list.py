"""What strategies share that have the model write the order of all candidates in one call."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

from core.domain.documents import CandidateList
from core.domain.requests import Prompt
from core.strategies.base import Steps, parameter
from core.strategies.listwise.windowed import Read, slide, write_order
from core.strategies.trivial import first_stage_order, is_trivial


@dataclass(frozen=True, slots=True, kw_only=True)
class WholeList(ABC):
    """One window over everything."""

    max_tokens: int = parameter(
        1024, help="Tokens the model may write: about five for every candidate.", minimum=16, maximum=32768
    )
    words: int = parameter(100, help="Words kept of every passage; 0 keeps all.", minimum=0, maximum=100_000)

    @abstractmethod
    def prompt(self, candidates: CandidateList) -> Prompt:
        """The prompt with all candidates."""

    def read(self, candidates: CandidateList, seen: Sequence[int]) -> Read:
        """One text."""
        return write_order(self.prompt(candidates), len(seen), max_tokens=self.max_tokens)

    def rerank(self, candidates: CandidateList) -> Steps:
        """One call."""
        if is_trivial(candidates):
            return first_stage_order(candidates)
        n_docs = len(candidates.documents)
        return (yield from slide(self, candidates, range(n_docs), [(0, n_docs)]))

    def forecast(self, n_docs: int) -> int:
        """One call."""
        return int(n_docs > 1)
