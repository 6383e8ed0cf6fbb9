"""Groups cover every row once and keep their limits."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from core.models.grouping import GroupLimits, group


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
