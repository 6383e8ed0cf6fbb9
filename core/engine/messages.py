"""What travels between the front process and the engine beside work and events."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from core.domain.work import CacheState, Event, ResidentModel, Work


@dataclass(frozen=True, slots=True, kw_only=True)
class Configure:
    """The first message to a fresh engine process.

    ``extra_files``: strategy files of the user, loaded by path. ``suspects``: keys of the batch that was
    running when the last process died; they are answered one at a time. ``poisoned``: key and reason of
    what killed a process while it ran alone; it is refused. ``beat_s``: seconds between signs of life.
    """

    cache_dir: Path
    device: str
    threads: int
    answer_cache_mb: int
    model_memory_mb: int
    beat_s: float = 1.0
    extra_files: tuple[Path, ...] = ()
    suspects: tuple[str, ...] = ()
    poisoned: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Submit:
    """Start a piece of work."""

    work: Work


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancel:
    """Give up a job."""

    job: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Pardon:
    """No work is left: what was suspected or poisoned may be tried again by those who ask again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unload:
    """Give back the memory of a model, by its id; whoever asks it again loads it anew. Unknown ids are ignored."""

    model: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """End the process now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """Sent when the process is ready, when models are loaded or given back, and at most once a second for the cache.

    ``detail``: what a person should know; the rest as in core.domain.work.EngineStatus.
    """

    device: str
    machine: str
    models: tuple[ResidentModel, ...] = ()
    model_memory_bytes: int = 0
    cache: CacheState = field(default_factory=CacheState)
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Began:
    """Something that might kill the process starts: a batch (request keys), a load, a retrieval. No keys: what was
    announced before was given up, so it neither runs any longer nor has it shown that it is harmless."""

    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """What ``Began`` announced is over, and what was answered of it is in the cache."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Beat:
    """A sign of life: ``turn`` grows while work advances; ``activity`` names what runs ("" when idle)."""

    turn: int
    activity: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """An event of a job."""

    event: Event


ToWorker = Configure | Submit | Cancel | Pardon | Unload | Stop
FromWorker = State | Began | Finished | Beat | Said
Message = ToWorker | FromWorker
