"""The trace of a ranking: made by a replay as a job, kept in memory for those who look at it.

A trace shows documents, prompts and the name of the system, so whoever may not compare systems by name may not see one
(core/services/permissions.py); the arena has none. Nothing is kept in the store: a replay costs little, because its
answers are in the engine's cache.
"""

from __future__ import annotations

import threading
import uuid
from collections import OrderedDict
from pathlib import Path

from core.domain.documents import CandidateList
from core.domain.errors import EngineError
from core.domain.jobs import Job, JobKind
from core.domain.ports import Engine
from core.domain.systems import System
from core.domain.traces import Trace
from core.domain.work import Event, Progress, RankFailed, Traced, TraceWork
from core.services.benchmarks.engine_work import EngineWork
from core.services.collections import CollectionService
from core.services.jobs import JobService
from core.services.systems import SystemService
from core.services.task import Task

MOST_REQUESTS = 25_000  # in all traces that are kept; the newest one is always kept

Key = tuple[str, str, tuple[float, ...] | None]


class TracingService:
    """Starts traces and hands them out. Safe to use from every thread."""

    def __init__(
        self, engine: Engine, collections: CollectionService, systems: SystemService, jobs: JobService
    ) -> None:
        self._engine, self._collections, self._systems, self._jobs = engine, collections, systems, jobs
        self._lock = threading.Lock()
        self._made: OrderedDict[Key, Trace] = OrderedDict()
        self._running: dict[Key, str] = {}

    def start(self, candidates: CandidateList, spec: str) -> Job:
        """Replay the ranking of ``candidates`` by ``spec`` with everything recorded; a replay under way is joined."""
        system = self._systems.resolve(spec)
        key = _key(system, candidates)
        with self._lock:
            known = self._running.get(key)
            if known is None:
                job_id = self._running[key] = uuid.uuid4().hex[:16]
        if known is not None:
            return self._jobs.get(known)
        return self._jobs.work(
            lambda task: self._replay(task, key, system, candidates),
            kind=JobKind.TRACE,
            title=f"Trace of {system.spec}: {candidates.query.text[:60]}",
            request={"system": system.spec, "list": candidates.hash},
            job_id=job_id,
        )

    def running(self, candidates: CandidateList, spec: str) -> Job | None:
        """The replay of this ranking that is under way."""
        with self._lock:
            known = self._running.get(_key(self._systems.resolve(spec), candidates))
        return None if known is None else self._jobs.get(known)

    def of(self, candidates: CandidateList, spec: str) -> Trace | None:
        """The trace of this ranking, if this process has made it and still keeps it."""
        key = _key(self._systems.resolve(spec), candidates)
        with self._lock:
            if key in self._made:
                self._made.move_to_end(key)
            return self._made.get(key)

    def _replay(self, task: Task, key: Key, system: System, candidates: CandidateList) -> str:
        try:
            self._keep(key, self._traced(task, system, candidates))
        finally:
            with self._lock:
                self._running.pop(key, None)
        return ""

    def _traced(self, task: Task, system: System, candidates: CandidateList) -> Trace:
        """EngineError with the reason where there is none."""
        heard: list[Trace] = []
        reasons: list[str] = []

        def hear(event: Event) -> None:
            if isinstance(event, Traced):
                heard.append(event.trace)
            elif isinstance(event, RankFailed):
                reasons.append(event.message)
            elif isinstance(event, Progress):
                task.report(done=event.done, total=event.total, message=event.note)

        work = TraceWork(job=task.id, system=system, candidates=candidates, collections=self._paths(candidates))
        if error := EngineWork(self._engine, task).do(work, hear):
            reasons.append(error)
        if not heard:
            raise EngineError(reasons[0] if reasons else f"{system.spec}: the engine said nothing.")
        return heard[-1]

    def _keep(self, key: Key, trace: Trace) -> None:
        with self._lock:
            self._made[key] = trace
            self._made.move_to_end(key)
            while len(self._made) > 1 and sum(map(_kept, self._made.values())) > MOST_REQUESTS:
                self._made.popitem(last=False)

    def _paths(self, candidates: CandidateList) -> tuple[tuple[str, Path], ...]:
        found = candidates.collection
        return () if found is None else ((found, self._collections.get(found).path),)


def _key(system: System, candidates: CandidateList) -> Key:
    return system.fingerprint, candidates.hash, candidates.first_stage_scores


def _kept(trace: Trace) -> int:
    return trace.asked - trace.left_out
