"""Outcomes of battles as arrays: the one input of every rating.

Both ties (equal, both bad) are half a win to each side.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from core.domain.errors import InvalidInputError
from core.domain.voting import SHARES, Verdict, VoterKind

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]

LEFT_SHARE: Mapping[Verdict, float] = SHARES


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Outcomes:
    """``n`` verdicts on pairs of ``k`` systems.

    ``systems``: names, sorted. ``left``, ``right``: (n,) positions in ``systems``. ``share``: (n,) of the left
    side, 1 for a win, 0.5 for a tie, 0 for a loss. ``voter``, ``query``: (n,) positions in ``voters`` and
    ``queries``, whose names are sorted and may contain some that do not occur.
    """

    systems: tuple[str, ...]
    left: Integers
    right: Integers
    share: Floats
    voters: tuple[str, ...]
    voter: Integers
    queries: tuple[str, ...]
    query: Integers

    def __len__(self) -> int:
        return len(self.share)

    def only(self, systems: Iterable[str]) -> Outcomes:
        """Outcomes between two of these systems, which all stay, met or not."""
        kept = tuple(sorted(set(systems)))
        unknown = sorted(set(kept) - set(self.systems))
        if unknown:
            raise InvalidInputError(f"No outcomes of {unknown[0]!r}. Known: {', '.join(self.systems)}.")
        return self._renamed(kept, {name: name for name in kept})

    def merged(self, groups: Iterable[Sequence[str]]) -> Outcomes:
        """Each group of systems under the name of its first member; battles within a group are left out."""
        first = {name: group[0] for group in groups for name in group}
        names = {name: first.get(name, name) for name in self.systems}
        return self._renamed(tuple(sorted(set(names.values()))), names)

    def _renamed(self, systems: tuple[str, ...], names: Mapping[str, str]) -> Outcomes:
        place = {name: index for index, name in enumerate(systems)}
        moved = np.array([place[names[name]] if name in names else -1 for name in self.systems], dtype=np.int64)
        left, right = moved[self.left], moved[self.right]
        kept = (left >= 0) & (right >= 0) & (left != right)
        return Outcomes(
            systems=systems,
            left=left[kept],
            right=right[kept],
            share=self.share[kept],
            voters=self.voters,
            voter=self.voter[kept],
            queries=self.queries,
            query=self.query[kept],
        )


class CastVote(Protocol):
    """What is read of a vote; domain.voting.Vote has it."""

    @property
    def voter(self) -> str: ...
    @property
    def voter_kind(self) -> VoterKind: ...
    @property
    def query_id(self) -> str: ...
    @property
    def left(self) -> str: ...
    @property
    def right(self) -> str: ...
    @property
    def verdict(self) -> Verdict: ...
    @property
    def withdrawn(self) -> bool: ...


def from_votes(votes: Sequence[CastVote], *, systems: Iterable[str] = ()) -> Outcomes:
    """Outcomes of the votes that were not withdrawn.

    ``systems``: further systems that belong on the board though nobody voted on them.
    InvalidInputError for votes of more than one kind of voter, which are never pooled, and for a system against itself.
    """
    counted = [vote for vote in votes if not vote.withdrawn]
    kinds = sorted({str(vote.voter_kind) for vote in counted})
    if len(kinds) > 1:
        raise InvalidInputError(
            f"Votes of several kinds of voter ({', '.join(kinds)}) are never pooled. Give one kind."
        )
    return build(
        left=[vote.left for vote in counted],
        right=[vote.right for vote in counted],
        share=[LEFT_SHARE[vote.verdict] for vote in counted],
        voter=[vote.voter for vote in counted],
        query=[vote.query_id for vote in counted],
        systems=systems,
    )


def build(
    *,
    left: Sequence[str],
    right: Sequence[str],
    share: Sequence[float],
    voter: Sequence[str],
    query: Sequence[str],
    systems: Iterable[str] = (),
) -> Outcomes:
    """Outcomes from columns of names, each of length ``n``."""
    names, (left_at, right_at) = _index([left, right], systems)
    voters, (voter_at,) = _index([voter])
    queries, (query_at,) = _index([query])
    if len(left_at) and bool((left_at == right_at).any()):
        name = names[left_at[left_at == right_at][0]]
        raise InvalidInputError(f"A battle of {name!r} against itself has no outcome.")
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


def _index(columns: Sequence[Sequence[str]], further: Iterable[str] = ()) -> tuple[tuple[str, ...], list[Integers]]:
    """All names, sorted, and each column as positions in them."""
    names = tuple(sorted(set(further).union(*columns)))
    place = {name: index for index, name in enumerate(names)}
    return names, [np.fromiter((place[name] for name in column), np.int64, len(column)) for column in columns]
