"""Plans: what may be asked for, in canonical form, and which queries a plan is about."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime
from typing import Protocol

from core.domain.benchmarks import DEFAULT_MEASURES, BenchmarkPlan
from core.domain.collections import Collection, Qrels
from core.domain.documents import Query
from core.domain.errors import InvalidInputError, UnknownNameError
from core.domain.first_stages import FirstStage, Retriever, stage_of_set
from core.domain.ports import BenchmarkStore, CollectionStore
from core.measures.effectiveness import evaluate_ranking
from core.measures.names import parse_measure
from core.services.benchmarks.kept import Kept
from core.services.benchmarks.scope import given_queries
from core.services.collections import CollectionService
from core.services.systems import BASELINE, SystemService
from core.settings import Limits

DEFAULT_STAGE = FirstStage()
MAX_SYSTEMS, MAX_SHUFFLES, MAX_NAME = 100, 20, 200
KEPT = 16  # plans whose queries are remembered


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a person asks for; the fields of a BenchmarkPlan before they are checked."""

    collection: str
    systems: tuple[str, ...]
    name: str = ""
    stage: FirstStage = DEFAULT_STAGE
    queries: tuple[str, ...] = ()
    category: str = ""
    measures: tuple[str, ...] = DEFAULT_MEASURES
    baseline: str = BASELINE
    depths: tuple[int, ...] = ()
    shuffles: int = 0
    shuffled_queries: int = 20
    probe_queries: int = 20


class PlanStore(BenchmarkStore, CollectionStore, Protocol):
    """What plans are kept in and checked against."""


class PlanService:
    """Makes and keeps plans. Plans and collections never change, so what was read of them is remembered."""

    def __init__(
        self, store: PlanStore, collections: CollectionService, systems: SystemService, limits: Limits
    ) -> None:
        self._store = store
        self._collections = collections
        self._systems = systems
        self._limits = limits
        self._queries: Kept[tuple[Query, ...]] = Kept(KEPT)

    def create(self, wanted: Wanted) -> BenchmarkPlan:
        """Check and keep; InvalidInputError says what is not allowed."""
        plan = self._checked(wanted)
        self._store.save_plan(plan)
        return plan

    def ensure(self, wanted: Wanted) -> BenchmarkPlan:
        """The plan that says exactly this, or a new one; InvalidInputError where its name says something else."""
        plan = self._checked(wanted)
        for known in self._store.plans(plan.collection):
            named = replace(known, name=plan.name) if not wanted.name.strip() else known
            if not (other := _differences(named, plan)):
                return known
            if wanted.name.strip() and known.name == plan.name:
                raise InvalidInputError(
                    f"There is another benchmark named {plan.name!r} on this collection, with other "
                    f"{', '.join(other)}. Choose another name."
                )
        self._store.save_plan(plan)
        return plan

    def all(self, collection: str | None = None) -> tuple[BenchmarkPlan, ...]:
        """Newest first."""
        return self._store.plans(None if collection is None else self._collections.get(collection).fingerprint)

    def query_texts(self, plan: BenchmarkPlan) -> tuple[Query, ...]:
        """The queries that the plan is about, in the collection's order."""
        return self._queries.get((plan.collection, plan.queries, plan.category), None, lambda: self._read(plan))

    def _read(self, plan: BenchmarkPlan) -> tuple[Query, ...]:
        chosen = set(plan.queries)
        return tuple(
            query
            for query in self._collections.reader(plan.collection).queries()
            if (not chosen or query.id in chosen) and (not plan.category or query.category == plan.category)
        )

    def queries(self, plan: BenchmarkPlan) -> tuple[str, ...]:
        """Their ids."""
        return tuple(query.id for query in self.query_texts(plan))

    def listed(self, plan: BenchmarkPlan, known: Mapping[str, str]) -> tuple[str, ...]:
        """Their ids without those that the given lists of the plan lack. ``known``: query id to hash of the lists."""
        given = given_queries(plan.first_stage, self._collections.reader(plan.collection), known)
        return tuple(id for id in self.queries(plan) if not given or id in given)

    def median_query(self, plan: BenchmarkPlan) -> str:
        """The id of the query of median length in characters."""
        ordered = sorted(self.query_texts(plan), key=lambda query: (len(query.text), query.id))
        return ordered[len(ordered) // 2].id

    def _checked(self, wanted: Wanted) -> BenchmarkPlan:
        collection = self._collections.get(wanted.collection)
        wanted = replace(wanted, stage=self._checked_stage(collection, wanted.stage))
        _check_numbers(wanted)
        systems, baseline = self._resolved(wanted)
        return BenchmarkPlan(
            id=uuid.uuid4().hex[:16],
            name=self._name(wanted, collection, len(systems)),
            collection=collection.fingerprint,
            systems=systems,
            first_stage=wanted.stage,
            queries=self._checked_queries(collection, wanted),
            category=wanted.category,
            measures=_checked_measures(wanted.measures, self._collections.reader(collection.fingerprint).qrels()),
            baseline=baseline,
            depths=_checked_depths(wanted.depths, wanted.stage),
            shuffles=wanted.shuffles,
            shuffled_queries=wanted.shuffled_queries,
            probe_queries=wanted.probe_queries,
            created_at=datetime.now(UTC),
        )

    def _checked_stage(self, collection: Collection, stage: FirstStage) -> FirstStage:
        """``stage``; lists that came along are as deep as the longest, whatever depth was asked for: latencies and the
        depth sweep say how deep they are."""
        if stage.retriever is Retriever.WRITTEN:
            listed = self._collections.reader(collection.fingerprint).listed()
            if not listed:
                raise InvalidInputError(
                    f"{collection.name!r} came without candidate lists. Choose another first stage."
                )
            return replace(stage, depth=max(listed.values()))
        if not 1 <= stage.depth <= self._limits.max_candidates:
            raise InvalidInputError(f"Depth must be 1 to {self._limits.max_candidates}, not {stage.depth}.")
        if stage.retriever is Retriever.RUN:
            known = [name for name in self._store.candidate_sets(collection.fingerprint) if stage_of_set(name)]
            if stage.set_name not in known:
                raise InvalidInputError(
                    f"There is no run {stage.source!r} of depth {stage.depth} for {collection.name!r}. "
                    f"Give the run first. Known: {', '.join(sorted(known)) or 'none'}."
                )
        return stage

    def _resolved(self, wanted: Wanted) -> tuple[tuple[str, ...], str]:
        """Canonical specifications, the baseline among them, and the baseline's."""
        if not wanted.systems:
            raise InvalidInputError("Choose at least one system.")
        baseline = self._systems.resolve(wanted.baseline or BASELINE).spec
        specs = tuple(dict.fromkeys(self._systems.resolve(spec).spec for spec in wanted.systems))
        if baseline not in specs:
            specs = (baseline, *specs)
        if len(specs) > MAX_SYSTEMS:
            raise InvalidInputError(f"At most {MAX_SYSTEMS} systems, not {len(specs)}.")
        return specs, baseline

    def _checked_queries(self, collection: Collection, wanted: Wanted) -> tuple[str, ...]:
        every = self._collections.reader(collection.fingerprint).queries()
        if wanted.queries and wanted.category:
            raise InvalidInputError("Choose queries or a category, not both.")
        if wanted.category and wanted.category not in (known := {query.category for query in every}):
            raise UnknownNameError("category", wanted.category, tuple(sorted(known - {""})))
        chosen = set(wanted.queries)
        if unknown := chosen - {query.id for query in every}:
            raise InvalidInputError(f"{collection.name!r} has no query {sorted(unknown)[0]!r}.")
        if not every:
            raise InvalidInputError(f"{collection.name!r} has no queries.")
        return () if len(chosen) == len(every) else tuple(query.id for query in every if query.id in chosen)

    def _name(self, wanted: Wanted, collection: Collection, systems: int) -> str:
        if given := wanted.name.strip():
            if len(given) > MAX_NAME:
                raise InvalidInputError(f"A name may have {MAX_NAME} characters, not {len(given)}.")
            return given
        taken = {plan.name for plan in self._store.plans(collection.fingerprint)}
        base = f"{systems} systems, {wanted.stage.set_name}"
        numbered = (f"{base} ({number})" for number in range(2, len(taken) + 3))
        return next(name for name in (base, *numbered) if name not in taken)


def _check_numbers(wanted: Wanted) -> None:
    for name, value, most in (
        ("shuffles", wanted.shuffles, MAX_SHUFFLES),
        ("shuffled_queries", wanted.shuffled_queries, None),
        ("probe_queries", wanted.probe_queries, None),
    ):
        if value < 0 or (most is not None and value > most):
            raise InvalidInputError(f"{name} must be 0{f' to {most}' if most else ' or more'}, not {value}.")
    if wanted.shuffles and not wanted.shuffled_queries:
        raise InvalidInputError("shuffled_queries must be at least 1 where there are shuffles.")


def _checked_measures(measures: Sequence[str], qrels: Qrels) -> tuple[str, ...]:
    """Measures that can be computed with these grades: ERR ends at grade 4."""
    if not measures:
        raise InvalidInputError("Choose at least one measure.")
    for measure in measures:
        parse_measure(measure)
    highest = max((grade for grades in qrels.values() for grade in grades.values()), default=0)
    evaluate_ranking(["any"], {"any": highest}, measures)
    return tuple(dict.fromkeys(measures))


def _checked_depths(depths: Sequence[int], stage: FirstStage) -> tuple[int, ...]:
    for depth in depths:
        if not 1 <= depth <= stage.depth:
            raise InvalidInputError(f"Depths lie between 1 and that of the candidates, {stage.depth}; not {depth}.")
    return tuple(sorted({depth for depth in depths if depth < stage.depth}))


def _differences(first: BenchmarkPlan, second: BenchmarkPlan) -> tuple[str, ...]:
    """Names of the fields in which two plans say something else."""
    settled = (field.name for field in fields(BenchmarkPlan) if field.name not in ("id", "created_at"))
    return tuple(name for name in settled if getattr(first, name) != getattr(second, name))
