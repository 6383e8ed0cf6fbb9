"""Rank jobs: hand work to the engine, keep every finished ranking, let a job be found again and resumed."""

from __future__ import annotations

import logging
import threading
import uuid
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from itertools import product
from pathlib import Path

from core.domain.canonical import Json
from core.domain.documents import CandidateList
from core.domain.errors import InvalidInputError, RunoffError, UnknownNameError
from core.domain.jobs import Job, JobKind, JobState
from core.domain.models import ModelEntry
from core.domain.ports import Engine, Store
from core.domain.systems import System
from core.domain.work import FetchWork, Priority, RankWork
from core.services.candidates import CandidateService
from core.services.collections import CollectionService
from core.services.follower import Follower
from core.services.ownership import Owner
from core.services.systems import SystemService

log = logging.getLogger(__name__)
SAVE_EVERY_SECONDS = 1.0


class JobService:
    """Starts, follows, cancels and resumes jobs. Progress lives in memory and, once a second, in the store."""

    def __init__(
        self,
        store: Store,
        engine: Engine,
        candidates: CandidateService,
        collections: CollectionService,
        systems: SystemService,
        owner: Owner,
    ) -> None:
        self._store = store
        self._engine = engine
        self._candidates = candidates
        self._collections = collections
        self._systems = systems
        self._owner = owner
        self._live: dict[str, Follower] = {}
        self._lock = threading.Lock()

    def rank(
        self,
        systems: Sequence[System],
        lists: Sequence[CandidateList],
        *,
        kind: JobKind,
        title: str,
        then: Callable[[Job], None] = lambda _job: None,
        job_id: str | None = None,
    ) -> Job:
        """Rank every list with every system that has no ranking of it yet; ``then`` runs when it ended."""
        missing = self._missing(systems, lists)
        request = {"systems": [s.spec for s in systems], "lists": [made.hash for made in lists]}
        job = self._new_job(kind, title, request, total=len(missing), job_id=job_id)
        if not missing:
            self._store.update_job(job.id, state=JobState.DONE)
            finished = self._store.job(job.id)
            then(finished)
            return finished
        work = RankWork(
            job=job.id,
            systems=tuple(systems),
            lists=tuple(lists),
            tasks=tuple(missing),
            collections=self._paths(lists),
            priority=Priority.INTERACTIVE if kind is JobKind.COMPARE else Priority.BACKGROUND,
        )
        self._follow(job, then, work)
        return job

    def fetch(self, entry: ModelEntry) -> Job:
        """Download a model of the hub."""
        job = self._new_job(JobKind.FETCH, f"Download {entry.id}", {"model": entry.id}, total=0)
        self._follow(job, lambda _job: None, FetchWork(job=job.id, model=entry))
        return job

    def get(self, job_id: str) -> Job:
        """The job as it stands this moment; UnknownNameError where there is none."""
        with self._lock:
            follower = self._live.get(job_id)
        return follower.snapshot() if follower else self._store.job(job_id)

    def active(self) -> tuple[Job, ...]:
        """Jobs that are queued or running, newest first."""
        return tuple(self.get(job.id) for job in self._store.jobs(active_only=True))

    def recent(self, limit: int = 20) -> tuple[Job, ...]:
        """The newest jobs."""
        return tuple(self.get(job.id) for job in self._store.jobs(limit=limit))

    def cancel(self, job_id: str) -> None:
        """Stop a job; everything finished stays. InvalidInputError for a job that runs in another process."""
        with self._lock:
            mine = job_id in self._live
        if mine:
            self._engine.cancel(job_id)
            return
        job = self._store.job(job_id)
        if job.state.ended:
            return
        if self._owner.alive(job.owner):
            raise InvalidInputError("This job runs in another process, such as a command line. Stop it there.")
        self._store.update_job(job_id, state=JobState.CANCELLED, message="Its process is gone; finished rankings stay.")

    def wait(self, job_id: str, timeout: float | None = None) -> Job:
        """Block until the job ended (or ``timeout`` seconds passed)."""
        with self._lock:
            follower = self._live.get(job_id)
        if follower is not None:
            follower.ended.wait(timeout)
        return self.get(job_id)

    def resume(self) -> tuple[Job, ...]:
        """Take over COMPARE and FETCH jobs whose process is gone; PREPARE jobs are started anew by the arena."""
        resumed: list[Job] = []
        for job in self._store.jobs(active_only=True):
            with self._lock:
                known = job.id in self._live
            if known or self._owner.alive(job.owner):
                continue
            try:
                resumed += self._resume(job)
            except (UnknownNameError, RunoffError) as error:
                self._store.update_job(job.id, state=JobState.FAILED, message=str(error))
        return tuple(resumed)

    def _resume(self, job: Job) -> list[Job]:
        if not isinstance(job.request, dict) or job.kind is JobKind.PREPARE:
            self._store.update_job(job.id, state=JobState.CANCELLED, message="Interrupted; finished rankings are kept.")
            return []
        if job.kind is JobKind.FETCH:
            self._store.update_job(
                job.id, state=JobState.CANCELLED, message="Interrupted; downloading again goes on where it stopped."
            )
            return []
        specs, hashes = job.request["systems"], job.request["lists"]
        systems = [self._systems.resolve(str(spec)) for spec in specs]
        lists = [self._candidates.load(str(hash)) for hash in hashes]
        return [self.rank(systems, lists, kind=job.kind, title=job.title, job_id=job.id)]

    def _missing(self, systems: Sequence[System], lists: Sequence[CandidateList]) -> list[tuple[int, int]]:
        known = {
            (ranking.system, ranking.candidates)
            for ranking in self._store.rankings([made.hash for made in lists], [s.fingerprint for s in systems])
        }
        pairs = product(range(len(systems)), range(len(lists)))
        return [(s, c) for s, c in pairs if (systems[s].fingerprint, lists[c].hash) not in known]

    def _new_job(self, kind: JobKind, title: str, request: Json, total: int, job_id: str | None = None) -> Job:
        now = datetime.now(UTC)
        job = Job(
            id=job_id or uuid.uuid4().hex[:16],
            kind=kind,
            state=JobState.RUNNING,
            title=title,
            request=request,
            done=0,
            total=total,
            message="",
            created_at=now,
            updated_at=now,
            owner=self._owner.name,
        )
        self._store.save_job(job)
        return job

    def _follow(self, job: Job, then: Callable[[Job], None], work: RankWork | FetchWork) -> None:
        follower = Follower(self._store, job, then)
        with self._lock:
            self._live = {id: live for id, live in self._live.items() if not live.ended.is_set()}
            self._live[job.id] = follower
        self._engine.submit(work, follower)

    def _paths(self, lists: Sequence[CandidateList]) -> tuple[tuple[str, Path], ...]:
        found = sorted({made.collection for made in lists if made.collection is not None})
        return tuple((fingerprint, self._collections.get(fingerprint).path) for fingerprint in found)
