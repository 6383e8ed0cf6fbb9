"""Jobs: work for the engine or a thread of this process that can be followed, cancelled, found again and resumed."""

from __future__ import annotations

import logging
import threading
import uuid
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from itertools import product
from pathlib import Path
from typing import Protocol, cast

from core.domain.canonical import Json
from core.domain.documents import CandidateList
from core.domain.errors import InvalidInputError, RunoffError
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
from core.services.task import Task
from core.services.waiting import waits_for

log = logging.getLogger(__name__)
CLOSE_SECONDS = 5.0
INTERRUPTED = {
    JobKind.PREPARE: "Interrupted; finished rankings are kept.",
    JobKind.FETCH: "Interrupted; downloading again goes on where it stopped.",
    JobKind.IMPORT: "Interrupted; nothing was imported. Import it again.",
    JobKind.PRECISION: "Interrupted; measure it again.",
    JobKind.TRACE: "Interrupted; open the trace again.",
}
"""What is said of a job whose process is gone and whose kind nobody resumes."""

Resumer = Callable[[Job], Job]


class _Live(Protocol):
    """A job of this process."""

    ended: threading.Event

    def snapshot(self) -> Job: ...

    def cancel(self) -> None: ...


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
        self._live: dict[str, _Live] = {}
        self._lock = threading.Lock()
        self._resumers: dict[JobKind, Resumer] = {JobKind.COMPARE: self._rank_again}

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

    def work(
        self,
        body: Callable[[Task], str],
        *,
        kind: JobKind,
        title: str,
        request: Json,
        total: int = 0,
        then: Callable[[Job], None] = lambda _job: None,
        job_id: str | None = None,
    ) -> Job:
        """Do ``body`` in a thread of this process, as a job; it returns the last message.

        ``body`` reports to its Task and looks often at ``cancelled()``; CancelledError from it ends the job as
        cancelled, any other error as failed with its message. ``then`` runs when it ended, not when the process closes.
        """
        job = self._new_job(kind, title, request, total, job_id)
        task = Task(self._store, job)
        self._know(job.id, task)
        threading.Thread(target=task.run, args=(body, then), name=f"job-{job.id}", daemon=True).start()
        return job

    def resumed_by(self, kind: JobKind, resumer: Resumer) -> None:
        """Say who takes over a job of this kind whose process is gone; it goes on under the same id."""
        self._resumers[kind] = resumer

    def abandoned(self, job: Job) -> bool:
        """Whether the job has not ended and no living process works on it."""
        with self._lock:
            mine = job.id in self._live
        return not (job.state.ended or mine or self._owner.alive(job.owner))

    def close(self) -> None:
        """Stop the threads; their jobs stay as they are for the next process. Call it when the engine is closed."""
        with self._lock:
            tasks = [live for live in self._live.values() if isinstance(live, Task)]
        for task in tasks:
            task.close()
        for task in tasks:
            if not task.ended.wait(CLOSE_SECONDS):
                log.warning("job %s did not stop within %s s", task.id, CLOSE_SECONDS)

    def get(self, job_id: str) -> Job:
        """The job as it stands this moment; UnknownNameError where there is none."""
        with self._lock:
            follower = self._live.get(job_id)
        return follower.snapshot() if follower else self._store.job(job_id)

    def waits_for(self, job_id: str) -> str:
        """What a running job of this process waits for that the engine has not begun; empty where it has."""
        with self._lock:
            live = self._live.get(job_id)
        if not isinstance(live, Follower) or live.begun:
            return ""
        others = [job for job in self.active() if job.id != job_id and job.owner == self._owner.name]
        return waits_for(self._engine.status(), others)

    def active(self) -> tuple[Job, ...]:
        """Jobs that are queued or running, newest first."""
        return tuple(self.get(job.id) for job in self._store.jobs(active_only=True))

    def recent(self, limit: int = 20) -> tuple[Job, ...]:
        """The newest jobs."""
        return tuple(self.get(job.id) for job in self._store.jobs(limit=limit))

    def cancel(self, job_id: str) -> None:
        """Stop a job; everything finished stays. InvalidInputError for a job that runs in another process."""
        with self._lock:
            mine = self._live.get(job_id)
        if mine is not None:
            mine.cancel()
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
        """Take over the jobs whose process is gone and whose kind can be resumed; the others end as cancelled."""
        return tuple(job for left in self._store.jobs(active_only=True) if (job := self.take_over(left)) is not None)

    def take_over(self, job: Job) -> Job | None:
        """Resume one job under its own id; None where it is nobody's to resume, or ended because it cannot be."""
        if not self.abandoned(job):
            return None
        resumer = self._resumers.get(job.kind)
        if resumer is None or not isinstance(job.request, dict):
            message = INTERRUPTED.get(job.kind, "Interrupted.")
            self._store.update_job(job.id, state=JobState.CANCELLED, message=message)
            return None
        if not self._store.claim_job(job.id, job.owner, self._owner.name):
            return None  # another process was quicker
        try:
            return resumer(job)
        except RunoffError as error:
            self._store.update_job(job.id, state=JobState.FAILED, message=str(error))
            return None

    def _rank_again(self, job: Job) -> Job:
        request = cast(dict[str, list[str]], job.request)
        systems = [self._systems.resolve(str(spec)) for spec in request["systems"]]
        lists = [self._candidates.load(str(hash)) for hash in request["lists"]]
        return self.rank(systems, lists, kind=job.kind, title=job.title, job_id=job.id)

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
        follower = Follower(self._store, job, then, partial(self._engine.cancel, job.id))
        self._know(job.id, follower)
        self._engine.submit(work, follower)

    def _know(self, job_id: str, live: _Live) -> None:
        with self._lock:
            self._live = {id: known for id, known in self._live.items() if not known.ended.is_set()}
            self._live[job_id] = live

    def _paths(self, lists: Sequence[CandidateList]) -> tuple[tuple[str, Path], ...]:
        found = sorted({made.collection for made in lists if made.collection is not None})
        return tuple((fingerprint, self._collections.get(fingerprint).path) for fingerprint in found)
