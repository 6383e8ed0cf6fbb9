"""Bubble passes over neighbouring items, from the end to the beginning.

Pass i carries the best of the items from place i on to place i, in at most N - 1 - i comparisons, so k passes take at
most k(N - 1) - k(k - 1)/2. It ends early after a pass without an exchange: what follows would compare known pairs
only. The comparator is a generator, so that it may ask a model; it must remember pairs and break ties.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from typing import TypeVar

Y = TypeVar("Y")
S = TypeVar("S")
Before = Callable[[int, int], Generator[Y, S, bool]]


def bubbled(
    items: Sequence[int], passes: int, before: Before[Y, S], placed: Callable[[list[int], int], None]
) -> Generator[Y, S, list[int]]:
    """All items after so many passes. ``before(a, b)``: whether a comes before b; ``placed`` is told the items and how
    many of them have their place after each pass."""
    order = list(items)
    for done in range(min(passes, len(order) - 1)):
        moved = False
        for place in range(len(order) - 1, done, -1):
            if (yield from before(order[place], order[place - 1])):
                order[place - 1], order[place] = order[place], order[place - 1]
                moved = True
        placed(order, done + 1)
        if not moved:
            break
    return order
