"""What the stored rankings of a collection say of its systems: orders, nDCG@10, cost; read again when one comes."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import fmean, median

from core.domain.documents import Query
from core.domain.errors import InvalidInputError
from core.domain.ports import Store
from core.domain.rankings import Ranking
from core.measures.effectiveness import evaluate_orders
from core.ratings.grouping import merge_equal
from core.services.battles.pool import make_pool
from core.services.candidates import CandidateService
from core.services.collections import CollectionService
from core.services.systems import SystemService

MEASURE = "nDCG@10"
TIE_MARGIN = 0.01  # of the measure on a query; one relevant document gains 0.012 from tenth to ninth place
KEPT = 16
Orders = Mapping[str, Mapping[str, tuple[str, ...]]]  # system -> query -> document ids, best first
Values = Mapping[str, Mapping[str, float]]  # system -> query -> measure


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """Per query: logical model calls and prompt tokens, median milliseconds of runs without cached answers.

    ``machines``: where the rankings were made, each once."""

    calls: float
    prompt_tokens: float
    p50_ms: float | None
    machines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RankedLists:
    """Of the queries of one category or of all. ``lists``: query to hash of its list, where it has one.

    ``values``: nDCG@10 on labelled queries of the systems that have ranked every list. ``groups``: systems whose
    orders are the same everywhere. ``unfinished``: how many lists a system that lacks some has ranked.
    ``battling``: systems that people can meet; ``same_tops``: battles between them that are never held because both
    lists begin with the same documents. An imported log has none of all this. Compared by identity.
    """

    queries: Mapping[str, Query] = field(default_factory=dict)
    lists: Mapping[str, str] = field(default_factory=dict)
    orders: Orders = field(default_factory=dict)
    values: Values = field(default_factory=dict)
    groups: tuple[tuple[str, ...], ...] = ()
    costs: Mapping[str, Cost] = field(default_factory=dict)
    unfinished: Mapping[str, int] = field(default_factory=dict)
    battling: frozenset[str] = frozenset()
    same_tops: int = 0


class RankedListsReader:
    """Reads them, and keeps those read last."""

    def __init__(
        self, store: Store, collections: CollectionService, candidates: CandidateService, systems: SystemService
    ) -> None:
        self._store = store
        self._collections = collections
        self._candidates = candidates
        self._systems = systems
        self._kept: OrderedDict[tuple[object, ...], RankedLists] = OrderedDict()
        self._lock = threading.Lock()

    def read(self, collection: str, category: str = "") -> RankedLists:
        """Of a collection by fingerprint; InvalidInputError for a category that no query has."""
        lineup = frozenset(system.fingerprint for system in self._systems.lineup())
        lists = self._candidates.known(collection)
        key = (collection, category, self._store.revision()[-1], lineup, hash(tuple(lists.values())))
        with self._lock:
            found = self._kept.get(key)
        if found is None:
            found = self._made(collection, category, lists, lineup)
            with self._lock:
                self._kept[key] = found
                while len(self._kept) > KEPT:
                    self._kept.popitem(last=False)
        return found

    def queries(self, collection: str, category: str = "") -> dict[str, Query]:
        """Queries by id, of one category or of all; InvalidInputError for a category that no query has."""
        queries = {query.id: query for query in self._collections.reader(collection).queries()}
        if not category:
            return queries
        chosen = {id: query for id, query in queries.items() if query.category == category}
        if not chosen:
            raise InvalidInputError(f"No query of this collection has the category {category!r}.")
        return chosen

    def _made(self, collection: str, category: str, lists: Mapping[str, str], lineup: frozenset[str]) -> RankedLists:
        queries = self.queries(collection, category)
        mine = {id: lists[id] for id in queries if id in lists}
        query_of = {hash: id for id, hash in mine.items()}
        rankings = self._complete_or_in(lineup, tuple(query_of))
        orders: dict[str, dict[str, tuple[str, ...]]] = {}
        for ranking in rankings:
            orders.setdefault(ranking.system, {})[query_of[ranking.candidates]] = ranking.order
        battling = frozenset(system.fingerprint for system in self._systems.roster())
        complete = {system for system, of in orders.items() if len(of) == len(mine)}
        return RankedLists(
            queries=queries,
            lists=mine,
            orders=orders,
            values=self._values(collection, orders, complete),
            groups=merge_equal(orders),
            costs=_costs(rankings),
            unfinished={system: len(of) for system, of in sorted(orders.items()) if system not in complete},
            battling=battling,
            same_tops=_same_tops({system: orders[system] for system in battling if system in orders}),
        )

    def _complete_or_in(self, lineup: frozenset[str], hashes: Sequence[str]) -> tuple[Ranking, ...]:
        """Rankings of the line-up and of every other system that has ranked all these lists."""
        rankings = self._store.rankings(hashes) if hashes else ()
        counts: dict[str, int] = {}
        for ranking in rankings:
            counts[ranking.system] = counts.get(ranking.system, 0) + 1
        return tuple(r for r in rankings if r.system in lineup or counts[r.system] == len(hashes))

    def _values(self, collection: str, orders: Orders, complete: set[str]) -> dict[str, dict[str, float]]:
        qrels = self._collections.reader(collection).qrels()
        useful = {query: grades for query, grades in qrels.items() if any(grade > 0 for grade in grades.values())}
        found: dict[str, dict[str, float]] = {}
        for system, by_query in orders.items():
            judged = {query: order for query, order in by_query.items() if query in useful and system in complete}
            kept = {query: useful[query] for query in judged}
            measured = evaluate_orders(judged, kept, (MEASURE,)) if judged else {}
            found[system] = {query: of[MEASURE] for query, of in measured.items()}
        return found


def _same_tops(orders: Orders) -> int:
    """Pairs of systems and queries with the same top."""
    lists: dict[str, dict[str, tuple[str, ...]]] = {}
    for system, by_query in orders.items():
        for query, order in by_query.items():
            lists.setdefault(query, {})[system] = order
    return sum(make_pool(lists, dict.fromkeys(lists, "")).agreements().values()) if lists else 0


def _costs(rankings: Iterable[Ranking]) -> dict[str, Cost]:
    mine: dict[str, list[Ranking]] = {}
    for ranking in rankings:
        mine.setdefault(ranking.system, []).append(ranking)
    return {system: _cost(of) for system, of in mine.items()}


def _cost(rankings: Sequence[Ranking]) -> Cost:
    timed = [ranking.executed.seconds for ranking in rankings if not ranking.executed.cache_hits]
    return Cost(
        calls=fmean(ranking.logical.calls for ranking in rankings),
        prompt_tokens=fmean(ranking.logical.prompt_tokens for ranking in rankings),
        p50_ms=1000.0 * median(timed) if timed else None,
        machines=tuple(sorted({ranking.machine for ranking in rankings if ranking.machine})),
    )
