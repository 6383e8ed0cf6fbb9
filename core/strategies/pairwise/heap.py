"""The best k of some items by binary heap: sift-downs with at most two comparisons per level.

Building costs at most 2N comparisons, each extraction at most 2·floor(log2 N). The comparator is a
generator, so that it may ask a model. Heaps are not stable: the comparator itself must break ties.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from typing import TypeVar

Y = TypeVar("Y")
S = TypeVar("S")
Before = Callable[[int, int], Generator[Y, S, bool]]


def heap_top(items: Sequence[int], k: int, before: Before[Y, S]) -> Generator[Y, S, list[int]]:
    """The best ``k`` items, best first. ``before(a, b)``: whether a comes before b, a strict order."""
    heap = list(items)
    for root in reversed(range(len(heap) // 2)):
        yield from _sift_down(heap, root, before)
    best: list[int] = []
    while heap and len(best) < k:
        best.append(heap[0])
        last = heap.pop()
        if heap and len(best) < k:
            heap[0] = last
            yield from _sift_down(heap, 0, before)
    return best


def _sift_down(heap: list[int], root: int, before: Before[Y, S]) -> Generator[Y, S, None]:
    while (child := 2 * root + 1) < len(heap):
        if child + 1 < len(heap) and (yield from before(heap[child + 1], heap[child])):
            child += 1
        if not (yield from before(heap[child], heap[root])):
            return
        heap[root], heap[child] = heap[child], heap[root]
        root = child
