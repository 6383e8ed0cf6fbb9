"""The candidate lists of a plan, one set per variant, as far as they are in the store."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from core.domain.benchmarks import BenchmarkPlan
from core.domain.ports import CollectionStore
from core.domain.variants import WHOLE, Variant
from core.services.benchmarks.plans import PlanService
from core.services.candidates import CandidateService


@dataclass(frozen=True, slots=True, kw_only=True)
class VariantLists:
    """``hashes``: query id to list hash in query order, those that are made, of ``queries`` there will be.

    ``total``: different lists; two queries of the same words may share one, which is ranked once.
    """

    variant: Variant
    hashes: Mapping[str, str]
    queries: int

    @property
    def total(self) -> int:
        """How many lists each system has to rank."""
        return self.queries - len(self.hashes) + len(set(self.hashes.values()))


def known_lists(
    plan: BenchmarkPlan, store: CollectionStore, plans: PlanService, candidates: CandidateService
) -> tuple[VariantLists, ...]:
    """One set for each variant of the plan, in its order, read without making any.

    Written lists and given runs are there or not: queries without one are no part of the benchmark. Lists of another
    revision of a model are made anew, so they and what was changed from them count as missing.
    """
    whole = candidates.kept(plan.collection, plan.first_stage)
    ids = plans.listed(plan, whole)
    found: list[VariantLists] = []
    for variant in plan.variants:
        name = variant.name(plan.first_stage.set_name)
        stored = whole if variant == WHOLE else store.candidate_set(plan.collection, name)
        mine = shuffled_part(plan, ids) if variant.shuffle else ids
        hashes = {id: stored[id] for id in mine if id in stored and id in whole}
        found.append(VariantLists(variant=variant, hashes=hashes, queries=len(mine)))
    return tuple(found)


def shuffled_part(plan: BenchmarkPlan, ids: tuple[str, ...]) -> tuple[str, ...]:
    """The queries whose lists are also ranked shuffled: the first ones."""
    return ids[: plan.shuffled_queries]
