"""The Pareto front of quality against cost."""

from __future__ import annotations

from collections.abc import Sequence


def on_front(points: Sequence[tuple[float, float]]) -> tuple[bool, ...]:
    """For each (cost, quality) whether no other point dominates it: costs no more and is no worse, and is better in one
    of the two. Equal points stand together on the front or off it. O(n log n)."""
    order = sorted(range(len(points)), key=lambda place: (points[place][0], -points[place][1]))
    found = [False] * len(points)
    best: tuple[float, float] | None = None  # the last point of the front: cheaper or equal, and best so far
    for place in order:
        if best is None or points[place][1] > best[1] or points[place] == best:
            found[place], best = True, points[place]
    return tuple(found)
