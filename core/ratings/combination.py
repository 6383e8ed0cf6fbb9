"""Several rankings as one: Borda's count and Kemeny's order, for metrics and slices whose scales must not be averaged.

Borda: in each ranking of m systems a system gets one point for every system behind it and half a point for every one
level with it, over m - 1; a system's score is the mean over the rankings that hold it (0.5 is the middle). Systems
that some rankings do not hold are said in ``missing``.
Kemeny: the order with the fewest pairwise disagreements with the rankings (Kemeny 1959); a ranking that has two
systems level, or lacks one, does not speak on that pair. Exact by dynamic programming over subsets up to twelve
systems (Held and Karp 1962; for Kemeny: Betzler et al. 2009), above that local search from Borda's order by moving
one system at a time, which is not proven optimal and says so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from core.domain.errors import InvalidInputError
from core.ratings.outcomes import Floats, Integers

LARGEST_EXACT = 12
_RELATIVE = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedRanking:
    """``levels``: best first; systems of one level are level with one another."""

    name: str
    levels: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Borda:
    """``levels``: best first. ``scores``: (k,) mean share of points, by ``systems`` (sorted by name).

    ``missing``: (ranking, systems that it does not hold).
    """

    systems: tuple[str, ...]
    scores: Floats
    levels: tuple[tuple[str, ...], ...]
    missing: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kemeny:
    """``order``: best first. ``disagreements``: pairs (counted once for each ranking) that the order turns round.

    ``judged``: such pairs that the rankings speak on at all. ``optimal``: proven to have the fewest disagreements.
    """

    order: tuple[str, ...]
    disagreements: int
    judged: int
    optimal: bool


def ranking_of(name: str, scores: Mapping[str, float]) -> NamedRanking:
    """A ranking from scores, higher better; equal to a relative 1e-9 is level. InvalidInputError for NaN."""
    bad = sorted(system for system, score in scores.items() if score != score)
    if bad:
        raise InvalidInputError(f"{name}: the score of {bad[0]!r} is not a number. Leave systems out that have none.")
    levels: list[list[str]] = []
    last = 0.0
    for system in sorted(scores, key=lambda system: (-scores[system], system)):
        if levels and abs(scores[system] - last) <= _RELATIVE * max(abs(scores[system]), abs(last)):
            levels[-1].append(system)
        else:
            levels.append([system])
        last = scores[system]
    return NamedRanking(name=name, levels=tuple(tuple(sorted(level)) for level in levels))


def borda(rankings: Sequence[NamedRanking]) -> Borda:
    """Points of every system. InvalidInputError for a system twice in one ranking, or without rankings."""
    systems, places = _places(rankings)
    shares = np.full(places.shape, np.nan)
    for row, place in zip(shares, places, strict=True):
        held = place >= 0
        if held.sum() < 2:
            continue
        behind = (place[:, None] < place[None, :]) & held[:, None] & held[None, :]
        level = (place[:, None] == place[None, :]) & held[:, None] & held[None, :]
        row[held] = (behind.sum(axis=1) + 0.5 * (level.sum(axis=1) - 1.0))[held] / (held.sum() - 1.0)
    judged = ~np.isnan(shares)
    scores = np.where(judged, shares, 0.0).sum(axis=0) / np.maximum(judged.sum(axis=0), 1)
    scores[~judged.any(axis=0)] = 0.5
    lacking = [
        (ranking.name, [s for s, at in zip(systems, row, strict=True) if at < 0])
        for ranking, row in zip(rankings, places, strict=True)
    ]
    return Borda(
        systems=systems,
        scores=scores,
        levels=ranking_of("Borda", dict(zip(systems, scores.tolist(), strict=True))).levels,
        missing=tuple((name, tuple(missing)) for name, missing in lacking if missing),
    )


def kemeny(rankings: Sequence[NamedRanking]) -> Kemeny:
    """The order of fewest disagreements. Among equally good orders the one that Borda, then the name, puts first is
    preferred. InvalidInputError as of ``borda``."""
    points = borda(rankings)
    start = [points.systems.index(system) for level in points.levels for system in level]
    _, places = _places(rankings)
    ahead = _ahead(places)[np.ix_(start, start)]
    exact = len(start) <= LARGEST_EXACT
    found = _exact(ahead) if exact else _local(ahead)
    cost = int(sum(ahead[found[j], found[i]] for j in range(len(found)) for i in range(j)))
    return Kemeny(
        order=tuple(points.systems[start[i]] for i in found),
        disagreements=cost,
        judged=int(ahead.sum()),
        optimal=exact or cost == int(np.minimum(ahead, ahead.T).sum()) // 2,
    )


def _places(rankings: Sequence[NamedRanking]) -> tuple[tuple[str, ...], Integers]:
    """All systems by name, and (rankings, k) the level of each, -1 where a ranking does not hold it."""
    if not rankings:
        raise InvalidInputError("Nothing to combine: give at least one ranking.")
    systems = tuple(sorted({system for ranking in rankings for level in ranking.levels for system in level}))
    position = {system: index for index, system in enumerate(systems)}
    places = np.full((len(rankings), len(systems)), -1, dtype=np.int64)
    for row, ranking in zip(places, rankings, strict=True):
        for number, level in enumerate(ranking.levels):
            for system in level:
                if row[position[system]] >= 0:
                    raise InvalidInputError(f"{ranking.name}: {system!r} occurs twice. Name every system once.")
                row[position[system]] = number
    return systems, places


def _ahead(places: Integers) -> Integers:
    """(k, k): how many rankings have the row's system ahead of the column's."""
    held = places >= 0
    both = held[:, :, None] & held[:, None, :]
    return np.asarray(((places[:, :, None] < places[:, None, :]) & both).sum(axis=0), dtype=np.int64)


def _exact(ahead: Integers) -> list[int]:
    """Best order by dynamic programming: the best order of a set is some member first, then the best of the rest."""
    k = len(ahead)
    sets = np.arange(1 << k)
    member = (sets[:, None] >> np.arange(k)) & 1
    against = member @ ahead  # (sets, k): disagreements of putting the column's system before all of the set
    cost = np.zeros(1 << k, dtype=np.int64)
    first = np.zeros(1 << k, dtype=np.int64)
    size = member.sum(axis=1)
    for count in range(1, k + 1):
        these = sets[size == count]
        rest = these[:, None] & ~(1 << np.arange(k))
        value = np.where(member[these] == 1, cost[rest] + against[these], np.iinfo(np.int64).max)
        first[these] = value.argmin(axis=1)
        cost[these] = value.min(axis=1)
    order, left = [], (1 << k) - 1
    while left:
        order.append(int(first[left]))
        left &= ~(1 << order[-1])
    return order


def _local(ahead: Integers) -> list[int]:
    """From the order 0, 1, ...: move the system whose move saves most, until none saves anything."""
    order = list(range(len(ahead)))
    while True:
        saved, system, target = 0, 0, 0
        turned = ahead - ahead.T  # row before column rather than after saves this many
        for at in range(len(order)):
            gains = turned[order[at], order]
            up = np.cumsum(gains[:at][::-1])  # moved up past the nearest, the two nearest, ...
            down = np.cumsum(-gains[at + 1 :])
            for moves, sign in ((up, -1), (down, 1)):
                if len(moves) and moves.max() > saved:
                    saved, system, target = int(moves.max()), at, at + sign * (int(moves.argmax()) + 1)
        if not saved:
            return order
        order.insert(target, order.pop(system))
