"""Keeps battles ready: ranks a collection's lists with the roster in the background, quick systems first."""

from __future__ import annotations

import logging
import threading
import time
import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.domain.errors import RunoffError, UnknownNameError
from core.domain.jobs import Job, JobKind, JobState
from core.domain.ports import Store
from core.domain.systems import System
from core.services.battles.pool import Pool, make_pool
from core.services.candidates import CandidateService
from core.services.collections import CollectionService
from core.services.jobs import JobService
from core.services.systems import SystemService, is_slow

log = logging.getLogger(__name__)
POOL_SECONDS = 2.0
FIRST_LISTS = 3  # ranked before all others, so that the first battle is there within seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kept:
    """A pool, when its state was last looked at (monotonic seconds), and that state."""

    checked: float
    state: object
    pool: Pool


class PreparationService:
    """Battle preparation per collection; idempotent, so that every start may call ``ensure``."""

    def __init__(
        self,
        store: Store,
        collections: CollectionService,
        candidates: CandidateService,
        systems: SystemService,
        jobs: JobService,
    ) -> None:
        self._store = store
        self._collections = collections
        self._candidates = candidates
        self._systems = systems
        self._jobs = jobs
        self._running: dict[str, str] = {}
        self._pools: dict[str, _Kept] = {}
        self._lock = threading.Lock()
        self._reading = threading.Lock()

    def ensure(self, collection: str) -> None:
        """Start preparing in the background whatever is missing; returns at once."""
        found = self._collections.get(collection)
        with self._lock:
            if found.fingerprint in self._running:
                return
            self._running[found.fingerprint] = ""
        threading.Thread(target=self._prepare, args=(found.fingerprint,), name="prepare", daemon=True).start()

    def running(self, collection: str) -> Job | None:
        """The running preparation of this collection."""
        fingerprint = self._collections.get(collection).fingerprint
        job_id = self._running.get(fingerprint)
        try:
            return self._jobs.get(job_id) if job_id else None
        except UnknownNameError:  # named a moment ago, not stored yet
            return None

    def preparing(self, collection: str) -> bool:
        """Whether a preparation is starting or running."""
        return self._collections.get(collection).fingerprint in self._running

    def pool(self, collection: str) -> Pool:
        """Every stored ranking of the roster for this collection; at most two seconds old.

        Read again only where rankings, lists or the roster are others, and by one thread; the others take what there
        is, or wait where there is nothing yet.
        """
        fingerprint = self._collections.get(collection).fingerprint
        cached = self._pools.get(fingerprint)
        if cached and time.monotonic() - cached.checked < POOL_SECONDS:
            return cached.pool
        if cached is None:
            self._reading.acquire()
        elif not self._reading.acquire(blocking=False):
            return cached.pool
        try:
            return self._looked_at(fingerprint)
        finally:
            self._reading.release()

    def _looked_at(self, fingerprint: str) -> Pool:
        cached = self._pools.get(fingerprint)
        if cached and time.monotonic() - cached.checked < POOL_SECONDS:
            return cached.pool  # read by whoever was before us
        lists = self._candidates.known(fingerprint)
        roster = [system.fingerprint for system in self._systems.roster()]
        state = (self._store.revision()[2], tuple(lists.values()), tuple(roster))
        pool = cached.pool if cached and cached.state == state else self._read(fingerprint, lists, roster)
        self._pools[fingerprint] = _Kept(checked=time.monotonic(), state=state, pool=pool)
        return pool

    def _read(self, fingerprint: str, lists: Mapping[str, str], roster: Sequence[str]) -> Pool:
        reader = self._collections.reader(fingerprint)
        orders: dict[str, dict[str, tuple[str, ...]]] = defaultdict(dict)
        for ranking in self._store.rankings(list(lists.values()), roster):
            orders[ranking.candidates][ranking.system] = ranking.order
        categories = {query.id: query.category for query in reader.queries()}
        return make_pool(orders, {lists[id]: categories.get(id, "") for id in lists})

    def _prepare(self, fingerprint: str) -> None:
        try:
            hashes = list(self._candidates.for_collection(fingerprint).values())
            lineup = self._systems.lineup()
            quick = [system for system in lineup if not is_slow(system)]
            slow = [system for system in lineup if is_slow(system)]
            self._rank(fingerprint, [(quick, hashes[:FIRST_LISTS]), (quick, hashes), (slow, hashes)])
        except RunoffError:
            log.exception("battles of collection %s could not be prepared", fingerprint[:12])
            self._done(fingerprint)

    def _rank(self, fingerprint: str, stages: list[tuple[list[System], list[str]]]) -> None:
        """One stage after the other, each a job of its own."""
        if not stages or not stages[0][1]:
            self._done(fingerprint)
            return
        (systems, hashes), rest = stages[0], stages[1:]
        lists = [self._candidates.load(hash) for hash in hashes]
        name = self._collections.get(fingerprint).name

        def then(job: Job) -> None:
            if job.state is JobState.DONE:
                self._rank(fingerprint, rest)
            else:
                self._done(fingerprint)

        title = f"Prepare battles on {name}: {', '.join(system.spec for system in systems)}"
        job_id = uuid.uuid4().hex[:16]
        self._running[fingerprint] = job_id  # before the job starts: it may end before ``rank`` returns
        self._jobs.rank(systems, lists, kind=JobKind.PREPARE, title=title, then=then, job_id=job_id)

    def _done(self, fingerprint: str) -> None:
        with self._lock:
            self._running.pop(fingerprint, None)
        self._pools.pop(fingerprint, None)
