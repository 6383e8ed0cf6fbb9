"""Jobs: work that outlives a page, found again after a reload or a restart."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from core.domain.canonical import Json


class JobKind(StrEnum):
    """What a job does."""

    COMPARE = "compare"  # rank one or few lists for a person who waits
    PREPARE = "prepare"  # rank a collection's lists in the background for the arena
    FETCH = "fetch"  # download a model
    IMPORT = "import"  # read a collection
    BENCHMARK = "benchmark"  # rank and measure every cell of a plan
    PRECISION = "precision"  # measure what a lower precision of a model changes
    TRACE = "trace"  # repeat a ranking and tell everything that happens in it


class JobState(StrEnum):
    """QUEUED -> RUNNING -> DONE, FAILED or CANCELLED."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def ended(self) -> bool:
        """Whether nothing more will happen."""
        return self in (JobState.DONE, JobState.FAILED, JobState.CANCELLED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """``done`` of ``total`` in the job's own unit (rankings, bytes); ``request`` lets it be resumed."""

    id: str
    kind: JobKind
    state: JobState
    title: str
    request: Json
    done: int
    total: int
    message: str
    created_at: datetime
    updated_at: datetime
    owner: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why one system has no ranking of one candidate list."""

    system: str
    candidates: str
    message: str
