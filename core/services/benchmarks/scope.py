"""What a plan is about: its queries, their candidate lists as far as they are there, and their judgments."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from core.domain.benchmarks import BenchmarkPlan
from core.domain.collections import CollectionReader
from core.domain.documents import Query
from core.domain.ports import CollectionStore
from core.domain.variants import WHOLE, Variant

HashOf = Callable[[Mapping[str, str]], str]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Scope:
    """``queries``: of the plan, in collection order. ``lists``: query id to list hash, in query order.

    ``labels``: query id to document id to grade, of the queries that have judgments, in query order. ``digest``: of
    the lists.
    """

    queries: tuple[Query, ...]
    lists: Mapping[str, str]
    labels: Mapping[str, Mapping[str, int]]
    digest: str

    @property
    def complete(self) -> bool:
        """Whether every query has its list, so that nothing will be added."""
        return len(self.lists) == len(self.queries)

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
    queries = tuple(
        query
        for query in reader.queries()
        if (not chosen or query.id in chosen) and (not plan.category or query.category == plan.category)
    )
    qrels = reader.qrels()
    lists = _lists(queries, store.candidate_set(fingerprint, plan.first_stage.set_name))
    return Scope(
        queries=queries,
        lists=lists,
        digest=hash_of(lists),
        labels={query.id: qrels[query.id] for query in queries if qrels.get(query.id)},
    )


def variant_lists(
    plan: BenchmarkPlan, fingerprint: str, scope: Scope, variant: Variant, store: CollectionStore
) -> Mapping[str, str]:
    """Query id to hash of the lists so changed, as far as they are there."""
    if variant == WHOLE:
        return scope.lists
    return _lists(scope.queries, store.candidate_set(fingerprint, variant.name(plan.first_stage.set_name)))


def _lists(queries: tuple[Query, ...], known: Mapping[str, str]) -> dict[str, str]:
    return {query.id: known[query.id] for query in queries if query.id in known}
