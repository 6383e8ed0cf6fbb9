"""Tries against brute force: sets of prefixes, and every row read back along its path."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.models.packed.plan import ROOT
from core.models.packed.sharing import by_prefix, shares
from core.models.packed.trie import Chunk, TrieLimits, chunks, common_prefix, sort_key

FREE = TrieLimits(tokens=10**9, outputs=10**9)
ROWS = st.lists(st.lists(st.integers(0, 2), min_size=1, max_size=9), min_size=1, max_size=14)


def arrays(rows: list[list[int]]) -> list[np.ndarray]:
    return [np.asarray(row, dtype=np.int32) for row in rows]


def last(rows: list[list[int]]) -> list[list[int]]:
    return [[len(row) - 1] for row in rows]


def prefixes(rows: list[list[int]]) -> set[tuple[int, ...]]:
    """The tokens of a trie, each named by what leads to it."""
    return {tuple(row[:end]) for row in rows for end in range(1, len(row) + 1)}


def read_back(chunk: Chunk) -> dict[int, list[int]]:
    return {
        row: [int(token) for start, end in path for token in chunk.plan.ids[start:end]]
        for row, path in zip(chunk.rows, chunk.paths, strict=True)
    }


def text_above(chunk: Chunk, index: int) -> list[int]:
    """The tokens of a segment and of all its ancestors, through ``parent`` alone."""
    segment = chunk.plan.segments[index]
    own = chunk.plan.ids[segment.start : segment.end].tolist()
    return own if segment.parent == ROOT else [*text_above(chunk, segment.parent), *own]


@settings(max_examples=80, deadline=None)
@given(ROWS, st.integers(1, 30), st.integers(1, 6))
def test_chunks_hold_every_row_once_and_keep_their_budgets(rows: list[list[int]], tokens: int, outputs: int) -> None:
    found = chunks(arrays(rows), last(rows), TrieLimits(tokens=tokens, outputs=outputs))
    assert sorted(row for chunk in found for row in chunk.rows) == list(range(len(rows)))
    for chunk in found:
        own = [rows[row] for row in chunk.rows]
        assert read_back(chunk) == {row: rows[row] for row in chunk.rows}
        assert len(chunk.plan.ids) == len(prefixes(own))
        covering = {tuple(row) for row in own if not any(other != row and other[: len(row)] == row for other in own)}
        assert len(covering) == 1 or (len(chunk.plan.ids) <= tokens and len(own) <= outputs)


@settings(max_examples=80, deadline=None)
@given(ROWS, st.data())
def test_wanted_positions_are_found_in_their_own_text(rows: list[list[int]], data: st.DataObject) -> None:
    wanted = [sorted(data.draw(st.sets(st.integers(0, len(row) - 1), min_size=1))) for row in rows]
    for chunk in chunks(arrays(rows), wanted, TrieLimits(tokens=25, outputs=9, branching=data.draw(st.integers(0, 4)))):
        plan = chunk.plan
        assert plan.wanted.tolist() == sorted(set(plan.wanted.tolist()))
        for row, lines in zip(chunk.rows, chunk.lines, strict=True):
            for position, line in zip(wanted[row], lines, strict=True):
                place = int(plan.wanted[line])
                index = next(at for at, s in enumerate(plan.segments) if s.start <= place < s.end)
                behind = plan.segments[index].end - place - 1
                text = text_above(chunk, index)
                assert text[: len(text) - behind] == rows[row][: position + 1]
                assert plan.positions[place] == position


@settings(max_examples=60, deadline=None)
@given(ROWS, st.integers(2, 8))
def test_segments_are_in_order_and_no_branching_saves_too_little(rows: list[list[int]], least: int) -> None:
    [chunk] = chunks(arrays(rows), last(rows), TrieLimits(tokens=10**9, outputs=10**9, branching=least))
    segments = chunk.plan.segments
    assert [segment.start for segment in segments] == [0, *(segment.end for segment in segments[:-1])]
    assert read_back(chunk) == dict(enumerate(rows))
    for index, segment in enumerate(segments):
        assert segment.parent < index
        above = segments[segment.parent] if segment.parent != ROOT else None
        assert segment.offset == (above.offset + above.end - above.start if above else 0)
        children = sum(other.parent == index for other in segments)
        assert children == 0 or (children - 1) * (segment.end - segment.start) >= least
    assert len(chunk.plan.ids) >= len(prefixes(rows))


def test_a_trie_by_hand() -> None:
    rows = [[1, 2, 3, 4], [1, 2, 5], [1, 2], [1, 2, 3, 4], [7]]
    [chunk] = chunks(arrays(rows), [[3], [1, 2], [1], [3], [0]], FREE)
    assert chunk.plan.ids.tolist() == [1, 2, 3, 4, 5, 7]
    found = [(s.start, s.end, s.parent, s.offset) for s in chunk.plan.segments]
    assert found == [(0, 2, ROOT, 0), (2, 4, 0, 2), (4, 5, 0, 2), (5, 6, ROOT, 0)]
    assert chunk.plan.wanted.tolist() == [1, 3, 4, 5]
    assert dict(zip(chunk.rows, chunk.lines, strict=True)) == {0: (1,), 1: (0, 2), 2: (0,), 3: (1,), 4: (3,)}
    assert chunks([], [], FREE) == []


def test_a_row_that_begins_another_makes_no_branching() -> None:
    rows = [[1, 2, 3], [1, 2, 3, 4, 5], [1, 2, 3, 4, 5, 6]]
    [chunk] = chunks(arrays(rows), last(rows), FREE)
    assert len(chunk.plan.segments) == 1
    assert chunk.plan.wanted.tolist() == [2, 4, 5]


def test_keys_sort_as_rows_do() -> None:
    rows = arrays([[255, 1], [256], [1], [1, 0], [70_000, 2], [255]])
    assert [row.tolist() for row in sorted(rows, key=sort_key)] == sorted(row.tolist() for row in rows)
    assert [common_prefix(a, b) for a, b in permutations(rows[2:4])] == [1, 1]
    assert common_prefix(rows[0], rows[1]) == 0


def test_shares_by_hand() -> None:
    # 1 2 is held by all three, 3 by the first two; the third has two rows, which share 1 2 with each other too.
    rows = [[1, 2, 3, 4], [1, 2, 3], [1, 2, 8], [1, 2, 9, 9]]
    found = shares(chunks(arrays(rows), last(rows), FREE), [0, 1, 2, 2], 3)
    assert found == pytest.approx([2 / 3 + 1 / 2 + 1, 2 / 3 + 1 / 2, 2 / 3 + 3])


@settings(max_examples=60, deadline=None)
@given(ROWS, st.integers(1, 40), st.data())
def test_shares_sum_to_the_tokens_run(rows: list[list[int]], tokens: int, data: st.DataObject) -> None:
    owners = sorted(data.draw(st.integers(0, 4)) for _ in rows)
    found = chunks(arrays(rows), last(rows), TrieLimits(tokens=tokens, outputs=99))
    paid = shares(found, owners, 5)
    assert sum(paid) == pytest.approx(sum(len(chunk.plan.ids) for chunk in found))
    assert all((share > 0) == (owner in owners) for owner, share in enumerate(paid))


def test_an_arrangement_by_hand() -> None:
    rows = [[[5, 6, 7]], [[1, 2, 3, 4], [1, 2, 3, 4, 9]], [[5, 6, 8, 8]], [[5, 6, 7]]]
    found = by_prefix([arrays(own) for own in rows], [0, 0, 10, 0])
    assert found.order == (1, 0, 3, 2)
    assert found.full == (5, 3, 3, 14)
    assert found.added == (5, 3, 0, 12)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(st.lists(st.integers(0, 2), min_size=1, max_size=7), min_size=1, max_size=3), min_size=1))
def test_an_arrangement_adds_what_the_predecessor_has_not(rows: list[list[list[int]]]) -> None:
    found = by_prefix([arrays(own) for own in rows], [0] * len(rows))
    assert sorted(found.order) == list(range(len(rows)))
    before: set[tuple[int, ...]] = set()
    for place, full, added in zip(found.order, found.full, found.added, strict=True):
        own = prefixes(rows[place])
        assert (full, added) == (len(own), len(own - before))
        before = own
