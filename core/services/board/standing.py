"""The plain sentence of a board: what is known of who is ahead, and what is not.

It is read off the simultaneous separations (core/ratings/rank_sets.py): all its claims hold together with 95 %. It
never says more than they do: "X and Y cannot be told apart" only where no two of those named are separated, "both are
ahead of Z" only where each of them is.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from core.domain.counting import counted as with_noun
from core.domain.voting import VoterKind

Separated = NDArray[np.bool_]
NAMED = 4  # names in a row; more are counted
WHO = {VoterKind.PERSON: "people", VoterKind.JUDGE: "LLM judges", VoterKind.LABELS: "the relevance labels"}
ONE = {VoterKind.PERSON: "person who voted", VoterKind.JUDGE: "judge", VoterKind.LABELS: "labels"}
FEW = {VoterKind.PERSON: "people who voted", VoterKind.JUDGE: "judges", VoterKind.LABELS: "labels"}


def sentence(names: Sequence[str], separated: Separated, who: str = "", *, whole: bool = True) -> str:
    """Who leads, who is level with the leader, who is behind whom.

    ``names``: (k,) best first. ``separated``: (k, k) in the same order, whether the row's system is surely ahead of
    the column's. ``who``: according to whom, added where somebody is said to be ahead. ``whole``: whether there are no
    other systems beside these.
    """
    if len(names) < 2:
        return ""
    top = [0, *(j for j in range(1, len(names)) if not separated[0, j])]
    behind = [j for j in range(1, len(names)) if separated[0, j]]
    according = f" according to {who}" if who else ""
    if len(top) == 1:
        others = "every other system" if whole and len(behind) > 1 else _named(names, behind)
        return f"{names[0]} leads: it is ahead of {others}{according}."
    together = _level(names, separated, top)
    return f"{together}{_ahead(names, separated, top, behind, according)}."


def _level(names: Sequence[str], separated: Separated, top: Sequence[int]) -> str:
    """The leader and those that it is not surely ahead of."""
    if not separated[np.ix_(top, top)].any():
        return f"{listed([names[i] for i in top])} cannot be told apart"
    return f"{names[0]} is rated highest, but cannot be told apart from {listed([names[i] for i in top[1:]])}"


def _ahead(
    names: Sequence[str], separated: Separated, top: Sequence[int], behind: Sequence[int], according: str
) -> str:
    """Whom all of ``top`` are ahead of, and whom only the leader is sure to be ahead of."""
    all_ahead = [j for j in behind if separated[top, j].all()]
    only_leader = [j for j in behind if not separated[top, j].all()]
    if not behind:
        return ""
    parts = []
    if all_ahead:
        parts.append(f"{'both' if len(top) == 2 else 'all'} are ahead of {listed([names[j] for j in all_ahead])}")
    if only_leader:
        parts.append(f"{'only ' if all_ahead else ''}{names[0]} is surely ahead of {_named(names, only_leader)}")
    return f"; {', and '.join(parts)}{according}"


def _named(names: Sequence[str], chosen: Sequence[int]) -> str:
    return listed([names[j] for j in chosen])


def listed(names: Sequence[str], most: int = NAMED) -> str:
    """``A``, ``A and B``, ``A, B and C``, ``A, B, C and 5 others``."""
    if len(names) > most + 1:
        names = [*names[:most], f"{len(names) - most} others"]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def according_to(kind: VoterKind, voters: int, scope: str) -> str:
    """``people``, or where the intervals speak of these voters only ``the 3 people who voted``."""
    if kind is VoterKind.LABELS or "these voters" not in scope:
        return WHO[kind]
    return f"the one {ONE[kind]}" if voters == 1 else f"the {voters} {FEW[kind]}"


def counted(votes: int, kind: VoterKind) -> str:
    """``1 vote``, ``2 votes``, ``3 comparisons`` of labels."""
    return with_noun(votes, "comparison" if kind is VoterKind.LABELS else "vote")


def nothing_yet(kind: VoterKind) -> str:
    """Without a single outcome."""
    return "There are no votes yet." if kind is not VoterKind.LABELS else "There are no labelled rankings yet."


def ordinal(rank: int) -> str:
    """``1st``, ``2nd``, ``3rd``, ``11th``."""
    ending = "th" if rank % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(rank % 10, "th")
    return f"{rank}{ending}"


def ranks(first: int | None, last: int | None) -> str:
    """``2nd``, ``between 2nd and 4th``, or nothing."""
    if first is None or last is None:
        return ""
    return ordinal(first) if first == last else f"between {ordinal(first)} and {ordinal(last)}"
