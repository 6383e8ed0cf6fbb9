"""Outcomes of battles as arrays: the one input of every rating.

Both ties (equal, both bad) are half a win to each side. A vote over k systems is k (k - 1) / 2 outcomes: under
Plackett-Luce each pair of an order is Bradley-Terry, so the fit is a composite likelihood, and the outcomes of one
vote are one cluster even where votes are taken to be independent.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.domain.comparisons import Comparisons
from core.domain.errors import InvalidInputError

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]


def _no_integers() -> Integers:
    return np.empty(0, np.int64)


def _no_floats() -> Floats:
    return np.empty(0, np.float64)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Outcomes:
    """``n`` outcomes between two of ``k`` systems, in the order of the log.

    ``systems``: names, sorted. ``left``, ``right``: (n,) positions in ``systems``. ``share``: (n,) of the left
    side, 1 for a win, 0.5 for a tie, 0 for a loss. ``voter``, ``query``: (n,) positions in ``voters`` and
    ``queries``, whose names are sorted and may contain some that do not occur.
    ``vote``: (n,) the same number for the outcomes of one vote; left out, each outcome is a vote.
    ``weight``: (n,) above 0, how much an outcome counts; left out, 1.
    ``slot``: (n,) 1 where left and right stood side by side, so that the side can matter, 0 elsewhere; left out, 1.
    """

    systems: tuple[str, ...]
    left: Integers
    right: Integers
    share: Floats
    voters: tuple[str, ...]
    voter: Integers
    queries: tuple[str, ...]
    query: Integers
    vote: Integers = field(default_factory=_no_integers)
    weight: Floats = field(default_factory=_no_floats)
    slot: Integers = field(default_factory=_no_integers)

    def __post_init__(self) -> None:
        n = len(self.share)
        if n and not len(self.vote):
            object.__setattr__(self, "vote", np.arange(n))
        if n and not len(self.weight):
            object.__setattr__(self, "weight", np.ones(n))
        if n and not len(self.slot):
            object.__setattr__(self, "slot", np.ones(n, np.int64))
        for name in _COLUMNS:
            if len(getattr(self, name)) != n:
                raise InvalidInputError(f"{len(getattr(self, name))} values of {name} for {n} outcomes.")

    def __len__(self) -> int:
        return len(self.share)

    @property
    def votes(self) -> int:
        """How many votes the outcomes come from."""
        return len(self) if self.one_per_vote else len(np.unique(self.vote))

    @property
    def one_per_vote(self) -> bool:
        """Whether every outcome is a vote of its own."""
        return bool((np.diff(self.vote) > 0).all()) or len(np.unique(self.vote)) == len(self)

    @property
    def weighted_equally(self) -> bool:
        """Whether every weight is 1."""
        return bool((self.weight == 1.0).all())

    def weighted(self, weights: Floats) -> Outcomes:
        """The same outcomes with these weights (n,) in place of their own.

        InvalidInputError unless all are finite and above 0: an outcome that does not count is left out by ``where``.
        """
        if not bool((np.isfinite(weights) & (weights > 0.0)).all()):
            raise InvalidInputError("Weights must be finite and above 0. Leave outcomes out that do not count.")
        return replace(self, weight=np.asarray(weights, dtype=np.float64))

    def where(self, mask: NDArray[np.bool_]) -> Outcomes:
        """The outcomes where ``mask`` (n,) is true; all systems, voters and queries keep their positions."""
        return replace(self, **{name: getattr(self, name)[mask] for name in _COLUMNS})

    def only(self, systems: Iterable[str]) -> Outcomes:
        """Outcomes between two of these systems, which all stay, met or not."""
        kept = tuple(sorted(set(systems)))
        unknown = sorted(set(kept) - set(self.systems))
        if unknown:
            raise InvalidInputError(f"No outcomes of {unknown[0]!r}. Known: {', '.join(self.systems)}.")
        return self if kept == self.systems else self._renamed(kept, {name: name for name in kept})

    def merged(self, groups: Iterable[Sequence[str]]) -> Outcomes:
        """Each group of systems under the name of its first member; battles within a group are left out."""
        first = {name: group[0] for group in groups for name in group}
        names = {name: first.get(name, name) for name in self.systems}
        if all(name == other for name, other in names.items()):
            return self
        return self._renamed(tuple(sorted(set(names.values()))), names)

    def _renamed(self, systems: tuple[str, ...], names: Mapping[str, str]) -> Outcomes:
        place = {name: index for index, name in enumerate(systems)}
        moved = np.array([place[names[name]] if name in names else -1 for name in self.systems], dtype=np.int64)
        left, right = moved[self.left], moved[self.right]
        kept = (left >= 0) & (right >= 0) & (left != right)
        columns: dict[str, Any] = {name: getattr(self, name)[kept] for name in _COLUMNS}
        return replace(self, systems=systems, **{**columns, "left": left[kept], "right": right[kept]})


_COLUMNS = tuple(column.name for column in fields(Outcomes) if column.name not in ("systems", "voters", "queries"))


def from_comparisons(comparisons: Comparisons, *, systems: Iterable[str] = ()) -> Outcomes:
    """Outcomes of the store's columns; of the systems those that were compared.

    ``systems``: further systems that belong on the board though nobody compared them. InvalidInputError for a system
    against itself.
    """
    left, right = comparisons.left, comparisons.right
    used = np.zeros(len(comparisons.systems), dtype=np.bool_)
    used[left] = used[right] = True
    names = tuple(sorted({name for name, kept in zip(comparisons.systems, used, strict=True) if kept}.union(systems)))
    place = {name: index for index, name in enumerate(names)}
    moved = np.array([place.get(name, -1) for name in comparisons.systems], dtype=np.int64)
    voters, voter = _sorted(comparisons.voters, comparisons.voter)
    queries, query = _sorted(comparisons.queries, comparisons.query)
    _check_sides(names, moved[left], moved[right])
    return Outcomes(
        systems=names,
        left=moved[left],
        right=moved[right],
        share=comparisons.share,
        voters=voters,
        voter=voter,
        queries=queries,
        query=query,
        vote=comparisons.vote,
        slot=comparisons.slot,
    )


def _sorted(names: tuple[str, ...], column: Integers) -> tuple[tuple[str, ...], Integers]:
    """The names in order and the column as positions in them."""
    order = sorted(range(len(names)), key=names.__getitem__)
    if order == list(range(len(names))):
        return names, column
    place = np.empty(len(names), dtype=np.int64)
    place[order] = np.arange(len(names))
    return tuple(names[i] for i in order), place[column]


def build(
    *,
    left: Sequence[str],
    right: Sequence[str],
    share: Sequence[float],
    voter: Sequence[str],
    query: Sequence[str],
    systems: Iterable[str] = (),
) -> Outcomes:
    """Outcomes from columns of names, each of length ``n``; every one a vote of its own."""
    names, (left_at, right_at) = _index([left, right], systems)
    voters, (voter_at,) = _index([voter])
    queries, (query_at,) = _index([query])
    _check_sides(names, left_at, right_at)
    return Outcomes(
        systems=names,
        left=left_at,
        right=right_at,
        share=np.asarray(share, dtype=np.float64),
        voters=voters,
        voter=voter_at,
        queries=queries,
        query=query_at,
    )


def _check_sides(names: tuple[str, ...], left: Integers, right: Integers) -> None:
    same = left[left == right]
    if len(same):
        raise InvalidInputError(f"A battle of {names[same[0]]!r} against itself has no outcome.")


def _index(columns: Sequence[Sequence[str]], further: Iterable[str] = ()) -> tuple[tuple[str, ...], list[Integers]]:
    """All names, sorted, and each column as positions in them."""
    names = tuple(sorted(set(further).union(*columns)))
    place = {name: index for index, name in enumerate(names)}
    return names, [np.fromiter((place[name] for name in column), np.int64, len(column)) for column in columns]
