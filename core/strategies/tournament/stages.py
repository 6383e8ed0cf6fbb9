"""Stages of a tournament: how many documents go on from each, in how many groups.

For 100 documents the published 100 -> 50 -> 20 -> 10 -> 5 -> 2: five groups of 20 of which 10 go on, five groups of 10
of which 4 go on, then one group each. For N documents the targets are ceil(N/2), ceil(N/5), 10, 5, 2, each where it is
smaller than what is left.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

LEAST = 2  # documents that go on from a group, so that the two best may meet early
LAST = (10, 5, 2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """``size`` documents play in ``groups`` groups; ``target`` of them go on."""

    size: int
    groups: int
    target: int

    def chosen(self, group: int) -> int:
        """How many go on from the group of this index."""
        return self.target // self.groups + (group < self.target % self.groups)


def stages(n_docs: int, group: int) -> Iterator[Stage]:
    """The stages for ``n_docs`` documents, of which at most ``group`` (at least 5) play together; one match for two."""
    if n_docs == 2:
        yield Stage(size=2, groups=1, target=1)
        return
    size, first = n_docs, -(-n_docs // group)
    for target in (-(-n_docs // 2), -(-n_docs // 5), *LAST):
        while LEAST <= target < size:
            # The second stage keeps the number of groups: five of 10 documents, as published, and not three of 17.
            wide = first if size == -(-n_docs // 2) and target >= LEAST * first else -(-size // group)
            enough = max(target, LEAST * wide) if wide > 1 else target
            yield Stage(size=size, groups=wide, target=enough)
            size = enough


def strided(order: Sequence[int], groups: int) -> list[list[int]]:
    """Group i holds the documents i, i + groups, i + 2 groups ... of ``order``: each gets its share of every part."""
    return [list(order[start::groups]) for start in range(groups)]
