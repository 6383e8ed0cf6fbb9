"""Comparisons that a sort asks for on a shuffled list with a consistent judge: one run, always the same."""

from __future__ import annotations

import random
from collections.abc import Generator, Sequence
from functools import lru_cache

from core.strategies.pairwise.bubbling import bubbled
from core.strategies.pairwise.heap import heap_top
from core.strategies.pairwise.quick_selection import quick_head


class Ranks:
    """Knows the order of the items and which pairs it was asked about."""

    def __init__(self, n_items: int) -> None:
        """A shuffle, always the same one for the same size."""
        self.ranks = random.Random(n_items).sample(range(n_items), n_items)
        self.asked: set[frozenset[int]] = set()

    def before(self, left: int, right: int) -> Generator[None, None, bool]:
        """One pair."""
        yield from self.compare_all([(left, right)])
        return self.ahead(left, right)

    def compare_all(self, pairs: Sequence[tuple[int, int]]) -> Generator[None, None, None]:
        """Several pairs."""
        yield from ()
        self.asked.update(map(frozenset, pairs))

    def ahead(self, left: int, right: int) -> bool:
        """The true order."""
        return self.ranks[left] < self.ranks[right]


@lru_cache(maxsize=256)
def heap_comparisons(n_docs: int, k: int) -> int:
    """Different pairs that a heap compares for the best k."""
    ranks = Ranks(n_docs)
    return _count(ranks, heap_top(range(n_docs), k, ranks.before))


@lru_cache(maxsize=256)
def bubble_comparisons(n_docs: int, passes: int) -> int:
    """Different pairs that so many bubble passes compare."""
    ranks = Ranks(n_docs)
    return _count(ranks, bubbled(range(n_docs), passes, ranks.before, lambda _order, _done: None))


@lru_cache(maxsize=256)
def quick_comparisons(n_docs: int, k: int) -> int:
    """Different pairs that a partial quicksort compares for the best k."""
    ranks = Ranks(n_docs)
    return _count(ranks, quick_head(range(n_docs), k, ranks.compare_all, ranks.ahead, lambda _order: None))


def _count(ranks: Ranks, steps: Generator[None, None, list[int]]) -> int:
    for _ in steps:
        pass
    return len(ranks.asked)
