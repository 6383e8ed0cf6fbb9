"""Comparisons that a sort asks for on shuffled lists with a consistent judge: the mean of some, always the same."""

from __future__ import annotations

import random
from collections.abc import Callable, Generator, Sequence
from functools import lru_cache

from core.strategies.pairwise.bubbling import bubbled
from core.strategies.pairwise.heap import heap_top
from core.strategies.pairwise.quick_selection import quick_head

SHUFFLES = 32  # quick-select differs by a third from one list to the next
_BUBBLED = 800  # documents in all shuffles of a bubble sort, which compares their squares


class Ranks:
    """Knows the order of the items and which pairs it was asked about."""

    def __init__(self, n_items: int, shuffle: int = 0) -> None:
        """A shuffle, always the same one for the same size and number."""
        self.ranks = random.Random(n_items + 1_000_003 * shuffle).sample(range(n_items), n_items)
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
    return _mean(n_docs, SHUFFLES, lambda ranks: heap_top(range(n_docs), k, ranks.before))


@lru_cache(maxsize=256)
def bubble_comparisons(n_docs: int, passes: int) -> int:
    """Different pairs that so many bubble passes compare."""
    shuffles = max(1, min(SHUFFLES, _BUBBLED // max(1, n_docs)))
    return _mean(n_docs, shuffles, lambda ranks: bubbled(range(n_docs), passes, ranks.before, lambda *_: None))


@lru_cache(maxsize=256)
def quick_comparisons(n_docs: int, k: int) -> int:
    """Different pairs that a partial quicksort compares for the best k."""
    return _mean(
        n_docs, SHUFFLES, lambda ranks: quick_head(range(n_docs), k, ranks.compare_all, ranks.ahead, lambda _: None)
    )


def _mean(n_docs: int, shuffles: int, sort: Callable[[Ranks], Generator[None, None, list[int]]]) -> int:
    """Different pairs that the sort asks about, in the mean of so many shuffles."""
    asked = 0
    for shuffle in range(shuffles):
        ranks = Ranks(n_docs, shuffle)
        for _ in sort(ranks):
            pass
        asked += len(ranks.asked)
    return round(asked / shuffles)
