"""The engine's composition root: real models, strategies and first stage, each imported on first use."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

from core.catalog.kinds import LOCAL_KINDS
from core.domain.models import ModelEntry
from core.domain.systems import System
from core.domain.work import RetrieveWork
from core.models.base import Adapter, LoadContext
from core.strategies.base import Strategy
from core.worker.first_stages import Found
from core.worker.scheduler import Tools

_LOCAL = frozenset(LOCAL_KINDS)  # they need torch


def real_tools() -> Tools:
    """The tools of the real engine; nothing heavy is imported yet."""
    models = Models()
    return Tools(load=models.load, build=_build, retrieve=_retrieve, fetch=_fetch, warm=models.warm)


def load_file(path: Path) -> None:
    """Register the strategies of a file of the user's."""
    from core.strategies.loading import load_file as load

    load(path)


class Models:
    """Loads models, and imports their libraries ahead of need.

    Transformers is not safe to be imported by two threads: the second finds a module half made. So a
    load waits for a warm-up that is under way.
    """

    def __init__(self) -> None:
        self._importing = threading.Lock()

    def warm(self) -> None:
        """Import torch and the parts of transformers that every local model needs."""
        with self._importing:
            import core.models.embedder  # noqa: F401  (torch)
            from core.models.environment import transformers

            library = transformers()
            for name in ("AutoTokenizer", "PreTrainedModel"):  # it imports its parts when they are named
                getattr(library, name)

    def load(self, entry: ModelEntry, context: LoadContext) -> Adapter:
        """See core.models.load."""
        from core.models.load import load

        if entry.kind not in _LOCAL:
            return load(entry, context)
        with self._importing:
            return load(entry, context)


def _build(system: System) -> Strategy:
    from core.strategies.resolve import build

    return build(system)


def _retrieve(work: RetrieveWork, cache_dir: Path) -> Found:
    from core.retrieval.first_stage import retrieve

    return retrieve(work, cache_dir)


def _fetch(
    entry: ModelEntry, cache_dir: Path, progress: Callable[[int, int], None], cancelled: Callable[[], bool]
) -> Path:
    from core.models.fetch import fetch

    return fetch(entry, cache_dir, progress, cancelled)
