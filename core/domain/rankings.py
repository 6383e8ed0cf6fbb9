"""A ranking: a permutation of a candidate list by one system, with its cost and every repair."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.domain.requests import Cut

REASONING_CHARS = 200_000
"""What is kept of the thoughts behind one ranking; rankings are read by the thousand."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogicalCost:
    """As if the system had run alone: belongs to the ranking and never changes.

    ``depth``: requests that had to wait for one another (sequential rounds).
    """

    calls: int = 0
    prompt_tokens: int = 0
    generated_tokens: int = 0
    tokens_cut: int = 0
    depth: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecutedCost:
    """This ranking's share of what the machine did: seconds by executed tokens, cache hits zero."""

    seconds: float = 0.0
    calls: int = 0
    cache_hits: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranking:
    """One system's order of one candidate list.

    ``order``: document ids, best first. ``scores``: aligned with ``order``, higher is better, or None
    where the strategy has none. ``repairs``: what was mended in malformed model output, in words.
    ``reasoning``: what the model thought before it answered, in the order in which it did. ``keep``: how many at the
    head were judged relevant, None where the strategy does not decide that.
    ``machine``: device, threads, precision and library versions that produced it.
    """

    system: str
    candidates: str
    order: tuple[str, ...]
    scores: tuple[float, ...] | None = None
    repairs: tuple[str, ...] = ()
    reasoning: tuple[str, ...] = ()
    keep: int | None = None
    cuts: tuple[Cut, ...] = ()
    logical: LogicalCost = LogicalCost()
    executed: ExecutedCost = ExecutedCost()
    machine: str = ""


def kept_reasoning(texts: Sequence[str], most: int = REASONING_CHARS) -> tuple[str, ...]:
    """``texts`` within ``most`` characters in all: each gets the same share, and a cut text says how much is gone."""
    if sum(map(len, texts)) <= most:
        return tuple(texts)
    share = max(1, most // len(texts))
    return tuple(
        text if len(text) <= share else f"{text[:share]} [{len(text) - share:,} characters left out]" for text in texts
    )
