"""Groups and passes cover every row once and keep their limits."""

from __future__ import annotations

from collections.abc import Iterator

from hypothesis import given
from hypothesis import strategies as st

from core.models.grouping import GroupLimits, cut, fill, group


def test_by_hand() -> None:
    limits = GroupLimits(tokens=40, waste=0.2, rows=3)
    # 20+18 = 38 of 40 tokens; 9 would waste; 9, 9 and 8 make three rows; a fourth row is one too many
    assert group([9, 20, 18, 9, 8, 7], limits) == [[1, 2], [0, 3, 4], [5]]


@given(st.lists(st.integers(1, 600), max_size=40), st.integers(1, 2000), st.floats(0, 1), st.integers(1, 10))
def test_every_row_once_within_limits(lengths: list[int], tokens: int, waste: float, rows: int) -> None:
    groups = group(lengths, GroupLimits(tokens=tokens, waste=waste, rows=rows))
    assert sorted(place for places in groups for place in places) == list(range(len(lengths)))
    for places in groups:
        longest, total = max(lengths[place] for place in places), sum(lengths[place] for place in places)
        if len(places) > 1:
            assert len(places) * longest <= tokens
            assert 1 - total / (len(places) * longest) <= waste
            assert len(places) <= rows


def test_passes_by_hand() -> None:
    assert cut([9, 20, 18, 9, 8, 7], 40) == [[1, 2], [0, 3, 4, 5]]
    assert list(fill([9, 20, 18, 9, 8, 7], 40)) == [[0, 1], [2, 3, 4], [5]]
    assert cut([50, 3], 40) == [[0], [1]]
    assert cut([], 40) == []


@given(st.lists(st.integers(1, 600), max_size=40), st.integers(1, 2000))
def test_every_row_in_one_pass_within_the_budget(lengths: list[int], tokens: int) -> None:
    for passes in (cut(lengths, tokens), list(fill(lengths, tokens))):
        assert sorted(place for places in passes for place in places) == list(range(len(lengths)))
        assert all(len(places) == 1 or sum(lengths[place] for place in places) <= tokens for places in passes)
    assert [place for places in fill(lengths, tokens) for place in places] == list(range(len(lengths)))


def test_sizes_are_read_when_their_pass_is_due() -> None:
    read: list[int] = []

    def sizes() -> Iterator[int]:
        for size in (30, 30, 30):
            read.append(size)
            yield size

    passes = fill(sizes(), 40)
    assert next(passes) == [0]
    assert len(read) == 2
