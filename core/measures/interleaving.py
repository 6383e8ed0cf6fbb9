"""Team-draft interleaving of two rankings: Radlinski, Kurup, Joachims 2008 (CIKM).

As two captains choose teams: while both rankings have documents that are not in the merged list, the smaller team
takes its highest-ranked one of those; with equal teams a coin decides who is next. A useful document is a point for
its team; the team with more points wins.

In the paper a document that both rankings begin with falls to a team by the coin, so its credit is noise that only
cancels on average. Here the common prefix belongs to no team, as in Lerot (Schuth et al. 2013); whatever follows is
drafted as in the paper, so either side still wins as often as its documents deserve.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from core.domain.errors import InvalidInputError

FIRST, SECOND = 0, 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """``documents``: the merged list, best first. ``teams``: aligned, FIRST, SECOND or None (common prefix)."""

    documents: tuple[str, ...]
    teams: tuple[int | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Credit:
    """Useful documents by team, and ``shared``, those of the common prefix."""

    first: int
    second: int
    shared: int


def team_draft(first: Sequence[str], second: Sequence[str], *, depth: int, seed: int) -> Draft:
    """Merge two rankings of distinct documents, best first, into a list of at most ``depth``.

    The same ``seed`` gives the same list, on every machine. InvalidInputError: a document twice in one ranking.
    """
    for ranking in (first, second):
        if len(set(ranking)) < len(ranking):
            raise InvalidInputError("A ranking to be interleaved names a document twice.")
    rng = random.Random(seed)
    merged: dict[str, int | None] = dict.fromkeys(_common_prefix(first, second)[:depth])
    sizes = [0, 0]
    while len(merged) < depth:
        one, other = _best_unused(first, merged), _best_unused(second, merged)
        if one is None or other is None:
            break
        team = _next_team(sizes, rng)
        merged[one if team == FIRST else other] = team
        sizes[team] += 1
    return Draft(documents=tuple(merged), teams=tuple(merged.values()))


def credit(draft: Draft, useful: Iterable[str]) -> Credit:
    """Points of both teams. InvalidInputError: a useful document that is not in the merged list."""
    team_of = dict(zip(draft.documents, draft.teams, strict=True))
    marked = set(useful)
    if unknown := sorted(marked - set(team_of)):
        raise InvalidInputError(f"Document {unknown[0]!r} is not in the merged list.")
    teams = [team_of[document] for document in marked]
    return Credit(first=teams.count(FIRST), second=teams.count(SECOND), shared=teams.count(None))


def _common_prefix(first: Sequence[str], second: Sequence[str]) -> list[str]:
    shared: list[str] = []
    for one, other in zip(first, second, strict=False):
        if one != other:
            break
        shared.append(one)
    return shared


def _best_unused(ranking: Sequence[str], merged: dict[str, int | None]) -> str | None:
    return next((document for document in ranking if document not in merged), None)


def _next_team(sizes: Sequence[int], rng: random.Random) -> int:
    """The smaller team; a coin where they are equal."""
    if sizes[FIRST] != sizes[SECOND]:
        return FIRST if sizes[FIRST] < sizes[SECOND] else SECOND
    return FIRST if rng.random() < 0.5 else SECOND  # random() of a seed is the same in every version of Python
