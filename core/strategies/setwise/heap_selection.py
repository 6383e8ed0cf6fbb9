"""The best k of some items by a heap with c children per node; one question finds the best of a node and its children.

Building asks at most about N/c times and more where items sink, an extraction at most log_c N times. Questions are
generators, so that they may ask a model; they must answer consistently for the same items.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Sequence
from typing import TypeVar

Y = TypeVar("Y")
S = TypeVar("S")
Best = Callable[[Iterable[int]], Generator[Y, S, int]]


def heap_head(
    items: Sequence[int], k: int, children: int, best: Best[Y, S], placed: Callable[[list[int]], None]
) -> Generator[Y, S, list[int]]:
    """The best ``k`` items, best first; ``items`` is left as it is. ``best``: the best of some items. ``placed`` is
    told the head of the ranking whenever it grows."""
    heap = list(items)
    for root in reversed(range((len(heap) + children - 2) // children)):
        yield from _sift_down(heap, root, children, best)
    head: list[int] = []
    while heap and len(head) < k:
        head.append(heap[0])
        placed(head)
        last = heap.pop()
        if heap and len(head) < k:
            heap[0] = last
            yield from _sift_down(heap, 0, children, best)
    return head


def _sift_down(heap: list[int], root: int, children: int, best: Best[Y, S]) -> Generator[Y, S, None]:
    while (first := children * root + 1) < len(heap):
        below = range(first, min(first + children, len(heap)))
        winner = yield from best([heap[root], *(heap[place] for place in below)])
        if winner == heap[root]:
            return
        place = next(place for place in below if heap[place] == winner)
        heap[root], heap[place] = heap[place], heap[root]
        root = place
