"""What the front process asks of the engine and what it hears back; core/engine/protocol.py has the wire."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path

from core.domain.documents import CandidateList, Query
from core.domain.models import ModelEntry
from core.domain.rankings import Ranking
from core.domain.systems import System
from core.domain.traces import Trace


class Priority(IntEnum):
    """Who is served first when several wait."""

    INTERACTIVE = 0
    BACKGROUND = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class RankWork:
    """Rank every list of ``tasks`` with its system; ``tasks`` pair indices of ``systems`` and ``lists``.

    ``collections``: fingerprint to path of every collection the lists come from (corpus statistics).
    """

    job: str
    systems: tuple[System, ...]
    lists: tuple[CandidateList, ...]
    tasks: tuple[tuple[int, int], ...]
    collections: tuple[tuple[str, Path], ...] = ()
    priority: Priority = Priority.INTERACTIVE


@dataclass(frozen=True, slots=True, kw_only=True)
class TraceWork:
    """Rank one list with one system once more and tell everything that happens (``Traced``) in place of a ranking.

    Strategies do the same on the same answers, and answers come from the cache, so this repeats a ranking that was
    made; what the cache has lost is computed again. ``collections`` as in RankWork.
    """

    job: str
    system: System
    candidates: CandidateList
    collections: tuple[tuple[str, Path], ...] = ()
    priority: Priority = Priority.INTERACTIVE


@dataclass(frozen=True, slots=True, kw_only=True)
class RetrieveWork:
    """First stage: the best ``depth`` documents of a collection for each query.

    ``method``: "bm25", "dense" or "hybrid"; the latter two need ``model``, an embedder.
    """

    job: str
    collection: str
    path: Path
    queries: tuple[Query, ...]
    method: str = "bm25"
    depth: int = 100
    model: ModelEntry | None = None
    priority: Priority = Priority.INTERACTIVE


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeWork:
    """Latency of systems: every list by every system, one at a time, warm, without the answer cache, nothing beside it.

    ``lists`` already have the depth that is measured. Each system first ranks ``warm_up`` lists that do not count.
    ``attempts``: how often a list is measured when other work came between, before it is given up as disturbed.
    ``done``: indices of system and list that are measured already and are left out (work that is resumed).
    """

    job: str
    systems: tuple[System, ...]
    lists: tuple[CandidateList, ...]
    warm_up: int = 2
    attempts: int = 3
    collections: tuple[tuple[str, Path], ...] = ()
    done: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchWork:
    """Download a model of the hub into the model cache; resumes what an earlier attempt left."""

    job: str
    model: ModelEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckWork:
    """Try to load a model (or reach an endpoint) and say what came of it."""

    job: str
    model: ModelEntry


Work = RankWork | TraceWork | RetrieveWork | ProbeWork | FetchWork | CheckWork


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranked:
    """One ranking is finished."""

    job: str
    ranking: Ranking


@dataclass(frozen=True, slots=True, kw_only=True)
class Traced:
    """What a trace was asked for."""

    job: str
    trace: Trace


@dataclass(frozen=True, slots=True, kw_only=True)
class RankFailed:
    """One system has no ranking of one list; the others go on."""

    job: str
    system: str
    candidates: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Retrieved:
    """The first stage of one query, frozen. Documents carry their text."""

    job: str
    candidates: CandidateList


@dataclass(frozen=True, slots=True, kw_only=True)
class Probed:
    """One list was ranked once with nothing beside it in ``wall_ms``; None where every attempt was disturbed.

    ``order``: document ids, best first. ``memory``: model id to resident bytes of every model of the system.
    """

    job: str
    system: str
    candidates: str
    wall_ms: float | None
    order: tuple[str, ...]
    memory: tuple[tuple[str, int], ...]
    device: str
    machine: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """``done`` of ``total`` model requests, bytes or queries; ``note`` says what is going on now."""

    job: str
    done: int
    total: int
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """The last event of a job. ``error`` is empty unless the whole job failed.

    ``interrupted``: the engine was closed first; nothing is wrong with the work, which may be resumed.
    """

    job: str
    cancelled: bool = False
    error: str = ""
    interrupted: bool = False


Event = Ranked | Traced | RankFailed | Retrieved | Probed | Progress | Ended


@dataclass(frozen=True, slots=True, kw_only=True)
class ResidentModel:
    """One loaded model. ``device``: "cpu", "cuda (NAME)" or "" for an endpoint; ``precision``: as in its entry.

    ``execution``: "packed", "padded (REASON)", "endpoint" or "index".
    """

    id: str
    memory_bytes: int
    device: str
    precision: str
    execution: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheState:
    """The answer cache. ``hits``, ``misses``: requests looked up since the engine process was started.

    ``disk_bytes``: what its file takes, answers of earlier processes included; ``limit_bytes``: what it may take.
    """

    hits: int = 0
    misses: int = 0
    disk_bytes: int = 0
    limit_bytes: int = 0

    @property
    def hit_rate(self) -> float | None:
        """Hits per request looked up, 0 to 1; None where nothing was asked yet."""
        asked = self.hits + self.misses
        return self.hits / asked if asked else None


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineStatus:
    """``state``: "starting", "ready", "restarting", "failed" or "stopped".

    ``models``: what is loaded, the least recently used first; ``model_memory_bytes``: what they may take together.
    ``cache``: as last told, at most once a second.
    """

    state: str
    detail: str = ""
    device: str = ""
    machine: str = ""
    models: tuple[ResidentModel, ...] = ()
    model_memory_bytes: int = 0
    cache: CacheState = CacheState()
    restarts: int = 0

    @property
    def resident(self) -> tuple[str, ...]:
        """Ids of the loaded models."""
        return tuple(model.id for model in self.models)
