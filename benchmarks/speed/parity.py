"""The gate before every ratio: two programs that do not agree are not compared."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

TOLERANCE = 1e-4  # of a score in fp32

Scores = list[list[float]]  # per candidate list, the scores of its documents (or the values they are made of)
Orders = list[tuple[int, ...]]  # per candidate list, positions best first


@dataclass(frozen=True, slots=True, kw_only=True)
class Parity:
    """``difference``: the largest between two scores. ``refused``: why no ratio may be printed, empty if it may."""

    difference: float
    refused: str = ""


def orders_of(scores: Scores) -> Orders:
    """Positions by falling score; equal scores keep their order."""
    return [tuple(sorted(range(len(found)), key=lambda place: -found[place])) for found in scores]


def compare(
    ours: Scores,
    theirs: Scores,
    *,
    tolerance: float = TOLERANCE,
    orders: tuple[Orders, Orders] | None = None,
    same_ranks: bool = True,
) -> Parity:
    """Largest difference and whether the rankings are the same; ``orders``: where scores alone do not say them."""
    if [len(found) for found in ours] != [len(found) for found in theirs]:
        return Parity(difference=math.inf, refused="another number of scores came back")
    pairs = [(a, b) for mine, other in zip(ours, theirs, strict=True) for a, b in zip(mine, other, strict=True)]
    if not all(math.isfinite(a) and math.isfinite(b) for a, b in pairs):
        return Parity(difference=math.inf, refused="some scores are not finite")
    difference = max((abs(a - b) for a, b in pairs), default=0.0)
    if difference > tolerance:
        return Parity(difference=difference, refused=f"scores differ by {difference:.1e}, allowed are {tolerance:g}")
    first, second = orders or (orders_of(ours), orders_of(theirs))
    changed = differing(first, second) if same_ranks else 0
    if changed:
        return Parity(difference=difference, refused=f"{changed} of {len(first)} rankings differ")
    return Parity(difference=difference)


def differing(first: Sequence[Sequence[int]], second: Sequence[Sequence[int]]) -> int:
    """How many rankings are not the same."""
    return sum(tuple(a) != tuple(b) for a, b in zip(first, second, strict=True))
