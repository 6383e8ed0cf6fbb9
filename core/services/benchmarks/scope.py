"""What a plan is about: its queries, their candidate lists as far as they are there, and their judgments."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass

from core.domain.benchmarks import BenchmarkPlan
from core.domain.collections import CollectionReader
from core.domain.documents import Query
from core.domain.first_stages import FirstStage, Retriever
from core.domain.ports import CollectionStore
from core.domain.variants import WHOLE, Variant

HashOf = Callable[[Mapping[str, str]], str]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Scope:
    """``queries``: of the plan, in collection order, without those that given lists lack. ``lists``: query id to list
    hash, in query order.

    ``labels``: query id to document id to grade, of the queries that have judgments, in query order. ``digest``: of
    the lists; where the scope is complete, of the queries and labels as well.
    """

    queries: tuple[Query, ...]
    lists: Mapping[str, str]
    labels: Mapping[str, Mapping[str, int]]
    digest: str

    @property
    def complete(self) -> bool:
        """Whether every query has its list, so that nothing will be added. Before that nothing is a result: the
        queries without a list would count as if every system had failed on them."""
        return bool(self.lists) and len(self.lists) == len(self.queries)

    @property
    def weight(self) -> int:
        """Queries and judgments."""
        return len(self.queries) + sum(map(len, self.labels.values()))

    @property
    def hashes(self) -> tuple[str, ...]:
        """Different lists; queries of the same words may share one."""
        return tuple(dict.fromkeys(self.lists.values()))

    @property
    def judged(self) -> tuple[str, ...]:
        """Queries that have judgments."""
        return tuple(self.labels)


def plan_scope(
    plan: BenchmarkPlan, fingerprint: str, reader: CollectionReader, store: CollectionStore, hash_of: HashOf
) -> Scope:
    """The scope of the whole lists, as the store has them now."""
    chosen = set(plan.queries)
    stored = store.candidate_set(fingerprint, plan.first_stage.set_name)
    given = given_queries(plan.first_stage, reader, stored)
    queries = tuple(
        query
        for query in reader.queries()
        if (not chosen or query.id in chosen)
        and (not plan.category or query.category == plan.category)
        and (given is None or query.id in given)
    )
    qrels = reader.qrels()
    lists = _lists(queries, stored)
    return Scope(
        queries=queries,
        lists=lists,
        digest=hash_of(lists),
        labels={query.id: qrels[query.id] for query in queries if qrels.get(query.id)},
    )


def given_queries(stage: FirstStage, reader: CollectionReader, stored: Mapping[str, str]) -> Set[str] | None:
    """Queries for which written lists or a given run have a list; no other query is part of a benchmark over them.

    ``stored``: the set in the store. None for a first stage that makes the list of any query.
    """
    if stage.retriever is Retriever.WRITTEN:
        return reader.listed().keys()  # the store may have only those that somebody has looked at
    return stored.keys() if stage.retriever is Retriever.RUN else None


def variant_lists(
    plan: BenchmarkPlan, fingerprint: str, scope: Scope, variant: Variant, store: CollectionStore
) -> Mapping[str, str]:
    """Query id to hash of the lists so changed, as far as they are there."""
    if variant == WHOLE:
        return scope.lists
    return _lists(scope.queries, store.candidate_set(fingerprint, variant.name(plan.first_stage.set_name)))


def _lists(queries: tuple[Query, ...], known: Mapping[str, str]) -> dict[str, str]:
    return {query.id: known[query.id] for query in queries if query.id in known}
