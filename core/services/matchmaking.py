"""Which battle comes next: pairs the voter has met least, then a query drawn uniformly.

Queries are drawn uniformly among those the voter has not seen for the pair, since any other draw would
change what the ratings estimate. Battles whose top lists are identical are never issued.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from core.domain.voting import Battle

TOP = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Pool:
    """What can be shown: list hash -> system fingerprint -> document ids, best first; and each list's category."""

    orders: Mapping[str, Mapping[str, tuple[str, ...]]]
    categories: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """Two systems on one candidate list."""

    candidates: str
    first: str
    second: str


def choose(pool: Pool, seen: Sequence[Battle], *, category: str = "", rng: random.Random) -> Match | None:
    """The next match for a voter who has ``seen`` these battles, or None where nothing is left."""
    met = {(battle.candidates, frozenset((battle.left, battle.right))) for battle in seen}
    open_lists: dict[tuple[str, str], list[str]] = {}
    for candidates, orders in pool.orders.items():
        if category and pool.categories.get(candidates, "") != category:
            continue
        for pair in combinations(sorted(orders), 2):
            if (candidates, frozenset(pair)) not in met and orders[pair[0]][:TOP] != orders[pair[1]][:TOP]:
                open_lists.setdefault(pair, []).append(candidates)
    if not open_lists:
        return None
    pair = _least_met(open_lists, seen, rng)
    shown = Counter(battle.candidates for battle in seen)
    fewest = min(shown[candidates] for candidates in open_lists[pair])
    fresh = sorted(candidates for candidates in open_lists[pair] if shown[candidates] == fewest)
    return Match(candidates=rng.choice(fresh), first=pair[0], second=pair[1])


def _least_met(
    open_lists: Mapping[tuple[str, str], list[str]], seen: Sequence[Battle], rng: random.Random
) -> tuple[str, str]:
    met = Counter(frozenset((battle.left, battle.right)) for battle in seen)
    fewest = min(met[frozenset(pair)] for pair in open_lists)
    return rng.choice(sorted(pair for pair in open_lists if met[frozenset(pair)] == fewest))
