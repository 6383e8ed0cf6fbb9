"""What one packed forward pass runs: one row of tokens, cut into segments that attend to themselves and to ancestors.

A batch without sharing is a list of segments without parents. Prompts that share leading parts are a trie: a
segment holds the tokens between two branchings, its parent the tokens before them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Ids = NDArray[np.int64]
ROOT = -1


@dataclass(frozen=True, slots=True)
class Segment:
    """Rows ``start`` to ``end`` of the pass; ``parent``: index of the segment before it, or ROOT; ``offset``:
    position of its first token in its text."""

    start: int
    end: int
    parent: int = ROOT
    offset: int = 0


@dataclass(frozen=True, kw_only=True)
class Plan:
    """``ids`` (n_tokens,); ``types`` (n_tokens,) token types, or None; ``segments`` cover all rows in order, parents
    before children; ``wanted`` (n_wanted,): rows whose last states are needed, ascending, or None for all rows."""

    ids: Ids
    segments: tuple[Segment, ...]
    types: Ids | None = None
    wanted: Ids | None = None

    @cached_property
    def positions(self) -> Ids:
        """(n_tokens,) of each token in its own text, from 0."""
        parts = [np.arange(s.offset, s.offset + s.end - s.start, dtype=np.int64) for s in self.segments]
        return np.concatenate(parts)

    @cached_property
    def needs(self) -> tuple[tuple[int, int], ...] | None:
        """Per segment the part of ``wanted`` that lies in it, as (start, end) indices; None where all rows are."""
        if self.wanted is None:
            return None
        edges = [segment.start for segment in self.segments] + [len(self.ids)]
        cuts = np.searchsorted(self.wanted, edges).tolist()
        return tuple(pairwise(cuts))

    @cached_property
    def contexts(self) -> tuple[tuple[tuple[int, int], ...], ...]:
        """Per segment the rows of its ancestors as (start, end), outermost first, neighbours joined."""
        found: list[tuple[tuple[int, int], ...]] = []
        for segment in self.segments:
            if segment.parent == ROOT:
                found.append(())
                continue
            above, parent = found[segment.parent], self.segments[segment.parent]
            if above and above[-1][1] == parent.start:
                found.append((*above[:-1], (above[-1][0], parent.end)))
            else:
                found.append((*above, (parent.start, parent.end)))
        return tuple(found)


def side_by_side(
    rows: Sequence[Sequence[int] | Ids], types: Sequence[Sequence[int] | Ids] | None = None, wanted: Ids | None = None
) -> Plan:
    """A plan of texts that share nothing. ``wanted``: rows of the pass."""
    ends = np.cumsum([len(row) for row in rows]).tolist()
    segments = tuple(Segment(end - len(row), end) for row, end in zip(rows, ends, strict=True))
    flat = np.concatenate([np.asarray(row, dtype=np.int64) for row in rows])
    kinds = None if types is None else np.concatenate([np.asarray(row, dtype=np.int64) for row in types])
    return Plan(ids=flat, types=kinds, segments=segments, wanted=wanted)
