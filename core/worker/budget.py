"""How many tokens one batch may have, learnt per model and kind of request from measured time.

A batch should last about ``TARGET_S``, so that cancelling, interactive work and progress are prompt:
limit = min(adapter's limit, TARGET_S / seconds per token), growing at most fourfold from batch to batch. The pace is
S / T, seconds over executed tokens, where S and T fade by half with every batch as large as the limit and by less with
a smaller one: the last few requests of a list take longer per token and say little about a full batch.

Prompts that share their leading part are run once per batch, so a short batch runs it again and again: with 0.5 s on a
CPU a language model had one prompt a batch, and no gain at all. There a batch may last longer, by less where a person
waits for it; work in the background is interrupted inside it when one comes.

What writes, and what runs elsewhere, has no such limit (``whole``): a step of decoding takes hardly longer for many
texts than for one and can be stopped after any, and an endpoint answers several requests at once.
"""

from __future__ import annotations

from dataclasses import dataclass

from core.domain.work import Priority

TARGET_S = 0.5
SHARED_TIMES = {Priority.INTERACTIVE: 3, Priority.BACKGROUND: 8}  # of TARGET_S, where a longer batch runs fewer tokens
FIRST_TOKENS = 256
GROWTH = 4
_FADE = 0.5  # of what is known, lost with a batch that is as large as the limit


@dataclass(slots=True)
class _Pace:
    """``ceiling``: set when a batch of more did not fit into memory."""

    limit: int = FIRST_TOKENS
    seconds: float = 0.0
    tokens: float = 0.0
    ceiling: int | None = None


class Budgets:
    """One pace per group; a group is a model with a kind of request."""

    def __init__(self) -> None:
        self._paces: dict[object, _Pace] = {}

    def limit(self, group: object, adapter_limit: int) -> int:
        """The executed tokens that the next batch may have."""
        pace = self._paces.setdefault(group, _Pace())
        return max(1, min(pace.limit, adapter_limit, pace.ceiling or adapter_limit))

    def shared_limit(self, group: object, adapter_limit: int, urgency: Priority) -> int:
        """The same for requests that share most of their tokens with those before them; never below ``limit``."""
        pace = self._paces.setdefault(group, _Pace())
        if not pace.tokens:  # nothing is known of a first batch
            return self.limit(group, adapter_limit)
        return max(1, min(SHARED_TIMES[urgency] * pace.limit, adapter_limit, pace.ceiling or adapter_limit))

    def whole(self, group: object, adapter_limit: int) -> int:
        """The tokens of a batch that time does not bound, only what the adapter can take and what fits into memory."""
        pace = self._paces.setdefault(group, _Pace())
        return max(1, min(adapter_limit, pace.ceiling or adapter_limit))

    def learn(self, group: object, tokens: float, seconds: float) -> None:
        """A forward pass over ``tokens`` executed tokens took ``seconds``; only of what ran to its end."""
        if tokens < 1:  # answered out of an adapter's memory, which says nothing of the device
            return
        pace = self._paces.setdefault(group, _Pace())
        kept = 1 - _FADE * min(1.0, tokens / pace.limit)
        pace.seconds = kept * pace.seconds + max(seconds, 1e-6)
        pace.tokens = kept * pace.tokens + tokens
        pace.limit = max(1, min(int(TARGET_S * pace.tokens / pace.seconds), max(pace.limit, int(GROWTH * tokens))))

    def did_not_fit(self, group: object, tokens: float) -> None:
        """A batch of ``tokens`` ran out of memory."""
        pace = self._paces.setdefault(group, _Pace())
        half = max(1, int(tokens) // 2)
        pace.ceiling = min(pace.ceiling or half, half)
