"""Answers in memory over answers on disk, both by request key and with cuts by position.

Memory is bounded by bytes and drops the least recently used; arrays are made read-only, because many
strategies are handed the same one.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Sequence

from core.domain.requests import Answer, EmbedAnswer, GenerateAnswer
from core.domain.work import CacheState
from core.worker.disk_cache import DiskCache

MEMORY_BYTES = 256_000_000
_SMALL = 400  # bytes of an answer that is a few numbers


class AnswerCache:
    """``disk`` may be None: then answers live as long as the process. One thread only."""

    def __init__(self, disk: DiskCache | None, memory_bytes: int = MEMORY_BYTES) -> None:
        self._disk, self._limit = disk, memory_bytes
        self._memory: OrderedDict[str, Answer] = OrderedDict()
        self._bytes = 0
        self._hits = self._misses = 0

    def get(self, keys: Sequence[str]) -> dict[str, Answer]:
        """What is known of ``keys``."""
        found = {key: self._memory[key] for key in keys if key in self._memory}
        for key in found:
            self._memory.move_to_end(key)
        missing = [key for key in dict.fromkeys(keys) if key not in found]
        if missing and self._disk is not None:
            read = self._disk.get(missing)
            for key, answer in read.items():
                self._remember(key, answer)
            found.update(read)
        hits = sum(key in found for key in keys)
        self._hits += hits
        self._misses += len(keys) - hits
        return found

    def put(self, answers: Iterable[tuple[str, Answer]]) -> None:
        """Keep answers of one batch; on disk in one transaction."""
        batch = list(answers)
        for key, answer in batch:
            self._remember(key, answer)
        if self._disk is not None:
            self._disk.put(batch)

    def state(self) -> CacheState:
        """Look-ups so far, and what the file takes."""
        disk, limit = (0, 0) if self._disk is None else (self._disk.file_bytes(), self._disk.limit_bytes)
        return CacheState(hits=self._hits, misses=self._misses, disk_bytes=disk, limit_bytes=limit)

    def close(self) -> None:
        """Let go of the file."""
        if self._disk is not None:
            self._disk.close()

    def _remember(self, key: str, answer: Answer) -> None:
        if isinstance(answer, EmbedAnswer):
            answer.vector.setflags(write=False)
        if key in self._memory:
            self._bytes -= _weight(self._memory.pop(key))
        self._memory[key] = answer
        self._bytes += _weight(answer)
        while self._bytes > self._limit and len(self._memory) > 1:
            _, dropped = self._memory.popitem(last=False)
            self._bytes -= _weight(dropped)


def _weight(answer: Answer) -> int:
    if isinstance(answer, EmbedAnswer):
        return _SMALL + int(answer.vector.nbytes)
    if isinstance(answer, GenerateAnswer):
        return _SMALL + 4 * len(answer.text)
    return _SMALL
