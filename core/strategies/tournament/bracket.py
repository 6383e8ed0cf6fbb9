"""A tournament that finds the best k of N in order: small groups, of each the best go on, until one is left.

Every item has a place. Groups of m neighbouring places are put in order, the best r of each go up to the next level,
until m or fewer are left, whose best is the winner. The winner's place then goes to a dummy, an item that has not won
yet, so that groups keep their size, and the tournament is held again; groups that were ordered before are remembered,
so only those on the winner's way up are new. Once m or fewer have not won, one group orders them all. With 2r <= m
every level is smaller than the one below. A perfect judge gives the exact best k, because the best item of a group
always goes on. Dummies as in the reference code of ListT5: the item 21 places after the winner.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import cycle, islice

from core.domain.errors import InvalidInputError

DUMMY_DISTANCE = 21

Group = tuple[int, ...]  # items, ascending; a dummy may stand in it twice


@dataclass(slots=True, kw_only=True)
class Bracket:
    """``n`` items 0 to n-1, of which ``k`` are wanted; ``size``: of a group (m), ``keep``: that go on (r)."""

    n: int
    k: int
    size: int
    keep: int
    winners: list[int] = field(default_factory=list)
    _places: list[int] = field(init=False)
    _orders: dict[frozenset[int], Group] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """InvalidInputError where levels would not become smaller."""
        if self.keep < 1 or 2 * self.keep > self.size:
            raise InvalidInputError(
                f"keep must be from 1 to half the group's size {self.size}, not {self.keep}; or levels do not shrink."
            )
        self._places = list(range(self.n))

    def groups(self) -> list[Group]:
        """The groups whose order must be known next, none of them twice; nothing once the winners are known."""
        while len(self.winners) < min(self.k, self.n):
            left = [item for item in range(self.n) if item not in self.winners]
            if len(left) <= self.size:
                return self._last(left)
            unknown = self._climb()
            if unknown:
                return unknown
        return []

    def enter(self, orders: Mapping[Group, Sequence[int]]) -> None:
        """What came of groups: their items, worst first."""
        for group, order in orders.items():
            self._orders[frozenset(group)] = tuple(order)

    def _last(self, left: list[int]) -> list[Group]:
        """Order the last ones in one group, filled up with themselves."""
        group = tuple(sorted(islice(cycle(left), self.size)))
        if len(left) > 1 and frozenset(group) not in self._orders:
            return [group]
        best_first = reversed(self._orders.get(frozenset(group), group))
        self.winners += dict.fromkeys(best_first)
        return []

    def _climb(self) -> list[Group]:
        """As far up as the orders are known: the unknown groups of that level, or nothing and one winner more."""
        level = self._places
        while True:
            groups = self._divided(level)
            unknown = {frozenset(g): g for g in groups if len(g) > 1 and frozenset(g) not in self._orders}
            if unknown:
                return list(unknown.values())
            if len(level) <= self.size:
                self._win(self._best(groups[0])[-1])
                return []
            level = [item for group in groups for item in self._best(group)]

    def _divided(self, level: Sequence[int]) -> list[Group]:
        """Neighbours in groups; a group of one item alone stands for it, one that is too small gets dummies."""
        found: list[Group] = []
        for begin in range(0, len(level), self.size):
            own = list(level[begin : begin + self.size])
            if len(own) < self.size:
                others = [item for item in level if item not in own] or level
                own += islice(cycle(others), self.size - len(own))
            found.append(tuple(sorted(own)) if len(set(own)) > 1 else (own[0],))
        return found

    def _best(self, group: Group) -> Group:
        """Those of a group that go on, worst first."""
        return group if len(group) == 1 else self._orders[frozenset(group)][-self.keep :]

    def _win(self, winner: int) -> None:
        self.winners.append(winner)
        place = self._places.index(winner)
        self._places[place] = self._next((winner + DUMMY_DISTANCE) % self.n)
        self._places = [self._next(item) if item in self.winners else item for item in self._places]

    def _next(self, item: int) -> int:
        """The first item from this one on that has not won."""
        return next(place % self.n for place in range(item, item + self.n) if place % self.n not in self.winners)
