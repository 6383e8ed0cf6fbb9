"""What the services need from the outside: an engine and a store. Implemented in core/engine and db.

What the store knows about votes is in core/domain/vote_ports.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

from core.domain.benchmarks import BenchmarkPlan, Probe
from core.domain.collections import Collection
from core.domain.documents import CandidateList
from core.domain.jobs import Failure, Job, JobState
from core.domain.models import ModelEntry
from core.domain.precision import PrecisionCheck
from core.domain.rankings import ExecutedCost, LogicalCost, Ranking
from core.domain.systems import System
from core.domain.vote_ports import VoteLogStore, VoteStore
from core.domain.work import EngineStatus, Event, Work

Listener = Callable[[Event], None]


class Engine(Protocol):
    """The engine process seen from the front: work goes in, events come back on a thread of its own."""

    def submit(self, work: Work, listener: Listener) -> None:
        """Start ``work``; ``listener`` hears every event of the job, ``Ended`` last, exactly once.

        Returns at once. Never raises for a dead engine: the work waits for the restart or ends with an error.
        """
        ...

    def cancel(self, job: str) -> None:
        """Ask for the end of a job; ``Ended(cancelled=True)`` follows. Unknown jobs are ignored."""
        ...

    def status(self) -> EngineStatus:
        """What the engine is doing now."""
        ...

    def unload(self, model: str) -> None:
        """Give back the memory of a loaded model; whoever asks it again loads it anew. Unknown ids are ignored."""
        ...

    def close(self) -> None:
        """Stop the process."""
        ...


class CandidateRecord(Protocol):
    """A stored candidate list: ``documents`` is None when they lie in the collection's own file."""

    @property
    def collection(self) -> str | None: ...
    @property
    def query_id(self) -> str: ...
    @property
    def query_text(self) -> str: ...
    @property
    def category(self) -> str: ...
    @property
    def document_ids(self) -> tuple[str, ...]: ...
    @property
    def first_stage(self) -> str: ...
    @property
    def scores(self) -> tuple[float, ...] | None: ...
    @property
    def inline(self) -> CandidateList | None: ...


class CollectionStore(Protocol):
    """Registered collections and frozen candidate lists."""

    def add_collection(self, collection: Collection) -> None:
        """Register; InvalidInputError where name or fingerprint is taken."""
        ...

    def collections(self) -> tuple[Collection, ...]:
        """All, the sample first, then by name."""
        ...

    def save_candidates(self, lists: Iterable[CandidateList], *, set_name: str = "") -> None:
        """Keep lists by hash; documents are stored inline only where ``collection`` is None.

        ``set_name`` (with the collection) groups lists, e.g. "written candidates" or "bm25 top 20".
        """
        ...

    def candidate_sets(self, collection: str) -> tuple[str, ...]:
        """Names of a collection's sets, the one with most lists first."""
        ...

    def candidate_set(self, collection: str, set_name: str) -> dict[str, str]:
        """Query id to list hash of one set."""
        ...

    def candidates_record(self, hash: str) -> CandidateRecord:
        """One stored list; UnknownNameError where absent."""
        ...


class RankingStore(Protocol):
    """Systems that were run, their rankings and failures."""

    def save_system(self, system: System) -> None:
        """Keep the description of a system by fingerprint; harmless when known."""
        ...

    def system_specs(self) -> dict[str, str]:
        """Fingerprint to canonical specification of every system ever saved."""
        ...

    def save_ranking(self, ranking: Ranking) -> None:
        """Keep; the first ranking of (system, candidates) stays. Clears an earlier failure."""
        ...

    def save_failure(self, failure: Failure) -> None:
        """Keep the reason why there is no ranking."""
        ...

    def rankings(self, candidates: Sequence[str], systems: Sequence[str] | None = None) -> tuple[Ranking, ...]:
        """Rankings of these lists, of these systems (None: of all)."""
        ...

    def failures(self, candidates: Sequence[str]) -> tuple[Failure, ...]:
        """Failures for these lists."""
        ...

    def seconds_per_call(self, systems: Sequence[str]) -> dict[str, float]:
        """Mean executed seconds per executed call of each system that has run here without cache hits only."""
        ...

    def sampled_costs(self, systems: Sequence[str]) -> tuple[tuple[LogicalCost, ExecutedCost], ...]:
        """Costs of some rankings of these systems, of each at most two hundred."""
        ...


class JobStore(Protocol):
    """Jobs and their progress."""

    def save_job(self, job: Job) -> None:
        """Insert or replace."""
        ...

    def update_job(
        self,
        id: str,
        *,
        state: JobState | None = None,
        done: int | None = None,
        total: int | None = None,
        message: str | None = None,
        owner: str | None = None,
    ) -> None:
        """Change the given fields; an ended job stays ended unless ``state`` is QUEUED (resume)."""
        ...

    def claim_job(self, id: str, before: str, owner: str) -> bool:
        """Make ``owner`` the owner of a job that has not ended and is still owned by ``before``; whether it was."""
        ...

    def job(self, id: str) -> Job:
        """One job; UnknownNameError where absent."""
        ...

    def jobs(self, *, active_only: bool = False, limit: int = 50) -> tuple[Job, ...]:
        """Newest first."""
        ...


class ModelStore(Protocol):
    """Models registered by people, beside the catalogue and the configuration."""

    def save_model(self, entry: ModelEntry) -> None: ...

    def models(self) -> tuple[ModelEntry, ...]: ...

    def remove_model(self, id: str) -> None: ...


class BenchmarkStore(Protocol):
    """Benchmark plans and latency probes."""

    def save_plan(self, plan: BenchmarkPlan) -> None:
        """Insert; InvalidInputError where the id or the name (within the collection) is taken."""
        ...

    def plan(self, id: str) -> BenchmarkPlan:
        """One plan; UnknownNameError where absent."""
        ...

    def plans(self, collection: str | None = None) -> tuple[BenchmarkPlan, ...]:
        """Newest first."""
        ...

    def remove_plan(self, id: str) -> None:
        """Forget a plan; rankings and probes stay. Harmless where absent."""
        ...

    def save_probe(self, probe: Probe) -> None:
        """Append; the newest of (system, collection, depth, machine) counts."""
        ...

    def probes(self, systems: Sequence[str], collection: str | None = None) -> tuple[Probe, ...]:
        """The newest probe of every (system, collection, depth, machine) of these systems, newest first."""
        ...

    def ranked_counts(self, candidates: Sequence[str], systems: Sequence[str]) -> dict[str, tuple[int, int]]:
        """System to how many of these lists it has ranked, and how many it failed on."""
        ...

    def ranked_pairs(self, candidates: Sequence[str], systems: Sequence[str]) -> set[tuple[str, str]]:
        """System and list of every ranking of these lists by these systems."""
        ...

    def failure_reasons(self, candidates: Sequence[str], systems: Sequence[str]) -> dict[str, str]:
        """System to the reason of one of its failures on these lists, for those that failed on any."""
        ...

    def candidate_sizes(self, candidates: Sequence[str]) -> dict[str, int]:
        """List hash to its number of documents; lists that are not stored are left out."""
        ...

    def costs_here(
        self, candidates: Sequence[str], systems: Sequence[str]
    ) -> dict[str, tuple[tuple[LogicalCost, ExecutedCost], ...]]:
        """Costs of up to 50 rankings of these lists by each system, for those that ranked any."""
        ...


class PrecisionStore(Protocol):
    """What lower precisions were measured to change."""

    def save_precision_check(self, check: PrecisionCheck) -> None:
        """Append; the newest of (system, device) counts."""
        ...

    def precision_checks(self) -> tuple[PrecisionCheck, ...]:
        """The newest of every (system, device), newest first."""
        ...


class Store(
    CollectionStore,
    RankingStore,
    JobStore,
    VoteStore,
    VoteLogStore,
    ModelStore,
    BenchmarkStore,
    PrecisionStore,
    Protocol,
):
    """Everything that must survive, in one database; every write is one transaction."""

    def close(self) -> None: ...
