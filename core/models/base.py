"""What the engine needs of a model adapter."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from core.domain.errors import EngineError
from core.domain.models import ModelEntry
from core.domain.requests import Answer, Request

ENDPOINT = "endpoint"  # the execution of what runs elsewhere


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrangement:
    """Requests in the order in which neighbours share most work.

    ``order``: positions of the requests; ``full`` and ``added``: aligned with ``order``, the tokens that the model
    runs for a request that opens a batch, and for one that follows its predecessor in the same batch (a shared
    leading part, or a text that is there already, is not run twice). 1 <= full, 0 <= added <= full.
    """

    order: tuple[int, ...]
    full: tuple[int, ...]
    added: tuple[int, ...]


def by_length(weights: Sequence[int]) -> Arrangement:
    """Longest first, nothing shared; equal weights in the order given."""
    order = tuple(sorted(range(len(weights)), key=lambda place: -weights[place]))
    sizes = tuple(max(1, weights[place]) for place in order)
    return Arrangement(order=order, full=sizes, added=sizes)


class Adapter(Protocol):
    """One loaded model. Only the engine's model thread calls it."""

    entry: ModelEntry
    batch_tokens: int  # the tokens that one batch may run

    @property
    def execution(self) -> str:
        """How it runs: "packed", "padded (REASON)", "endpoint" or "index"; shown with every result."""
        ...

    @property
    def memory_bytes(self) -> int:
        """Resident bytes: parameters and buffers, or the opened indexes; 0 for an endpoint."""
        ...

    def arrange(self, requests: Sequence[Request]) -> Arrangement:
        """The order in which requests of one type are best cut into batches, and what each adds to its batch."""
        ...

    def shares(self, requests: Sequence[Request]) -> list[float]:
        """Tokens that the model runs for one batch, divided among its requests: a leading part that several share
        counts in equal parts for each. Aligned with ``requests``, each above zero; the sum is what is run."""
        ...

    def answer(self, requests: Sequence[Request], cancelled: Callable[[], bool]) -> list[Answer]:
        """Answer one batch of requests of one type, in order.

        ``cancelled`` is asked between forward passes, at every decoding step and in every layer of a forward pass;
        CancelledError where it came true.
        Raises OutOfMemoryError (the batch is halved), BadAnswerError, ModelUnavailableError.
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
