"""Systems with equal orders everywhere are one entry."""

from __future__ import annotations

from core.ratings.grouping import merge_equal


def test_equal_orders_on_the_same_lists_share_a_group() -> None:
    orders = {
        "D": {"l1": ["a", "b"], "l2": ["c", "d"]},
        "A": {"l2": ("c", "d"), "l1": ("a", "b")},
        "B": {"l1": ["a", "b"], "l2": ["d", "c"]},
        "C": {"l1": ["a", "b"]},
    }
    assert merge_equal(orders) == (("A", "D"), ("B",), ("C",))


def test_systems_without_lists_stay_alone() -> None:
    assert merge_equal({"B": {}, "A": {}}) == (("A",), ("B",))
    assert merge_equal({}) == ()
