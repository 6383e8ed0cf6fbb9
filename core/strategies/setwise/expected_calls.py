"""Questions that a setwise selection asks on shuffled lists with a consistent judge: a mean, always the same."""

from __future__ import annotations

import random
from collections.abc import Callable, Generator, Iterable, Sequence
from functools import lru_cache
from typing import Protocol

SHUFFLES = 32
_ITEMS = 1_600  # in all shuffles


class Selection(Protocol):
    """``heap_head`` or ``bubble_head``."""

    def __call__(
        self,
        items: Sequence[int],
        k: int,
        children: int,
        best: Callable[[Iterable[int]], Generator[None, None, int]],
        placed: Callable[[list[int]], None],
    ) -> Generator[None, None, list[int]]:
        """Select."""
        ...


@lru_cache(maxsize=256)
def expected_calls(selection: Selection, n_docs: int, k: int, children: int) -> int:
    """Different sets of items asked about. With c children 100 items and k = 10 take about 140 (c = 2), 82 (3), 31 (9)
    and 23 (19) questions by heap."""
    shuffles = max(1, min(SHUFFLES, _ITEMS // max(1, n_docs)))
    return round(sum(_asked(selection, n_docs, k, children, shuffle) for shuffle in range(shuffles)) / shuffles)


def _asked(selection: Selection, n_docs: int, k: int, children: int, shuffle: int) -> int:
    ranks = random.Random(n_docs + 1_000_003 * shuffle).sample(range(n_docs), n_docs)
    asked: set[frozenset[int]] = set()

    def best(items: Iterable[int]) -> Generator[None, None, int]:
        yield from ()
        among = frozenset(items)
        asked.add(among)
        return min(among, key=lambda item: ranks[item])

    for _ in selection(range(n_docs), k, children, best, lambda _: None):
        pass
    return len(asked)
