"""Which systems can be rated against one another at all.

The maximum of the Bradley-Terry likelihood exists exactly when, for every split of the systems in two, somebody of
each side has won (or tied) against somebody of the other: when the graph of "beats or ties" is strongly connected
(Ford 1957, Solution of a ranking problem from binary comparisons). Otherwise ratings would be infinite or arbitrary,
and systems are comparable only within a strong component. A component without one decided battle (ties only) is
not rated either: its ratings would be equal by want of evidence, with intervals of width zero.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.domain.errors import RunoffError
from core.ratings.outcomes import Integers
from core.ratings.pairs import PairTable

Relation = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Component:
    """Systems that are comparable with one another. ``why``: in words, what keeps them from the others."""

    systems: tuple[str, ...]
    rateable: bool
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MissingBattles:
    """A pair whose battles would help. ``battles`` so far; ``needed``: what is missing, in words."""

    first: str
    second: str
    battles: int
    needed: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Identifiability:
    """``components``: those that beat others first. ``missing``: pairs that never met first."""

    components: tuple[Component, ...]
    missing: tuple[MissingBattles, ...]

    @property
    def identifiable(self) -> bool:
        """Whether one scale holds all systems."""
        return len(self.components) == 1 and self.components[0].rateable


class NotIdentifiableError(RunoffError):
    """The outcomes do not determine ratings."""

    def __init__(self, identifiability: Identifiability) -> None:
        reasons = " ".join(component.why for component in identifiability.components if component.why)
        super().__init__(f"Ratings are not identifiable. {reasons or 'There are fewer than two systems.'}")
        self.identifiability = identifiability


def examine(pairs: PairTable) -> Identifiability:
    """Strong components of "beats or ties", why they are apart, and which battles are missing."""
    scores_on: Relation = pairs.half_wins > 0
    reach = _closure(scores_on)
    members = _components(reach)
    components = tuple(_describe(pairs, reach, group) for group in members)
    return Identifiability(components=components, missing=_missing(pairs, reach, members, components))


def incomparable(pairs: PairTable) -> str:
    """Why not even figures that need no maximum (Elo, win rates) can be compared, in words; empty where they can.

    They need one decided battle and a chain of battles from every system to every other.
    """
    reach = _closure(pairs.met > 0)
    if len(reach) < 2:
        return "There are fewer than two systems to compare."
    if not bool(reach.all()):
        group = tuple(pairs.systems[i] for i in np.flatnonzero(reach[0]))
        return f"Not comparable: no battle, direct or by way of others, between {_list(group)} and the rest."
    return "" if pairs.wins.any() else "Not comparable: there are only ties."


def _closure(relation: Relation) -> Relation:
    """Reflexive and transitive closure, by squaring."""
    reach: Relation = relation | np.eye(len(relation), dtype=np.bool_)
    for _ in range(max(1, len(relation)).bit_length()):
        reach = (reach.astype(np.float32) @ reach.astype(np.float32)) > 0
    return reach


def _components(reach: Relation) -> list[list[int]]:
    """Positions by strong component; a component comes before those that it reaches."""
    mutual = reach & reach.T
    first = sorted({int(row.argmax()) for row in mutual}, key=lambda i: (-int(reach[i].sum()), i))
    return [np.flatnonzero(mutual[i]).tolist() for i in first]


def _describe(pairs: PairTable, reach: Relation, group: list[int]) -> Component:
    here = np.array(group, dtype=np.int64)
    others = np.setdiff1d(np.arange(len(reach)), here)
    names = tuple(pairs.systems[i] for i in group)
    decided = bool(pairs.wins[np.ix_(here, here)].any())
    rateable = len(group) > 1 and decided
    why = _apart(pairs, here, others, names) if len(others) else ""
    if len(group) > 1 and not decided:
        why = f"{_list(names)}: only ties between them. {why}".strip()
    return Component(systems=names, rateable=rateable, why=why)


def _apart(pairs: PairTable, group: Integers, others: Integers, names: tuple[str, ...]) -> str:
    """Why a component is apart from all others."""
    scored = bool(pairs.half_wins[np.ix_(group, others)].any())
    conceded = bool(pairs.half_wins[np.ix_(others, group)].any())
    if not scored and not conceded:
        return f"{_list(names)}: never met the others."
    if not conceded:
        return f"{_list(names)}: unbeaten by the others."
    if not scored:
        return f"{_list(names)}: never won or tied against the others."
    return f"{_list(names)}: won against some others and lost against others, never both ways."


def _missing(
    pairs: PairTable, reach: Relation, members: list[list[int]], components: tuple[Component, ...]
) -> tuple[MissingBattles, ...]:
    """Pairs of different components, and pairs inside a component that only ties hold together."""
    found: list[MissingBattles] = []
    mutual = reach & reach.T
    tied = {i for group, component in zip(members, components, strict=True) if not component.rateable for i in group}
    for i in range(len(reach)):
        for j in range(i + 1, len(reach)):
            if not mutual[i, j]:
                found.append(_pair(pairs, i, j))
            elif i in tied:
                needed = "a decided battle" if pairs.met[i, j] else "a battle"
                found.append(_missing_pair(pairs, i, j, needed))
    return tuple(sorted(found, key=lambda pair: (pair.battles, pair.first, pair.second)))


def _pair(pairs: PairTable, i: int, j: int) -> MissingBattles:
    if pairs.met[i, j] == 0:
        return _missing_pair(pairs, i, j, "a battle")
    loser = pairs.systems[j if pairs.wins[i, j] else i]
    return _missing_pair(pairs, i, j, f"a win or tie of {loser}")


def _missing_pair(pairs: PairTable, i: int, j: int, needed: str) -> MissingBattles:
    return MissingBattles(first=pairs.systems[i], second=pairs.systems[j], battles=int(pairs.met[i, j]), needed=needed)


def _list(names: tuple[str, ...]) -> str:
    return ", ".join(names)
