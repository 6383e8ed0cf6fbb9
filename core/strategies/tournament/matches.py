"""Groups of documents that play together, and who goes on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """One group of one tournament. ``shown``: positions in the order shown; ``named``: those the model picked, best
    first."""

    tournament: int
    group: int
    count: int
    shown: tuple[int, ...]
    named: tuple[int, ...] = ()

    @property
    def as_shown(self) -> bool:
        """Whether the model named the first ones in the order in which they stood."""
        return self.named == self.shown[: self.count]

    @property
    def winners(self) -> tuple[int, ...]:
        """Those named, filled up in first-stage order."""
        others = sorted(set(self.shown) - set(self.named))
        return (*self.named, *others)[: self.count]


def follows_places(matches: Sequence[Match]) -> bool:
    """Whether all answers name the first documents as shown, and thereby contradict each other: some group was shown in
    two orders and different documents were named."""
    if not all(match.as_shown for match in matches):
        return False
    said: dict[frozenset[int], set[tuple[int, ...]]] = {}
    for match in matches:
        said.setdefault(frozenset(match.shown), set()).add(match.named)
    return any(len(named) > 1 for named in said.values())


def winners_of(matches: Sequence[Match], tournaments: int) -> list[list[int]]:
    """Positions that go on in each tournament, in first-stage order."""
    found: list[list[int]] = [[] for _ in range(tournaments)]
    for match in matches:
        found[match.tournament] += match.winners
    return [sorted(winners) for winners in found]
