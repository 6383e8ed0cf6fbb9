"""Systems that order every list equally are one entry of a board: no vote could tell them apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

Orders = Mapping[str, Mapping[str, Sequence[str]]]


def merge_equal(orders: Orders) -> tuple[tuple[str, ...], ...]:
    """Groups of systems, each sorted, the groups by their first member.

    ``orders[system][list]``: document ids, best first. Two systems share a group when they ranked the same lists
    and every order is the same; a system without any list stays alone.
    """
    groups: dict[object, list[str]] = {}
    for system in sorted(orders):
        ranked = frozenset((name, tuple(order)) for name, order in orders[system].items())
        groups.setdefault(ranked or system, []).append(system)
    return tuple(tuple(group) for group in groups.values())
