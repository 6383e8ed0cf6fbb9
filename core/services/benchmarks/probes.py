"""Which latencies a plan needs, which were measured here before, and what becomes of a measurement."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from core.domain.benchmarks import BenchmarkPlan, Probe
from core.domain.documents import CandidateList
from core.domain.ports import Engine, Store
from core.domain.systems import System
from core.domain.variants import WHOLE, Variant
from core.domain.work import Probed
from core.services.benchmarks.cells import VariantLists
from core.services.benchmarks.machines import same_machine


class ProbeBook:
    """The probes of plans, by system and depth. The depth of whole lists is that of the plan's candidates."""

    def __init__(self, store: Store, engine: Engine) -> None:
        self._store = store
        self._engine = engine

    def wanted(self, plan: BenchmarkPlan) -> dict[int, Variant]:
        """Depth to the form of the lists, the whole ones first; empty where the plan wants no probe."""
        if not plan.probe_queries:
            return {}
        return {plan.first_stage.depth: WHOLE, **{depth: Variant(first=depth) for depth in plan.depths}}

    def valid(
        self, plan: BenchmarkPlan, systems: Sequence[System], queries: int, *, since: datetime | None = None
    ) -> set[tuple[str, int]]:
        """System and depth of what need not be measured (again): on this machine, over ``queries`` lists at least,
        not all of them disturbed, and not before ``since``."""
        depths = self.wanted(plan)
        if not depths:
            return set()
        status = self._engine.status()
        found = self._store.probes([system.fingerprint for system in systems], plan.collection)
        return {
            (probe.system, probe.depth)
            for probe in found
            if probe.depth in depths
            and probe.wall_ms
            and len(probe.wall_ms) + probe.disturbed >= queries
            and (since is None or probe.measured_at >= since)
            and same_machine(probe, status)
        }

    def queries(self, plan: BenchmarkPlan, lists: VariantLists) -> tuple[str, ...]:
        """Ids of the queries that are probed: spread evenly over those that have a list, each the middle of an equal
        part, so the same for every system and depth."""
        ids = tuple(lists.hashes)
        wanted = min(plan.probe_queries, len(ids))
        return tuple(ids[(2 * place + 1) * len(ids) // (2 * wanted)] for place in range(wanted))

    def keep(
        self, plan: BenchmarkPlan, system: System, depth: int, lists: Sequence[CandidateList], heard: Sequence[Probed]
    ) -> Probe:
        """Save what was measured of one system at one depth; ``heard`` holds one event for each list that counts."""
        stored = {
            ranking.candidates: ranking.order
            for ranking in self._store.rankings([made.hash for made in lists], [system.fingerprint])
        }
        repeated = [event.order == stored[event.candidates] for event in heard if event.candidates in stored]
        last = heard[-1]
        probe = Probe(
            system=system.fingerprint,
            collection=plan.collection,
            depth=depth,
            wall_ms=tuple(event.wall_ms for event in heard if event.wall_ms is not None),
            disturbed=sum(event.wall_ms is None for event in heard),
            memory=last.memory,
            device=last.device,
            machine=last.machine,
            measured_at=datetime.now(UTC),
            orders_equal=sum(repeated) / len(repeated) if repeated else None,
        )
        self._store.save_probe(probe)
        return probe
