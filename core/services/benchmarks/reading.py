"""Reads the rankings of a benchmark, each system once: what is complete never changes."""

from __future__ import annotations

import sys
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace

from core.domain.benchmarks import BenchmarkPlan, Probe
from core.domain.errors import InvalidInputError, UnknownNameError
from core.domain.ports import Store
from core.domain.systems import System
from core.domain.variants import WHOLE, Variant
from core.services.benchmarks.kept import Kept
from core.services.benchmarks.measured import Floats, Measured, judged_in_top, measure_values, measured
from core.services.benchmarks.scope import Scope, plan_scope, variant_lists
from core.services.benchmarks.system_lists import LogicalMeans, Orders, SystemLists, read_lists
from core.services.candidates import CandidateService
from core.services.collections import CollectionService
from core.services.systems import SystemService

SCOPES, SYSTEMS = 16, 512
Resolved = tuple[tuple[System, ...], tuple[str, ...]]  # systems, and specifications that mean nothing here now
DOCUMENTS = 4_000_000  # ranked documents kept at once, 8 bytes each and their names: about 40 MB
NUMBERS = 2_000_000  # values of measures kept at once: 16 MB
JUDGMENTS = 300_000  # queries and judgments of the scopes kept at once: some 50 MB


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Look:
    """How far a plan has come. ``systems``: those that ranked or failed on every list, in the order of the plan.

    ``open``: specifications of the others, also of those whose model is not known here any more. ``failed``: system to
    lists it failed on. ``probes``: newest first. ``state``: another whenever any of this is different.
    """

    plan: BenchmarkPlan
    collection: str
    scope: Scope
    systems: tuple[System, ...]
    open: tuple[str, ...]
    failed: Mapping[str, int]
    probes: tuple[Probe, ...]
    state: Hashable

    def system(self, spec: str) -> System:
        """A complete system by its specification; InvalidInputError for any other."""
        for system in self.systems:
            if system.spec == spec:
                return system
        known = ", ".join(system.spec for system in self.systems) or "none yet"
        raise InvalidInputError(f"{spec!r} has not ranked every query of this benchmark. Complete: {known}.")

    def check_measure(self, measure: str) -> None:
        """InvalidInputError where the plan does not have this measure."""
        if measure not in self.plan.measures:
            known = ", ".join(self.plan.measures)
            raise InvalidInputError(f"This benchmark does not measure {measure!r}. It measures: {known}.")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Values:
    """Of one system: ``measures``: name to values; ``judged``: mean share of the first ten that have a judgment."""

    measures: Mapping[str, Measured]
    judged: float

    @property
    def weight(self) -> int:
        """How many numbers it holds at most."""
        return sum(3 * len(found.values) for found in self.measures.values())


class BenchmarkReader:
    """Looks at plans; keeps what was read and measured last."""

    def __init__(
        self, store: Store, collections: CollectionService, candidates: CandidateService, systems: SystemService
    ) -> None:
        self._hash_of = candidates.hash_of
        self._store = store
        self._collections = collections
        self._systems = systems
        self._scopes: Kept[Scope] = Kept(SCOPES, most_weight=JUDGMENTS, weigh=lambda scope: scope.weight)
        self._lists: Kept[SystemLists] = Kept(SYSTEMS, most_weight=DOCUMENTS, weigh=lambda lists: lists.weight)
        self._ids: Kept[SystemLists] = Kept(SCOPES, most_weight=DOCUMENTS, weigh=lambda lists: lists.weight)
        self._values: Kept[Values] = Kept(SYSTEMS, most_weight=NUMBERS, weigh=lambda values: values.weight)
        self._plain: Kept[Floats] = Kept(SYSTEMS, most_weight=NUMBERS, weigh=len)
        self._resolved: Kept[Resolved] = Kept(SCOPES)
        self._finished: Kept[frozenset[str]] = Kept(SCOPES)

    def look(self, plan: BenchmarkPlan) -> Look:
        """Cheap: a few counts. UnknownNameError where the collection is not here."""
        collection = self._collections.get(plan.collection).fingerprint
        scope = self._scope(plan, collection)
        known, unknown = self._resolved.get(plan.systems, self._store.models(), lambda: self._resolve(plan))
        names = [system.fingerprint for system in known]
        failed = self._failed(collection, scope, names) if scope.complete else {}
        complete = [system for system in known if system.fingerprint in failed]
        unfinished = tuple(system.spec for system in known if system.fingerprint not in failed)
        probes = self._store.probes([system.fingerprint for system in complete], collection)
        return Look(
            plan=plan,
            collection=collection,
            scope=scope,
            systems=tuple(complete),
            open=(*unfinished, *unknown),
            failed=failed,
            probes=probes,
            state=(scope.digest, known, tuple(failed.items()), unfinished, unknown, probes),
        )

    def variant(self, look: Look, variant: Variant) -> Look:
        """The same over lists so changed, as far as they are there: for depth all of them or nobody is complete."""
        lists = variant_lists(look.plan, look.collection, look.scope, variant, self._store)
        scope = replace(look.scope, lists=lists, digest=self._hash_of(lists))
        whole = bool(variant.shuffle) or len(lists) == len(look.scope.lists)
        failed = self._failed(look.collection, scope, [system.fingerprint for system in look.systems]) if whole else {}
        systems = tuple(system for system in look.systems if system.fingerprint in failed)
        return replace(look, scope=scope, systems=systems, failed=failed)

    def variant_complete(self, look: Look, system: System, variant: Variant) -> bool:
        """Whether the system has ranked or failed on every list so changed."""
        return system.fingerprint in self.variant(look, variant).failed

    def lists(self, look: Look, system: System, variant: Variant = WHOLE) -> SystemLists:
        """Orders of a system, kept once it is complete."""
        if variant != WHOLE:
            return self.lists(self.variant(look, variant), system)
        if system.fingerprint not in look.failed:
            return read_lists(self._store, system.fingerprint, look.scope.lists)
        key = (look.collection, look.scope.digest, system.fingerprint)
        state = look.failed[system.fingerprint]
        return self._lists.get(key, state, lambda: read_lists(self._store, system.fingerprint, look.scope.lists))

    def candidates(self, look: Look) -> Orders:
        """Candidates of the judged queries in first-stage order, kept once every query has its list."""
        ids = self._ids.get((look.collection, look.scope.digest), None, lambda: self._candidate_ids(look.scope))
        return ids.orders

    def _candidate_ids(self, scope: Scope) -> SystemLists:
        found = {
            query: tuple(map(sys.intern, self._store.candidates_record(scope.lists[query]).document_ids))
            for query in scope.labels
            if query in scope.lists
        }
        return SystemLists(orders=found, means=LogicalMeans())

    def plain(self, look: Look, system: System, measure: str) -> Floats:
        """Values (n,) of one measure of a complete system over the judged queries, without bounds."""
        key = (look.collection, look.scope.digest, measure, system.fingerprint)
        orders, labels = self.lists(look, system).orders, look.scope.labels
        state = look.failed[system.fingerprint]
        return self._plain.get(key, state, lambda: measure_values(orders, labels, (measure,))[measure])

    def values(self, look: Look, system: System) -> Values:
        """Values of all measures of the plan over the judged queries."""
        key = (look.collection, look.scope.digest, look.plan.measures, system.fingerprint)
        return self._values.get(key, look.failed[system.fingerprint], lambda: self._measured(look, system))

    def _measured(self, look: Look, system: System) -> Values:
        orders, labels = self.lists(look, system).orders, look.scope.labels
        return Values(
            measures=measured(orders, labels, look.plan.measures) if labels else {},
            judged=judged_in_top(orders, labels),
        )

    def _scope(self, plan: BenchmarkPlan, collection: str) -> Scope:
        """Read again only while lists are missing, or where another revision of a model may have made them anew."""
        key = (collection, plan.first_stage, plan.queries, plan.category)
        known: Scope | None = self._scopes.peek(key)
        if known is not None and known.complete and not self._remade(plan, collection, known):
            return known
        made = plan_scope(plan, collection, self._collections.reader(collection), self._store, self._hash_of)
        return self._scopes.get(key, made.digest, lambda: made)

    def _remade(self, plan: BenchmarkPlan, collection: str, known: Scope) -> bool:
        if not plan.first_stage.retriever.embeds:
            return False
        stored = self._store.candidate_set(collection, plan.first_stage.set_name)
        return any(stored.get(query) != hash for query, hash in known.lists.items())

    def _failed(self, collection: str, scope: Scope, systems: Sequence[str]) -> dict[str, int]:
        """Complete systems to the lists they failed on. Who has ranked them all is not counted again: rankings stay."""
        key = (collection, scope.digest)
        finished = self._finished.peek(key) or frozenset()
        asked = [system for system in systems if system not in finished]
        counts = self._store.ranked_counts(scope.hashes, asked) if asked else {}
        ranked_all = {system for system, (ranked, _) in counts.items() if 0 < ranked == len(scope.hashes)}
        if ranked_all:
            everybody = finished | ranked_all
            self._finished.get(key, everybody, lambda: everybody)
        complete = {system: failed for system, (ranked, failed) in counts.items() if _complete(ranked, failed, scope)}
        return {system: complete.get(system, 0) for system in systems if system in finished or system in complete}

    def _resolve(self, plan: BenchmarkPlan) -> Resolved:
        known: dict[str, System] = {}
        unknown = []
        for spec in plan.systems:
            try:
                system = self._systems.resolve(spec)
            except (InvalidInputError, UnknownNameError):
                unknown.append(spec)  # its model was removed since; its rankings stay
                continue
            known[system.fingerprint] = system
        return tuple(known.values()), tuple(unknown)


def _complete(ranked: int, failed: int, scope: Scope) -> bool:
    return ranked > 0 and ranked + failed >= len(scope.hashes)
