"""Benchmark plans, latency probes, and how far rankings are (domain.ports.BenchmarkStore)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, Table, delete, func, insert, select
from sqlalchemy.exc import IntegrityError

from core.domain.benchmarks import BenchmarkPlan, Probe
from core.domain.errors import InvalidInputError, UnknownNameError
from core.domain.first_stages import FirstStage, Retriever
from core.domain.rankings import ExecutedCost, LogicalCost
from db.benchmark_schema import plans, probes
from db.part import StorePart, in_chunks
from db.schema import candidate_lists, failures, rankings

_SAMPLE = 50  # rankings of a system that its pace on some lists is read from


class SqlBenchmarks(StorePart):
    """Implements domain.ports.BenchmarkStore."""

    def save_plan(self, plan: BenchmarkPlan) -> None:
        """Insert; InvalidInputError where the id or the name (within the collection) is taken."""
        try:
            with self.database.write("benchmark NOT saved") as connection:
                connection.execute(insert(plans), _plan_row(plan))
        except IntegrityError as error:
            raise InvalidInputError(
                f"There is already a benchmark named {plan.name!r} on this collection. Choose another name."
            ) from error

    def plan(self, id: str) -> BenchmarkPlan:
        """One plan; UnknownNameError where absent."""
        with self.database.read() as connection:
            row = connection.execute(select(plans).where(plans.c.id == id)).one_or_none()
        if row is None:
            raise UnknownNameError("benchmark", id)
        return _plan(row)

    def plans(self, collection: str | None = None) -> tuple[BenchmarkPlan, ...]:
        """Newest first."""
        wanted = select(plans).order_by(plans.c.created_at.desc(), plans.c.id)
        if collection is not None:
            wanted = wanted.where(plans.c.collection == collection)
        with self.database.read() as connection:
            return tuple(_plan(row) for row in connection.execute(wanted))

    def remove_plan(self, id: str) -> None:
        """Forget a plan; rankings and probes stay. Harmless where absent."""
        with self.database.write("benchmark NOT removed") as connection:
            connection.execute(delete(plans).where(plans.c.id == id))

    def save_probe(self, probe: Probe) -> None:
        """Append; the newest of (system, collection, depth, machine) counts."""
        with self.database.write("latency NOT saved") as connection:
            connection.execute(insert(probes), _probe_row(probe))

    def probes(self, systems: Sequence[str], collection: str | None = None) -> tuple[Probe, ...]:
        """The newest probe of every (system, collection, depth, machine) of these systems, newest first."""
        key = (probes.c.system, probes.c.collection, probes.c.depth, probes.c.machine)
        newest = select(func.max(probes.c.number).label("number")).group_by(*key)
        found: list[Row[Any]] = []
        with self.database.read() as connection:
            for chunk in in_chunks(systems):
                mine = newest.where(probes.c.system.in_(chunk))
                if collection is not None:
                    mine = mine.where(probes.c.collection == collection)
                last = mine.subquery()
                found += connection.execute(select(probes).join(last, last.c.number == probes.c.number))
        return tuple(_probe(row) for row in sorted(found, key=lambda row: -row.number))

    def ranked_counts(self, candidates: Sequence[str], systems: Sequence[str]) -> dict[str, tuple[int, int]]:
        """System to how many of these lists it has ranked, and how many it failed on.

        Read from indexes alone: eight systems over a thousand lists take about 20 ms.
        """
        ranked, failed = self._counts(rankings, candidates, systems), self._counts(failures, candidates, systems)
        return {system: (ranked[system], failed[system]) for system in systems}

    def ranked_pairs(self, candidates: Sequence[str], systems: Sequence[str]) -> set[tuple[str, str]]:
        """System and list of every ranking of these lists by these systems."""
        found: set[tuple[str, str]] = set()
        with self.database.read() as connection:
            for chunk in in_chunks(candidates):
                wanted = select(rankings.c.system, rankings.c.candidates).where(
                    rankings.c.candidates.in_(chunk), rankings.c.system.in_(systems)
                )
                found |= {(row.system, row.candidates) for row in connection.execute(wanted)}
        return found

    def failure_reasons(self, candidates: Sequence[str], systems: Sequence[str]) -> dict[str, str]:
        """System to the reason of one of its failures on these lists, for those that failed on any."""
        found: dict[str, str] = {}
        reason = func.max(failures.c.message).label("reason")
        with self.database.read() as connection:
            for chunk in in_chunks(candidates):
                wanted = select(failures.c.system, reason).where(
                    failures.c.candidates.in_(chunk), failures.c.system.in_(systems)
                )
                found |= {row.system: row.reason for row in connection.execute(wanted.group_by(failures.c.system))}
        return found

    def candidate_sizes(self, candidates: Sequence[str]) -> dict[str, int]:
        """List hash to its number of documents; lists that are not stored are left out."""
        found: dict[str, int] = {}
        size = func.json_array_length(candidate_lists.c.document_ids).label("size")
        with self.database.read() as connection:
            for chunk in in_chunks(candidates):
                wanted = select(candidate_lists.c.hash, size).where(candidate_lists.c.hash.in_(chunk))
                found |= {row.hash: int(row.size) for row in connection.execute(wanted)}
        return found

    def costs_here(
        self, candidates: Sequence[str], systems: Sequence[str]
    ) -> dict[str, tuple[tuple[LogicalCost, ExecutedCost], ...]]:
        """Costs of up to 50 rankings of these lists by each system, for those that ranked any."""
        found: dict[str, tuple[tuple[LogicalCost, ExecutedCost], ...]] = {}
        with self.database.read() as connection:
            for system in systems:
                costs: list[tuple[LogicalCost, ExecutedCost]] = []
                for chunk in in_chunks(candidates):
                    wanted = select(rankings.c.logical, rankings.c.executed).where(
                        rankings.c.candidates.in_(chunk), rankings.c.system == system
                    )
                    rows = connection.execute(wanted.limit(_SAMPLE - len(costs)))
                    costs += [(LogicalCost(**row.logical), ExecutedCost(**row.executed)) for row in rows]
                    if len(costs) == _SAMPLE:
                        break
                if costs:
                    found[system] = tuple(costs)
        return found

    def _counts(self, table: Table, candidates: Sequence[str], systems: Sequence[str]) -> Counter[str]:
        found: Counter[str] = Counter()
        with self.database.read() as connection:
            for chunk in in_chunks(candidates):
                wanted = (
                    select(table.c.system, func.count().label("lists"))
                    .where(table.c.candidates.in_(chunk), table.c.system.in_(systems))
                    .group_by(table.c.system)
                )
                for row in connection.execute(wanted):
                    found[row.system] += row.lists
        return found


def _plan_row(plan: BenchmarkPlan) -> dict[str, object]:
    stage = plan.first_stage
    return {
        "id": plan.id,
        "collection": plan.collection,
        "name": plan.name,
        "created_at": plan.created_at,
        "settings": {
            "systems": plan.systems,
            "first_stage": [str(stage.retriever), stage.depth, stage.source],
            "queries": plan.queries,
            "category": plan.category,
            "measures": plan.measures,
            "baseline": plan.baseline,
            "depths": plan.depths,
            "shuffles": plan.shuffles,
            "shuffled_queries": plan.shuffled_queries,
            "probe_queries": plan.probe_queries,
        },
    }


def _plan(row: Row[Any]) -> BenchmarkPlan:
    settings: dict[str, Any] = dict(row.settings)
    retriever, depth, source = settings.pop("first_stage")
    lists: dict[str, Any] = {name: tuple(settings.pop(name)) for name in ("systems", "queries", "measures", "depths")}
    return BenchmarkPlan(
        id=row.id,
        name=row.name,
        collection=row.collection,
        first_stage=FirstStage(retriever=Retriever(retriever), depth=depth, source=source),
        created_at=row.created_at,
        **lists,
        **settings,
    )


def _probe_row(probe: Probe) -> dict[str, object]:
    return {
        "system": probe.system,
        "collection": probe.collection,
        "depth": probe.depth,
        "machine": probe.machine,
        "device": probe.device,
        "wall_ms": probe.wall_ms,
        "disturbed": probe.disturbed,
        "memory": [list(pair) for pair in probe.memory],
        "orders_equal": probe.orders_equal,
        "measured_at": probe.measured_at,
    }


def _probe(row: Row[Any]) -> Probe:
    return Probe(
        system=row.system,
        collection=row.collection,
        depth=row.depth,
        wall_ms=tuple(row.wall_ms),
        disturbed=row.disturbed,
        memory=tuple((model, size) for model, size in row.memory),
        device=row.device,
        machine=row.machine,
        measured_at=row.measured_at,
        orders_equal=row.orders_equal,
    )
