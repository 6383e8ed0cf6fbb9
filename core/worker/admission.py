"""Which rankings run now: the order in which jobs are let in, and how many at once.

Every running generator holds its documents and answers, so the number of candidates in work is bounded
per priority; interactive jobs are let in first, and among equals the one with least in work.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field

from core.domain.work import Priority, RankWork
from core.worker.progress import JobProgress

ACTIVE_DOCUMENTS = 2000
PENDING_REQUESTS = {Priority.INTERACTIVE: 8192, Priority.BACKGROUND: 4096}


@dataclass(slots=True, eq=False)
class RankJob:
    """``waiting``: indices of system and list not yet let in; ``documents``: candidates in work; ``open``: rankings.

    ``forecasts``: expected calls by system fingerprint and number of candidates.
    """

    work: RankWork
    progress: JobProgress
    waiting: deque[tuple[int, int]] = field(default_factory=deque)
    documents: int = 0
    open: int = 0
    forecasts: dict[tuple[str, int], int] = field(default_factory=dict)

    @property
    def over(self) -> bool:
        """Whether every ranking is delivered."""
        return not self.waiting and not self.open


def admit(jobs: Iterable[RankJob], pending: int) -> RankJob | None:
    """The job whose next ranking may start now; ``pending``: requests that wait for models."""
    jobs = list(jobs)
    for priority in sorted(Priority):
        peers = [job for job in jobs if job.work.priority == priority]
        in_work = sum(job.documents for job in peers)
        if in_work and (in_work >= ACTIVE_DOCUMENTS or pending >= PENDING_REQUESTS[priority]):
            continue
        waiting = [job for job in peers if job.waiting]
        if waiting:
            return min(waiting, key=lambda job: (job.documents, job.progress.served_s))
    return None
