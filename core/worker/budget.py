"""How many tokens one batch may have, learnt per model and kind of request from measured time.

A batch should last about ``TARGET_S``, so that cancelling, interactive work and progress are prompt:
limit = min(adapter's limit, TARGET_S / seconds per token), growing at most fourfold from batch to batch.
"""

from __future__ import annotations

from dataclasses import dataclass

TARGET_S = 0.5
FIRST_TOKENS = 256
GROWTH = 4
_MEMORY = 0.5  # weight of the newest batch in the running mean


@dataclass(slots=True)
class _Pace:
    limit: int = FIRST_TOKENS
    seconds_per_token: float | None = None
    ceiling: int | None = None  # set when a batch of more did not fit into memory


class Budgets:
    """One pace per group; a group is a model with a kind of request."""

    def __init__(self) -> None:
        self._paces: dict[object, _Pace] = {}

    def limit(self, group: object, adapter_limit: int) -> int:
        """The sum of weights that the next batch may have."""
        pace = self._paces.setdefault(group, _Pace())
        return max(1, min(pace.limit, adapter_limit, pace.ceiling or adapter_limit))

    def learn(self, group: object, tokens: int, seconds: float) -> None:
        """A batch of ``tokens`` took ``seconds``."""
        if tokens <= 0:
            return
        pace = self._paces.setdefault(group, _Pace())
        measured = max(seconds, 1e-6) / tokens
        old = pace.seconds_per_token
        pace.seconds_per_token = measured if old is None else (1 - _MEMORY) * old + _MEMORY * measured
        pace.limit = max(1, min(int(TARGET_S / pace.seconds_per_token), GROWTH * max(tokens, FIRST_TOKENS // GROWTH)))

    def did_not_fit(self, group: object, tokens: int) -> None:
        """A batch of ``tokens`` ran out of memory."""
        pace = self._paces.setdefault(group, _Pace())
        pace.ceiling = max(1, min(pace.ceiling or tokens, tokens // 2))
