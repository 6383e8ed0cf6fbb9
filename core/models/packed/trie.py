"""Rows of token ids that share leading parts, as plans of one forward pass each (a trie flattened depth-first).

Rows are sorted lexicographically, so that rows with a common prefix are neighbours, and cut into chunks by a budget
of tokens; a chunk runs its shared parts again, so that memory does not grow with the number of rows. Within a chunk
equal rows, and a row that begins another, are run once. Compact tries (Morrison 1968) are built with one pass over
the common prefixes of neighbours, as suffix trees are from LCP arrays (Kasai et al. 2001).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from core.models.packed.plan import ROOT, Ids, Plan, Segment

Row = NDArray[np.int32]


@dataclass(frozen=True, slots=True, kw_only=True)
class TrieLimits:
    """``tokens`` and ``outputs`` (wanted tokens) of one chunk, unless one row has more; ``branching``: tokens that
    sharing a part must save, else it is run again for each (one more segment costs as much time)."""

    tokens: int
    outputs: int
    branching: int = 0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Chunk:
    """One forward pass. ``rows``: indices of the rows that it answers; aligned with them ``lines``: for each wanted
    position of the row its place in ``plan.wanted``, and ``paths``: the tokens of the row in the plan as (start, end),
    which joined are the row."""

    plan: Plan
    rows: tuple[int, ...]
    lines: tuple[tuple[int, ...], ...]
    paths: tuple[tuple[tuple[int, int], ...], ...]


def sort_key(row: Row) -> bytes:
    """Compares as the row does: lexicographically, a prefix before what it begins."""
    return row.astype(">u4").tobytes()


def common_prefix(first: Row, second: Row) -> int:
    """Tokens that both rows begin with."""
    length = min(len(first), len(second))
    differ = first[:length] != second[:length]
    place = int(differ.argmax()) if length else 0
    return place if length and differ[place] else length


def chunks(rows: Sequence[Row], wanted: Sequence[Sequence[int]], limits: TrieLimits) -> list[Chunk]:
    """Plans that together answer every row. ``wanted``: for each row the positions whose states are needed."""
    leaves = _leaves(rows)
    shared = _worth_branching(leaves, limits.branching)
    found: list[Chunk] = []
    begin = tokens = outputs = 0
    for place, leaf in enumerate(leaves):
        asked = sum(len(wanted[row]) for row in leaf.rows)
        added = len(leaf.ids) - shared[place]
        if place > begin and (tokens + added > limits.tokens or outputs + asked > limits.outputs):
            found.append(_chunk(leaves[begin:place], shared[begin:place], rows, wanted))
            begin, tokens, outputs = place, 0, 0
        tokens += added if place > begin else len(leaf.ids)
        outputs += asked
    if leaves:
        found.append(_chunk(leaves[begin:], shared[begin:], rows, wanted))
    return found


@dataclass(frozen=True, slots=True, eq=False)
class _Leaf:
    """A row that begins no other. ``rows``: it, its equals and its prefixes; ``shared``: tokens in common with the
    leaf before it."""

    ids: Row
    rows: tuple[int, ...]
    shared: int


@dataclass(slots=True, eq=False)
class _Node:
    """Ends at ``depth`` of the leaf ``first``, the first one below it."""

    depth: int
    first: int
    children: list[_Node] = field(default_factory=list)


def _leaves(rows: Sequence[Row]) -> list[_Leaf]:
    keys = [sort_key(row) for row in rows]
    order = sorted(range(len(rows)), key=keys.__getitem__)
    found: list[_Leaf] = []
    covered: list[int] = []
    shared = 0
    for place, row in enumerate(order):
        covered.append(row)
        after = order[place + 1] if place + 1 < len(order) else None
        if after is not None and keys[after].startswith(keys[row]):
            continue
        found.append(_Leaf(rows[row], tuple(covered), shared))
        covered = []
        shared = 0 if after is None else common_prefix(rows[row], rows[after])
    return found


def _tree(lengths: Sequence[int], shared: Sequence[int]) -> _Node:
    """The trie of sorted leaves; ``shared[i]``: tokens in common with the leaf before."""
    path = [_Node(0, 0)]
    for place, (length, depth) in enumerate(zip(lengths, shared, strict=True)):
        _close(path, depth if place else 0)
        path.append(_Node(length, place))
    _close(path, 0)
    return path[0]


def _close(path: list[_Node], depth: int) -> None:
    """Hang the nodes of ``path`` that end below ``depth`` into their parents; afterwards the last one ends there."""
    while path[-1].depth > depth:
        done = path.pop()
        if path[-1].depth < depth:
            path.append(_Node(depth, done.first))
        path[-1].children.append(done)


def _worth_branching(leaves: Sequence[_Leaf], least: int) -> list[int]:
    """Tokens that each leaf shares with the one before it, less what is not worth a segment of its own."""
    shared = [leaf.shared for leaf in leaves]
    if least <= 0 or not leaves:
        return shared
    waiting = [(_tree([len(leaf.ids) for leaf in leaves], shared), 0)]
    while waiting:
        node, start = waiting.pop()
        saved = (len(node.children) - 1) * (node.depth - start)
        end = node.depth if saved >= least else start
        for child in node.children[1:]:
            shared[child.first] = end
        waiting += [(child, end) for child in node.children]
    return shared


def _chunk(
    leaves: Sequence[_Leaf], shared: Sequence[int], rows: Sequence[Row], wanted: Sequence[Sequence[int]]
) -> Chunk:
    paths, plan_ids, segments = _flatten(leaves, [0, *shared[1:]])
    members = [(row, path) for leaf, path in zip(leaves, paths, strict=True) for row in leaf.rows]
    asked: list[int] = []
    for row, path in members:
        offsets = [segment.offset for segment in path]
        for position in wanted[row]:
            segment = path[bisect_right(offsets, position) - 1]
            asked.append(segment.start + position - segment.offset)
    unique, inverse = np.unique(np.asarray(asked, dtype=np.int64), return_inverse=True)
    lines = iter(inverse.tolist())
    return Chunk(
        plan=Plan(ids=plan_ids, segments=segments, wanted=unique),
        rows=tuple(row for row, _ in members),
        lines=tuple(tuple(next(lines) for _ in wanted[row]) for row, _ in members),
        paths=tuple(_cut(path, len(rows[row])) for row, path in members),
    )


def _flatten(
    leaves: Sequence[_Leaf], shared: Sequence[int]
) -> tuple[list[tuple[Segment, ...]], Ids, tuple[Segment, ...]]:
    """The segments on the path of each leaf, all ids, all segments."""
    segments: list[Segment] = []
    ids: list[Row] = []
    paths: list[tuple[Segment, ...]] = [()] * len(leaves)
    waiting: list[tuple[_Node, int, int, tuple[Segment, ...]]] = [
        (_tree([len(leaf.ids) for leaf in leaves], shared), 0, ROOT, ())
    ]
    while waiting:
        node, depth, parent, path = waiting.pop()
        if node.depth > depth:
            start = segments[-1].end if segments else 0
            segments.append(Segment(start, start + node.depth - depth, parent, depth))
            ids.append(leaves[node.first].ids[depth : node.depth])
            parent, path = len(segments) - 1, (*path, segments[-1])
        if not node.children:
            paths[node.first] = path
        waiting += [(child, node.depth, parent, path) for child in reversed(node.children)]
    return paths, np.concatenate(ids).astype(np.int64), tuple(segments)


def _cut(path: Sequence[Segment], length: int) -> tuple[tuple[int, int], ...]:
    """The tokens of a row of ``length`` on the path of its leaf, neighbours joined."""
    found: list[tuple[int, int]] = []
    for segment in path:
        kept = min(segment.end, segment.start + length - segment.offset)
        if kept <= segment.start:
            break
        if found and found[-1][1] == segment.start:
            found[-1] = (found[-1][0], kept)
        else:
            found.append((segment.start, kept))
    return tuple(found)
