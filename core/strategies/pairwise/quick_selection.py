"""The best k of some items by partial quicksort: every unordered group is split at a pivot, all groups in one round.

A group is split by comparing its pivot with all others of it. Only groups that reach into the first k places are
split, so the first rounds select (Hoare's FIND) and the later ones order what was selected. The pivot is the item that
stands in the middle of its group, or, in the group that the k-th place falls into, at that place: with a good first
stage the first split already separates the best k.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from typing import TypeVar

Y = TypeVar("Y")
S = TypeVar("S")
CompareAll = Callable[[Sequence[tuple[int, int]]], Generator[Y, S, None]]


def quick_head(
    items: Sequence[int],
    k: int,
    compare_all: CompareAll[Y, S],
    ahead: Callable[[int, int], bool],
    placed: Callable[[list[int]], None],
) -> Generator[Y, S, list[int]]:
    """The best ``k`` items, best first. ``compare_all`` asks for pairs, ``ahead(a, b)`` tells of an asked pair whether
    a comes before b (a strict order); ``placed`` is told all items in their order after each round."""
    groups = [list(items)]
    while True:
        pivots = _pivots(groups, k)
        if not any(pivot is not None for pivot in pivots):
            return [item for group in groups for item in group][:k]
        splits = [(group, pivot) for group, pivot in zip(groups, pivots, strict=True) if pivot is not None]
        yield from compare_all([(pivot, item) for group, pivot in splits for item in group if item != pivot])
        groups = [
            part
            for group, pivot in zip(groups, pivots, strict=True)
            for part in ([group] if pivot is None else _split(group, pivot, ahead))
        ]
        placed([item for group in groups for item in group])


def _pivots(groups: Sequence[list[int]], k: int) -> list[int | None]:
    """The pivot of each group that is to be split."""
    pivots: list[int | None] = []
    start = 0
    for group in groups:
        if len(group) < 2 or start >= k:
            pivots.append(None)
        else:
            cut = k - start
            pivots.append(group[cut] if cut < len(group) else group[len(group) // 2])
        start += len(group)
    return pivots


def _split(group: Sequence[int], pivot: int, ahead: Callable[[int, int], bool]) -> list[list[int]]:
    """Items before the pivot, the pivot, items after it; each part keeps its order, empty parts are left out."""
    first = [item for item in group if item != pivot and ahead(item, pivot)]
    chosen = {*first, pivot}
    parts = [first, [pivot], [item for item in group if item not in chosen]]
    return [part for part in parts if part]
