"""What the job of a benchmark does: candidates, rankings, latency probe, each only as far as it is missing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path

from core.domain.benchmarks import BenchmarkPlan
from core.domain.errors import StorageError
from core.domain.ports import Engine, Store
from core.domain.variants import WHOLE, Variant
from core.domain.work import Priority
from core.services.benchmarks.cells import VariantLists, known_lists, shuffled_part
from core.services.benchmarks.engine_work import EngineWork
from core.services.benchmarks.plans import PlanService
from core.services.benchmarks.probes import ProbeBook
from core.services.benchmarks.probing import Prober
from core.services.benchmarks.ranking import Ranker
from core.services.candidates import CandidateService
from core.services.collections import CollectionService
from core.services.systems import SystemService
from core.services.task import Task

TOGETHER = 20  # lists changed between two looks at whether to stop


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """What a run works with."""

    store: Store
    engine: Engine
    collections: CollectionService
    candidates: CandidateService
    systems: SystemService
    plans: PlanService
    probes: ProbeBook


class BenchmarkRun:
    """One plan in the hands of one thread."""

    def __init__(self, tools: Tools, plan: BenchmarkPlan, task: Task) -> None:
        self._tools = tools
        self._plan = plan
        self._task = task
        self._engine = EngineWork(tools.engine, task)
        self._systems = [tools.systems.resolve(spec) for spec in plan.systems]

    def everything(self, since: datetime | None) -> str:
        """The whole benchmark; what is to be said at its end. ``since``: latencies from before do not count."""
        self._count(self._known(), since)
        sets = self._candidates()
        self._count(sets, since)
        ranker = self._ranker(Priority.BACKGROUND)
        ranker.rank(self._systems, sets)
        prober = Prober(self._tools.probes, self._tools.candidates, self._engine, self._task, self._paths)
        prober.measure(self._plan, self._systems, sets, since)
        self._check_recorded()
        return " ".join([*_failed(ranker.failed), *prober.problems])

    def _known(self) -> tuple[VariantLists, ...]:
        return known_lists(self._plan, self._tools.store, self._tools.plans, self._tools.candidates)

    def one_query(self, specs: Sequence[str]) -> str:
        """Rank the query of median length with these systems, so that their speed here is known."""
        query = self._tools.plans.median_query(self._plan)
        hashes = self._make(queries=(query,))
        systems = [system for system in self._systems if system.spec in specs]
        lists = VariantLists(variant=WHOLE, hashes=hashes, queries=len(hashes))
        ranker = self._ranker(Priority.INTERACTIVE)
        ranker.rank(systems, [lists])
        self._check_recorded()
        return " ".join(_failed(ranker.failed))

    def _candidates(self) -> tuple[VariantLists, ...]:
        """Every list of every variant, made where missing."""
        plan = self._plan
        whole = self._make(queries=plan.queries or (self._tools.plans.queries(plan) if plan.category else ()))
        sets: list[VariantLists] = []
        for variant in plan.variants:
            ids = shuffled_part(plan, tuple(whole)) if variant.shuffle else tuple(whole)
            hashes = self._changed({id: whole[id] for id in ids}, variant)
            sets.append(VariantLists(variant=variant, hashes=hashes, queries=len(hashes)))
        return tuple(sets)

    def _changed(self, whole: Mapping[str, str], variant: Variant) -> Mapping[str, str]:
        """One variant of the lists. What is kept is taken, but where another revision of a model may have made it."""
        if variant == WHOLE:
            return whole
        base, stage = self._plan.first_stage.set_name, self._plan.first_stage.retriever
        stored = self._tools.store.candidate_set(self._plan.collection, variant.name(base))
        known = {} if stage.embeds else stored
        found = {id: known[id] for id in whole if id in known}
        missing = iter([id for id in whole if id not in found])
        while part := list(islice(missing, TOGETHER)):
            self._task.check()
            self._task.report(message=f"candidates, {variant.name(base)}: {len(found)} of {len(whole)}")
            found |= self._tools.candidates.variants({id: whole[id] for id in part}, base, variant)
        return {id: found[id] for id in whole}

    def _make(self, queries: Sequence[str]) -> Mapping[str, str]:
        name = self._plan.first_stage.set_name

        def tell(done: int, total: int, note: str) -> None:
            self._task.report(message=f"candidates, {name}: {done} of {total}" + (f", {note}" if note else ""))

        self._task.report(message=f"candidates, {name}")
        return self._tools.candidates.make(
            self._plan.collection,
            self._plan.first_stage,
            queries=queries,
            progress=tell,
            cancelled=self._task.cancelled,
            job=self._task.id,
        )

    def _count(self, sets: Sequence[VariantLists], since: datetime | None) -> None:
        """Tell how much there is and how much is there: rankings, and lists of the latency probe."""
        names = [system.fingerprint for system in self._systems]
        ranked = 0
        for lists in sets:
            counts = self._tools.store.ranked_counts(tuple(lists.hashes.values()), names)
            ranked += sum(done for done, _ in counts.values())
        rankings = len(names) * sum(lists.total for lists in sets)
        probed = min(self._plan.probe_queries, sets[0].queries)
        measured = len(self._tools.probes.valid(self._plan, self._systems, probed, since=since))
        probes = len(names) * len(self._tools.probes.wanted(self._plan))
        self._task.report(done=ranked + probed * measured, total=rankings + probed * probes)

    def _ranker(self, priority: Priority) -> Ranker:
        tools = self._tools
        return Ranker(tools.store, tools.candidates, self._engine, self._task, self._paths, priority)

    @property
    def _paths(self) -> tuple[tuple[str, Path], ...]:
        collection = self._tools.collections.get(self._plan.collection)
        return ((collection.fingerprint, collection.path),)

    def _check_recorded(self) -> None:
        """StorageError where a result was made and could not be kept; the rest is there."""
        if self._engine.lost:
            raise StorageError(f"{self._engine.lost} Start it again to make what is missing.")


def _failed(count: int) -> list[str]:
    return [f"{count} {'ranking' if count == 1 else 'rankings'} failed."] if count else []
