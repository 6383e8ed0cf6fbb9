"""What the engine needs of a model adapter."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from core.domain.errors import EngineError
from core.domain.models import ModelEntry
from core.domain.requests import Answer, Request


class OutOfMemoryError(EngineError):
    """The batch did not fit; the engine halves it and tries again."""


@dataclass(slots=True, kw_only=True)
class LoadContext:
    """Where and how to load. ``collections``: fingerprint to path, filled by the engine as work arrives."""

    device: str
    threads: int
    cache_dir: Path
    collections: Mapping[str, Path] = field(default_factory=dict)
    report: Callable[[str], None] = lambda _note: None


class Adapter(Protocol):
    """One loaded model. Only the engine's model thread calls it."""

    entry: ModelEntry
    batch_tokens: int  # the sum of weights that one batch may have

    @property
    def memory_bytes(self) -> int:
        """Resident bytes: parameters and buffers, or the opened indexes; 0 for an endpoint."""
        ...

    def weight(self, request: Request) -> int:
        """Tokens that the request brings to a batch, padding not counted."""
        ...

    def answer(self, requests: Sequence[Request], cancelled: Callable[[], bool]) -> list[Answer]:
        """Answer one batch of requests of one type, in order.

        Raises OutOfMemoryError (the batch is halved), BadAnswerError, ModelUnavailableError, CancelledError.
        """
        ...

    def forget(self) -> None:
        """Drop what was remembered of texts (token ids), so that the next list is answered as if it were the first."""
        ...

    def synchronize(self) -> None:
        """Wait until the device has done all that it was asked; at once where nothing runs aside."""
        ...

    def close(self) -> None:
        """Give the memory back."""
        ...
