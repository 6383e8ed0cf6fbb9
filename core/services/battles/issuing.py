"""What kind of battle comes next: an ordinary one, or by their rates a control or another form."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from core.domain.ports import Store
from core.domain.voting import Battle, BattleForm, Control
from core.services.battles.control_battles import GoldBattles, same_system, swapped_repeat
from core.services.battles.matchmaking import Chances, Match, choose
from core.services.battles.pair_chances import PairChances
from core.services.battles.pool import Mask, Pool
from core.services.collections import CollectionService
from core.settings import Arena

Kind = Control | BattleForm


class Issuer:
    """Draws matches by the rates of the settings."""

    def __init__(
        self,
        store: Store,
        collections: CollectionService,
        chances: PairChances,
        settings: Arena,
        seed: int | None = None,
    ) -> None:
        self._gold = GoldBattles(store, collections)
        self._chances = chances
        self._settings = settings
        self._rng = np.random.default_rng(seed)

    def draw(
        self, collection: str, pool: Pool, seen: Sequence[Battle], *, category: str, form: BattleForm | None
    ) -> Match | None:
        """The next match for a voter who has ``seen`` these battles, oldest first; None where nothing is left.

        ``form`` None: by the rates. A kind that cannot be made now gives way to an ordinary side-by-side battle;
        controls come in its place only, so they are never what is left when all else has been seen.
        """
        kind = self._kind(form)
        if isinstance(kind, BattleForm) and kind is not BattleForm.SIDE_BY_SIDE:
            match = self._ordinary(collection, pool, seen, category, kind)
            if match is not None or form is not None:
                return match
        match = self._ordinary(collection, pool, seen, category, BattleForm.SIDE_BY_SIDE)
        if match is None or not isinstance(kind, Control):
            return match
        return self._control(kind, collection, pool, seen, category) or match

    def _kind(self, form: BattleForm | None) -> Kind:
        """Drawn by the rates; a form that was asked for leaves only the controls of that form."""
        if form not in (None, BattleForm.SIDE_BY_SIDE):
            return form
        chosen = self._settings
        rates: dict[Kind, float] = {
            Control.SAME_SYSTEM: chosen.same_rate,
            Control.SWAPPED: chosen.swapped_rate,
            Control.GOLD: chosen.gold_rate,
        }
        if form is None:
            rates[BattleForm.INTERLEAVED] = chosen.interleaved_rate
            rates[BattleForm.BEST_TO_WORST] = chosen.best_to_worst_rate
        drawn = self._rng.random()
        for kind, rate in rates.items():
            drawn -= rate
            if drawn < 0:
                return kind
        return BattleForm.SIDE_BY_SIDE

    def _ordinary(
        self, collection: str, pool: Pool, seen: Sequence[Battle], category: str, form: BattleForm
    ) -> Match | None:
        def chances(allowed: Mask) -> Chances:
            return self._chances.of(collection, pool, seen, allowed)

        sizes = range(self._settings.best_to_worst_lists, 2, -1) if form is BattleForm.BEST_TO_WORST else (2,)
        for size in sizes:
            match = choose(pool, seen, chances, self._rng, form=form, size=size, category=category)
            if match is not None:
                return match
        return None

    def _control(
        self, kind: Control, collection: str, pool: Pool, seen: Sequence[Battle], category: str
    ) -> Match | None:
        if kind is Control.SAME_SYSTEM:
            return same_system(pool, seen, category, self._rng)
        if kind is Control.SWAPPED:
            return swapped_repeat(seen, category, self._rng)
        return self._gold.draw(collection, pool, seen, category, self._rng)
