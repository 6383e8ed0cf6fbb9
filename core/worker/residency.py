"""Loaded models: loaded on first use, the least recently used given back when memory is short."""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Callable
from functools import lru_cache

from core.domain.canonical import digest
from core.domain.models import ModelEntry
from core.models.base import Adapter, LoadContext

log = logging.getLogger(__name__)

Load = Callable[[ModelEntry, LoadContext], Adapter]


@lru_cache(maxsize=256)
def model_key(entry: ModelEntry) -> str:
    """What tells one loaded model from another, 64 hexadecimal digits."""
    return digest([entry.source, entry.identity])


class Residency:
    """The models in memory; model thread only. ``limit_bytes`` bounds the sum of their ``memory_bytes``."""

    def __init__(self, load: Load, context: LoadContext, limit_bytes: int) -> None:
        self._load, self._context, self._limit = load, context, limit_bytes
        self._adapters: OrderedDict[str, Adapter] = OrderedDict()

    def find(self, entry: ModelEntry) -> Adapter | None:
        """The adapter, where it is loaded."""
        return self._adapters.get(model_key(entry))

    def get(self, entry: ModelEntry) -> Adapter:
        """The adapter, loaded if need be; raises what the loader raises."""
        key = model_key(entry)
        if key not in self._adapters:
            if entry.parameters is not None:  # make room first where the size is known
                self._make_room(4 * entry.parameters, keep=key)
            self._adapters[key] = self._load(entry, self._context)
            log.info("Loaded %s (%d MB).", entry.id, self._adapters[key].memory_bytes // 1_000_000)
            self._make_room(0, keep=key)
        self._adapters.move_to_end(key)
        return self._adapters[key]

    def release_others(self, entry: ModelEntry) -> bool:
        """Give back every other model; whether there was one. The last resort when memory is short."""
        others = [key for key in self._adapters if key != model_key(entry)]
        for key in others:
            self._release(key)
        return bool(others)

    def release(self, id: str) -> bool:
        """Give back the models of this id; whether there was one."""
        keys = [key for key, adapter in self._adapters.items() if adapter.entry.id == id]
        for key in keys:
            self._release(key)
        return bool(keys)

    def adapters(self) -> tuple[Adapter, ...]:
        """Every loaded model, least recently used first."""
        return tuple(self._adapters.values())

    def close(self) -> None:
        """Give back everything."""
        for key in list(self._adapters):
            self._release(key)

    def _make_room(self, needed: int, keep: str) -> None:
        for key in list(self._adapters):
            if sum(adapter.memory_bytes for adapter in self._adapters.values()) + needed <= self._limit:
                return
            if key != keep:
                self._release(key)

    def _release(self, key: str) -> None:
        adapter = self._adapters.pop(key)
        log.info("Released %s.", adapter.entry.id)
        adapter.close()
