"""What battles can be made of: which systems have ranked which candidate lists, and where their tops differ."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from core.domain.voting import Battle

TOP = 5  # documents; lists that begin with the same ones are never put against each other
MISSING = -1

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pool:
    """``systems``: k fingerprints, sorted. ``lists``: n hashes. ``categories``: n, of the lists' queries.

    ``top``: (n, k) numbers, equal within a row where the first TOP documents are; MISSING where there is no ranking.
    ``system_at``, ``list_at``: positions.
    """

    systems: tuple[str, ...]
    lists: tuple[str, ...]
    categories: tuple[str, ...]
    top: NDArray[np.int64]
    system_at: Mapping[str, int]
    list_at: Mapping[str, int]

    @property
    def ranked(self) -> Mask:
        """(n, k) whether the system has ranked the list."""
        there: Mask = self.top != MISSING
        return there

    def open(self, seen: Iterable[Battle], category: str = "") -> Mask:
        """(k, k, n) symmetric: whether two systems may meet on a list before somebody who has ``seen`` these battles.

        They may where both have ranked it, their tops differ, its query is of the category (empty: any), and they
        have not met on it in any battle seen, of whatever form.
        """
        top = self.top.T
        both = self.ranked.T[:, None, :] & self.ranked.T[None, :, :]
        free: Mask = both & (top[:, None, :] != top[None, :, :]) & self.within(category)
        for battle in seen:
            at = self.list_at.get(battle.candidates)
            places = [self.system_at[slot] for slot in battle.slots if slot in self.system_at]
            if at is not None and len(places) > 1:
                free[np.ix_(places, places, [at])] = False
        return free

    def within(self, category: str) -> Mask:
        """(n,) whether the list's query is of this category (empty: any)."""
        return np.array([not category or of == category for of in self.categories], dtype=bool)

    def agreements(self) -> dict[tuple[str, str], int]:
        """On how many lists two systems have the same top; every pair of systems, fingerprints in order."""
        found: dict[tuple[str, str], int] = {}
        for one, other in combinations(range(len(self.systems)), 2):
            same = (self.top[:, one] == self.top[:, other]) & (self.top[:, one] != MISSING)
            found[self.systems[one], self.systems[other]] = int(same.sum())
        return found


def make_pool(orders: Mapping[str, Mapping[str, Sequence[str]]], categories: Mapping[str, str]) -> Pool:
    """``orders``: list hash to system fingerprint to document ids, best first. ``categories``: by list hash."""
    lists = tuple(orders)
    systems = tuple(sorted({system for of in orders.values() for system in of}))
    top = np.full((len(lists), len(systems)), MISSING, dtype=np.int64)
    system_at = {system: place for place, system in enumerate(systems)}
    for row, hash in enumerate(lists):
        numbers: dict[tuple[str, ...], int] = {}
        for system, order in orders[hash].items():
            top[row, system_at[system]] = numbers.setdefault(tuple(order[:TOP]), len(numbers))
    return Pool(
        systems=systems,
        lists=lists,
        categories=tuple(categories.get(hash, "") for hash in lists),
        top=top,
        system_at=system_at,
        list_at={hash: row for row, hash in enumerate(lists)},
    )
