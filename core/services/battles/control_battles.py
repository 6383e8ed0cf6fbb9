"""Drawing control battles: the same system twice, an earlier battle with its sides swapped, a gold battle.

To the voter they look like every other battle. Each function gives None where the voter's past, the pool or the
labels do not allow one; an ordinary battle is issued then.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from core.domain.ports import Store
from core.domain.voting import GOLD_BEST, GOLD_WORST, Battle, BattleForm, BattleState, Control
from core.services.battles.gold import telling
from core.services.battles.matchmaking import Match
from core.services.battles.pool import Pool
from core.services.collections import CollectionService

APART = 5  # battles between a battle and its swapped repeat
GOLD_TRIES = 50  # lists looked at for one whose labels make a difference


def same_system(pool: Pool, seen: Sequence[Battle], category: str, rng: np.random.Generator) -> Match | None:
    """One system on both sides, any system on any list that is new to the voter alike."""
    met = {battle.candidates for battle in seen}
    fresh = np.array([hash not in met for hash in pool.lists], dtype=bool)
    rows, columns = np.nonzero(pool.ranked & (fresh & pool.within(category))[:, None])
    if not len(rows):
        return None
    at = int(rng.integers(len(rows)))
    system = pool.systems[columns[at]]
    return Match(candidates=pool.lists[rows[at]], slots=(system, system), control=Control.SAME_SYSTEM)


def swapped_repeat(seen: Sequence[Battle], category: str, rng: np.random.Generator) -> Match | None:
    """An earlier battle of the voter with the sides exchanged; each is repeated once.

    ``seen``: oldest first. Side by side, voted and not undone, no control, at least APART battles ago.
    """
    repeated = {battle.repeats for battle in seen}
    able = [
        battle
        for battle in seen[:-APART]
        if battle.state is BattleState.VOTED
        and battle.form is BattleForm.SIDE_BY_SIDE
        and battle.control is Control.NONE
        and battle.id not in repeated
        and (not category or battle.category == category)
    ]
    if not able:
        return None
    earlier = able[int(rng.integers(len(able)))]
    return Match(
        candidates=earlier.candidates,
        slots=(earlier.right, earlier.left),
        control=Control.SWAPPED,
        repeats=earlier.id,
    )


class GoldBattles:
    """Gold battles need the labels of a collection."""

    def __init__(self, store: Store, collections: CollectionService) -> None:
        self._store = store
        self._collections = collections

    def draw(
        self, collection: str, pool: Pool, seen: Sequence[Battle], category: str, rng: np.random.Generator
    ) -> Match | None:
        """One of the lists whose labels make a real difference at the top, each alike, none twice for a voter."""
        if not self._collections.get(collection).judgments:
            return None
        had = {battle.candidates for battle in seen if battle.control is Control.GOLD}
        rows = np.flatnonzero(pool.within(category))
        for row in rng.permutation(rows)[:GOLD_TRIES]:
            candidates = pool.lists[row]
            if candidates not in had and self._telling(collection, candidates):
                sides = [(GOLD_BEST, GOLD_WORST), (GOLD_WORST, GOLD_BEST)][int(rng.integers(2))]
                return Match(candidates=candidates, slots=sides, control=Control.GOLD)
        return None

    def _telling(self, collection: str, candidates: str) -> bool:
        record = self._store.candidates_record(candidates)
        labels = self._collections.reader(collection).judgments(record.query_id)
        return telling(record.document_ids, labels)
