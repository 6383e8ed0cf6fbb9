"""Which rankings run now: the order in which jobs are let in, and how many at once.

Every running generator holds its documents and answers, so the number of candidates in work is bounded
per priority; interactive jobs are let in first, and among equals the one with least in work.

Within a job, rankings are let in as they were asked for, which is how whole lists of quick systems come before slow
ones. Only systems that do nothing but embed with the same model go list by list: what they embed is the same texts, and
a text that all of them want at once runs once.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field

from core.domain.models import ModelKind
from core.domain.systems import System
from core.domain.work import Priority, RankWork
from core.worker.progress import JobProgress
from core.worker.residency import model_key
from core.worker.tracing import Recording

ACTIVE_DOCUMENTS = 2000
PENDING_REQUESTS = {Priority.INTERACTIVE: 8192, Priority.BACKGROUND: 4096}


@dataclass(slots=True, eq=False)
class RankJob:
    """``waiting``: indices of system and list not yet let in; ``documents``: candidates in work; ``open``: rankings.

    ``tied``: those that are let in with the one before them, whatever is in work. ``forecasts``: expected calls by
    system fingerprint and number of candidates. ``recording``: of a job that wants to know everything that happens.
    """

    work: RankWork
    progress: JobProgress
    waiting: deque[tuple[int, int]] = field(default_factory=deque)
    tied: frozenset[tuple[int, int]] = frozenset()
    documents: int = 0
    open: int = 0
    forecasts: dict[tuple[str, int], int] = field(default_factory=dict)
    recording: Recording | None = None

    @property
    def over(self) -> bool:
        """Whether every ranking is delivered."""
        return not self.waiting and not self.open


def admit(jobs: Iterable[RankJob], pending: int) -> RankJob | None:
    """The job whose next ranking may start now; ``pending``: requests that wait for models."""
    jobs = list(jobs)
    if bound := next((job for job in jobs if job.waiting and job.waiting[0] in job.tied), None):
        return bound
    for priority in sorted(Priority):
        peers = [job for job in jobs if job.work.priority == priority]
        in_work = sum(job.documents for job in peers)
        if in_work and (in_work >= ACTIVE_DOCUMENTS or pending >= PENDING_REQUESTS[priority]):
            continue
        waiting = [job for job in peers if job.waiting]
        if waiting:
            return min(waiting, key=lambda job: (job.documents, job.progress.served_s))
    return None


def in_order(work: RankWork) -> tuple[deque[tuple[int, int]], frozenset[tuple[int, int]]]:
    """The tasks of a job in the order of admission, and which of them are tied to the one before."""
    embedders = [_embedders(system) for system in work.systems]
    partners: dict[tuple[frozenset[str], int], list[tuple[int, int]]] = {}
    for system, made in work.tasks:
        partners.setdefault((embedders[system], made), []).append((system, made))
    order: list[tuple[int, int]] = []
    tied: set[tuple[int, int]] = set()
    for system, made in work.tasks:
        if not embedders[system]:
            order.append((system, made))
            continue
        together = partners.pop((embedders[system], made), [])
        order += together
        tied.update(together[1:])
    return deque(order), frozenset(tied)


def _embedders(system: System) -> frozenset[str]:
    """Keys of the models of a system that does nothing but embed; empty for any other."""
    only = system.models and all(model.kind == ModelKind.EMBEDDER for model in system.models)
    return frozenset(model_key(model) for model in system.models) if only else frozenset()
