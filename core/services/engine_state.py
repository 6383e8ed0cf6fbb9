"""The engine for people: what it holds, giving a model back, emptying the answer cache."""

from __future__ import annotations

from pathlib import Path

from core.domain.ports import Engine
from core.domain.work import EngineStatus
from core.services import answer_file


class EngineStateService:
    """Reads and steers the engine of this process."""

    def __init__(self, engine: Engine, cache_dir: Path) -> None:
        self._engine = engine
        self._cache_dir = cache_dir

    def status(self) -> EngineStatus:
        """What the engine is, holds and has answered from its cache; at most a second old."""
        return self._engine.status()

    def unload(self, model_id: str) -> None:
        """Give back the memory of a model when its batch is over; asked again, it is loaded again."""
        self._engine.unload(model_id)

    def empty_cache(self) -> int:
        """Drop every answer on disk; the bytes that are free now. StorageError where the file is in use too long."""
        return answer_file.empty(self._cache_dir)
