"""Measures latencies for one job: one system at one depth after the other, each kept as soon as it is whole."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from core.domain.benchmarks import BenchmarkPlan
from core.domain.documents import CandidateList
from core.domain.systems import System
from core.domain.work import Event, Probed, ProbeWork, Progress, RankFailed
from core.services.benchmarks.cells import VariantLists
from core.services.benchmarks.engine_work import EngineWork
from core.services.benchmarks.probes import ProbeBook
from core.services.candidates import CandidateService
from core.services.task import Task


class Prober:
    """Measures for one job."""

    def __init__(
        self,
        book: ProbeBook,
        candidates: CandidateService,
        engine: EngineWork,
        task: Task,
        collections: tuple[tuple[str, Path], ...],
    ) -> None:
        self._book = book
        self._candidates = candidates
        self._engine = engine
        self._task = task
        self._collections = collections
        self._problems: list[tuple[str, str]] = []  # what was not measured, and why

    @property
    def problems(self) -> list[str]:
        """What could not be measured: the reason of the first, which is mostly that of the others, and their names."""
        if not self._problems:
            return []
        (what, reason), *others = self._problems
        said = f"Latency of {what} was not measured: {reason}"
        return [said, f"Nor was that of {'; '.join(other for other, _ in others)}."] if others else [said]

    def measure(
        self, plan: BenchmarkPlan, systems: Sequence[System], sets: Sequence[VariantLists], since: datetime | None
    ) -> None:
        """Everything of the plan that was not measured on this machine before (``since``: from then on)."""
        queries = self._book.queries(plan, sets[0])
        if not queries:
            return
        by_variant = {lists.variant: lists for lists in sets}
        known = self._book.valid(plan, systems, len(queries), since=since)
        for depth, variant in self._book.wanted(plan).items():
            missing = [system for system in systems if (system.fingerprint, depth) not in known]
            hashes = [by_variant[variant].hashes[id] for id in queries]
            lists = [self._candidates.load(hash) for hash in hashes] if missing else []
            for system in missing:
                self._measure(plan, system, depth, lists)

    def _measure(self, plan: BenchmarkPlan, system: System, depth: int, lists: Sequence[CandidateList]) -> None:
        heard: list[Probed] = []
        reasons: list[str] = []
        where = f" on the first {depth}" if depth != plan.first_stage.depth else ""
        self._task.report(message=f"latency of {system.spec}{where}: loading")

        def hear(event: Event) -> None:
            if isinstance(event, Probed):
                heard.append(event)
                self._task.advance()
                done = f"{len(heard)} of {len(lists)} queries"
                self._task.report(message=f"latency of {system.spec}{where}: {done}")
            elif isinstance(event, RankFailed):
                reasons.append(event.message)
            elif isinstance(event, Progress) and not heard and event.note:
                note = event.note.removeprefix(f"latency of {system.spec}: ")
                self._task.report(message=f"latency of {system.spec}{where}: {note}")

        work = ProbeWork(
            job=f"{self._task.id}-{uuid.uuid4().hex[:8]}",
            systems=(system,),
            lists=tuple(lists),
            collections=self._collections,
        )
        if error := self._engine.do(work, hear):
            reasons.append(error)
        self._task.advance(len(lists) - len(heard))
        if len(heard) == len(lists):
            self._book.keep(plan, system, depth, lists, heard)
        else:
            reason = reasons[0] if reasons else "the engine said nothing"
            self._problems.append((f"{system.spec} at depth {depth}", reason))
