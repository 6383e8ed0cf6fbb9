"""The cost of one ranking while it is made: logical as if alone, executed as a share of what was done.

Logical: every request counts in full, and depth adds one per round, or the depth of the deepest member
asked in that round. Executed: a batch's seconds are divided by tokens, a request's seconds among those
who asked; the first of them has the call, the others a cache hit, so that sums over rankings are true.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from core.domain.rankings import ExecutedCost, LogicalCost
from core.domain.requests import Cut, Usage


@dataclass(slots=True)
class Account:
    """Running sums of one task."""

    calls: int = 0
    prompt_tokens: int = 0
    generated_tokens: int = 0
    tokens_cut: int = 0
    depth: int = 0
    seconds: float = 0.0
    executed_calls: int = 0
    cache_hits: int = 0
    cuts: dict[str, Cut] = field(default_factory=dict)
    _round: int = 0

    def answered(self, usage: Usage, *, called: bool = True) -> None:
        """A request of this round has its answer; ``called``: it is no answer of an index, which costs no ranking."""
        if not called:
            self._keep(usage.cuts)
            return
        self.calls += 1
        self.prompt_tokens += int(usage.prompt_tokens)
        self.generated_tokens += int(usage.generated_tokens)
        self.tokens_cut += sum(int(cut.tokens - cut.kept) for cut in usage.cuts)
        self._keep(usage.cuts)
        self._round = max(self._round, 1)

    def member(self, logical: LogicalCost, executed: ExecutedCost, cuts: Sequence[Cut]) -> None:
        """A member asked in this round has its ranking; ``executed`` is this task's share of it."""
        self.calls += logical.calls
        self.prompt_tokens += logical.prompt_tokens
        self.generated_tokens += logical.generated_tokens
        self.tokens_cut += logical.tokens_cut
        self._round = max(self._round, logical.depth)
        self.seconds += executed.seconds
        self.executed_calls += executed.calls
        self.cache_hits += executed.cache_hits
        self._keep(cuts)

    def executed(self, seconds: float, *, first: bool) -> None:
        """This task's share of an executed request; ``first``: it asked before the others."""
        self.seconds += seconds
        self.executed_calls += int(first)
        self.cache_hits += int(not first)

    def hit(self) -> None:
        """A request was answered from the cache."""
        self.cache_hits += 1

    def end_round(self) -> None:
        """Everything of this round is answered."""
        self.depth += self._round
        self._round = 0

    @property
    def logical(self) -> LogicalCost:
        """The sums that belong to the ranking."""
        return LogicalCost(
            calls=self.calls,
            prompt_tokens=self.prompt_tokens,
            generated_tokens=self.generated_tokens,
            tokens_cut=self.tokens_cut,
            depth=self.depth,
        )

    def shares(self, takers: int) -> list[ExecutedCost]:
        """The executed cost divided among ``takers`` of the result; calls stay with the first."""
        done = self.executed_calls + self.cache_hits
        return [
            ExecutedCost(
                seconds=self.seconds / takers,
                calls=self.executed_calls if taker == 0 else 0,
                cache_hits=self.cache_hits if taker == 0 else done,
            )
            for taker in range(takers)
        ]

    def _keep(self, cuts: Sequence[Cut]) -> None:
        """Per document the cut that lost most."""
        for cut in cuts:
            known = self.cuts.get(cut.document_id)
            if known is None or cut.tokens - cut.kept > known.tokens - known.kept:
                self.cuts[cut.document_id] = cut
