"""What lies behind the slots of a battle: orders of documents, again and again the same from the battle's own row."""

from __future__ import annotations

from core.domain.ports import Store
from core.domain.voting import Battle, BattleForm, Control
from core.measures.interleaving import Draft, team_draft
from core.services.battles.battle_views import DEPTH
from core.services.battles.gold import gold_orders
from core.services.collections import CollectionService

Orders = tuple[tuple[str, ...], ...]


class SlotOrders:
    """Reads rankings, and makes the orders of gold battles from relevance labels."""

    def __init__(self, store: Store, collections: CollectionService) -> None:
        self._store = store
        self._collections = collections

    def of(self, battle: Battle) -> Orders:
        """Document ids, best first, whole, one tuple per slot."""
        if battle.control is Control.GOLD:
            labels = self._collections.reader(battle.collection).judgments(battle.query_id)
            made = gold_orders(self._store.candidates_record(battle.candidates).document_ids, labels)
        else:
            rankings = self._store.rankings([battle.candidates], sorted(set(battle.slots)))
            made = {ranking.system: ranking.order for ranking in rankings}
        return tuple(made[slot] for slot in battle.slots)


def draft_of(battle: Battle, orders: Orders) -> Draft:
    """The merged list of an interleaved battle."""
    return team_draft(orders[0], orders[1], depth=DEPTH, seed=battle.seed)


def documents_shown(battle: Battle, orders: Orders) -> frozenset[str]:
    """Ids of every document that the voter was shown."""
    if battle.form is BattleForm.INTERLEAVED:
        return frozenset(draft_of(battle, orders).documents)
    return frozenset(document for order in orders for document in order[:DEPTH])
