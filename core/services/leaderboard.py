"""Leaderboard: ratings per kind of voter, collection and category, and beside them nDCG@10 where labels exist."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from core.domain.documents import Query
from core.domain.errors import InvalidInputError
from core.domain.ports import Store
from core.domain.rankings import Ranking
from core.domain.voting import Vote, VoterKind
from core.measures.effectiveness import evaluate_orders
from core.ratings.board import rate
from core.ratings.grouping import merge_equal
from core.ratings.identifiability import examine
from core.ratings.label_votes import from_labels
from core.ratings.outcomes import Outcomes, from_votes
from core.ratings.pairs import pair_table
from core.services.boards import Board, Missing, by_rating, entry, pair_counts
from core.services.candidates import CandidateService
from core.services.collections import CollectionService
from core.services.standing import explain, summarise
from core.services.systems import SystemService

MEASURE = "nDCG@10"


class LeaderboardService:
    """Fits boards from the log; a board is kept until a vote or a ranking comes."""

    def __init__(
        self, store: Store, collections: CollectionService, candidates: CandidateService, systems: SystemService
    ) -> None:
        self._store = store
        self._collections = collections
        self._candidates = candidates
        self._systems = systems
        self._boards: dict[tuple[str, VoterKind, str], tuple[object, Board]] = {}

    def board(self, collection: str, kind: VoterKind = VoterKind.PERSON, category: str = "") -> Board:
        """The board of one kind of voter on one collection, of one category or (empty) of all.

        UnknownNameError for a collection, InvalidInputError for a category that no query has.
        """
        found = self._collections.get(collection)
        key, state = (found.fingerprint, kind, category), self._store.revision()
        kept = self._boards.get(key)
        if kept is not None and kept[0] == state:
            return kept[1]
        queries = self._queries(found.fingerprint, category)
        lists = self._candidates.known(found.fingerprint)
        rankings = self._rankings([lists[id] for id in queries if id in lists])
        votes = () if kind is VoterKind.LABELS else self._store.votes(collection=found.fingerprint, kind=kind)
        made = self._make(found.fingerprint, kind, category, queries, lists, rankings, votes)
        self._boards[key] = (state, made)
        return made

    def categories(self, collection: str) -> tuple[str, ...]:
        """Categories of a collection's queries, in order of appearance."""
        queries = self._collections.reader(collection).queries()
        return tuple(dict.fromkeys(query.category for query in queries if query.category))

    def _queries(self, collection: str, category: str) -> dict[str, Query]:
        queries = {query.id: query for query in self._collections.reader(collection).queries()}
        if not category:
            return queries
        chosen = {id: query for id, query in queries.items() if query.category == category}
        if not chosen:
            raise InvalidInputError(f"No query of this collection has the category {category!r}.")
        return chosen

    def _rankings(self, hashes: Sequence[str]) -> tuple[Ranking, ...]:
        """Rankings of the line-up and of every other system that has ranked all these lists."""
        rankings = self._store.rankings(hashes) if hashes else ()
        lineup = {system.fingerprint for system in self._systems.lineup()}
        counts: dict[str, int] = {}
        for ranking in rankings:
            counts[ranking.system] = counts.get(ranking.system, 0) + 1
        return tuple(r for r in rankings if r.system in lineup or counts[r.system] == len(hashes))

    def _make(
        self,
        collection: str,
        kind: VoterKind,
        category: str,
        queries: Mapping[str, Query],
        lists: Mapping[str, str],
        rankings: Sequence[Ranking],
        votes: Sequence[Vote],
    ) -> Board:
        names = self._systems.names()
        query_of = {lists[id]: id for id in queries if id in lists}
        orders: dict[str, dict[str, tuple[str, ...]]] = {}
        for ranking in rankings:
            orders.setdefault(ranking.system, {})[query_of[ranking.candidates]] = ranking.order
        complete = {system for system, of in orders.items() if len(of) == len(query_of)}
        values = {system: of if system in complete else {} for system, of in self._values(collection, orders).items()}
        counted = [vote for vote in votes if vote.query_id in queries]
        outcomes = from_labels(values) if kind is VoterKind.LABELS else from_votes(counted, systems=orders)
        groups = _groups(orders, outcomes)
        if kind is not VoterKind.LABELS:
            groups = self._in_battles(groups, outcomes)
        outcomes = outcomes.merged(groups).only(group[0] for group in groups)
        identifiability = examine(pair_table(outcomes))
        met = outcomes.only(_met(outcomes))
        fitted = rate(met)
        labels = {group[0]: " = ".join(names.get(f, f[:12]) for f in group) for group in groups}
        ranked = by_rating(groups, fitted)
        place = {group[0]: index for index, group in enumerate(ranked)}
        return Board(
            collection=collection,
            kind=kind,
            category=category,
            entries=tuple(entry(group, names, fitted, values, rankings) for group in ranked),
            pairs=pair_counts(fitted, place),
            votes=len(outcomes),
            voters=len(np.unique(outcomes.voter)),
            identifiable=fitted.fit is not None,
            summary=summarise(met, fitted, kind, labels),
            explanation=explain(fitted, kind, labels, _unfinished(orders, complete, names, len(query_of))),
            missing=tuple(
                Missing(first=place[m.first], second=place[m.second], needed=_named(m.needed, labels))
                for m in identifiability.missing
            ),
        )

    def _in_battles(self, groups: Sequence[tuple[str, ...]], outcomes: Outcomes) -> tuple[tuple[str, ...], ...]:
        """Groups that people can meet: with a system of the roster, or one that was voted on."""
        real = {system.fingerprint for system in self._systems.roster()} | set(_met(outcomes))
        return tuple(group for group in groups if real & set(group))

    def _values(
        self, collection: str, orders: Mapping[str, Mapping[str, tuple[str, ...]]]
    ) -> dict[str, dict[str, float]]:
        qrels = self._collections.reader(collection).qrels()
        useful = {query: grades for query, grades in qrels.items() if any(grade > 0 for grade in grades.values())}
        found: dict[str, dict[str, float]] = {}
        for system, by_query in orders.items():
            judged = {query: order for query, order in by_query.items() if query in useful}
            kept = {query: useful[query] for query in judged}
            measured = evaluate_orders(judged, kept, (MEASURE,)) if judged else {}
            found[system] = {query: of[MEASURE] for query, of in measured.items()}
        return found


def _unfinished(
    orders: Mapping[str, Mapping[str, tuple[str, ...]]], complete: set[str], names: Mapping[str, str], total: int
) -> str:
    """Which systems have not ranked every list: their means are over other queries and not to be compared."""
    parts = [
        f"{names.get(system, system[:12])} ({len(orders[system])} of {total} queries ranked)"
        for system in sorted(set(orders) - complete)
    ]
    return f"Not measured yet: {', '.join(parts)}." if parts else ""


def _met(outcomes: Outcomes) -> list[str]:
    """Systems with at least one outcome: one that nobody has met yet must not keep the others from being rated."""
    return [outcomes.systems[i] for i in np.unique(np.concatenate([outcomes.left, outcomes.right]))]


def _groups(orders: Mapping[str, Mapping[str, tuple[str, ...]]], outcomes: Outcomes) -> tuple[tuple[str, ...], ...]:
    alone = tuple((system,) for system in outcomes.systems if system not in orders)
    return (*merge_equal(orders), *alone)


def _named(text: str, labels: Mapping[str, str]) -> str:
    for fingerprint, label in labels.items():
        text = text.replace(fingerprint, label)
    return text
