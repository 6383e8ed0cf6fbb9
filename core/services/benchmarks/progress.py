"""How far a benchmark is, read from the store: the same from every process, whoever runs it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from core.domain.benchmarks import BenchmarkPlan
from core.domain.ports import Store
from core.domain.systems import System
from core.domain.variants import WHOLE
from core.services.benchmarks.cells import VariantLists, known_lists
from core.services.benchmarks.forecast import Forecaster, Left, Scene
from core.services.benchmarks.plans import PlanService
from core.services.benchmarks.probes import ProbeBook
from core.services.benchmarks.views import Cell, Progress
from core.services.candidates import CandidateService
from core.services.collections import CollectionService
from core.services.systems import SystemService

Counts = Mapping[str, tuple[int, int]]  # fingerprint to lists ranked and lists failed


class ProgressService:
    """Nothing is remembered but what never changes."""

    def __init__(
        self,
        store: Store,
        plans: PlanService,
        systems: SystemService,
        collections: CollectionService,
        candidates: CandidateService,
        probes: ProbeBook,
    ) -> None:
        self._store = store
        self._plans = plans
        self._systems = systems
        self._collections = collections
        self._candidates = candidates
        self._probes = probes
        self._forecaster = Forecaster(store)

    def of(self, plan: BenchmarkPlan, *, running: bool = False) -> Progress:
        """Every cell and probe of the plan as it stands. What failed is left to do (a start tries it again), but not
        by a job that is ``running``."""
        systems = [self._systems.resolve(spec) for spec in plan.systems]
        sets = known_lists(plan, self._store, self._plans, self._candidates)
        counts = [self._counts(systems, lists) for lists in sets]
        cells = [
            cell
            for lists, mine in zip(sets, counts, strict=True)
            for cell in self._cells(plan, systems, lists, sets[0], mine, counts[0], running)
        ]
        unknown = {cell.system for cell in cells if cell.variant == WHOLE and _open(cell) and cell.seconds_left is None}
        wanted = self._probes.wanted(plan)
        probed = min(plan.probe_queries, sets[0].queries)
        return Progress(
            cells=tuple(cells),
            probes=len(wanted) * len(systems),
            probes_done=len(self._probes.valid(plan, systems, probed)),
            unmeasured=tuple(system.spec for system in systems if system.spec in unknown),
        )

    def _counts(self, systems: Sequence[System], lists: VariantLists) -> Counts:
        return self._store.ranked_counts(tuple(lists.hashes.values()), [system.fingerprint for system in systems])

    def _cells(
        self,
        plan: BenchmarkPlan,
        systems: Sequence[System],
        lists: VariantLists,
        whole: VariantLists,
        counts: Counts,
        whole_counts: Counts,
        running: bool,
    ) -> list[Cell]:
        """One form of the lists by every system."""
        failing = [name for name, (_, failed) in counts.items() if failed]
        reasons = self._store.failure_reasons(tuple(lists.hashes.values()), failing) if failing else {}
        open = {name: lists.total - done - running * failed for name, (done, failed) in counts.items()}
        left: dict[str, Left] = {}
        if any(rest > 0 for rest in open.values()):
            documents = self._collections.get(plan.collection).documents
            depth = min(plan.first_stage.depth, documents)
            scene = Scene(
                plan=plan.id,
                lists=lists,
                whole=whole,
                sizes=self._forecaster.sizes(lists, depth),
                whole_sizes=self._forecaster.sizes(whole, depth),
                documents=documents,
                ranked={name: done for name, (done, _) in counts.items()},
                whole_ranked={name: done for name, (done, _) in whole_counts.items()},
                paid=frozenset(counts),
            )
            for system in systems:
                if (rest := open[system.fingerprint]) > 0:
                    left[system.fingerprint] = self._forecaster.left(system, scene, rest)
        return [_cell(system, lists, counts, left, reasons) for system in systems]


def _open(cell: Cell) -> bool:
    return cell.done + cell.failed < cell.total


def _cell(
    system: System,
    lists: VariantLists,
    counts: Counts,
    left: Mapping[str, Left],
    reasons: Mapping[str, str],
) -> Cell:
    name = system.fingerprint
    done, failed = counts[name]
    coming = left.get(name)
    return Cell(
        system=system.spec,
        variant=lists.variant,
        done=done,
        failed=failed,
        total=lists.total,
        calls=coming.calls if coming else 0,
        exact=coming.exact if coming else True,
        seconds_left=coming.seconds if coming else 0.0,
        reason=reasons.get(name, ""),
    )
