"""Drives retrieval without an engine: steps are counted, wanted vectors are made by a function."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.domain.documents import CandidateList, Query
from core.domain.models import ModelEntry, ModelKind
from core.domain.work import RetrieveWork
from core.retrieval.first_stage import retrieve
from core.retrieval.step import Step, Wanted
from tests.support.tiny_models import entry_for

DIMENSIONS = 8


class StoppedError(Exception):
    """The driver was told to stop here."""


def vector_of(text: str) -> NDArray[np.float32]:
    """A vector that follows from the text alone."""
    return np.random.default_rng(zlib.crc32(text.encode())).normal(size=DIMENSIONS).astype(np.float32)


def embedder(**fields: object) -> ModelEntry:
    """An entry whose vectors are ``vector_of``."""
    return entry_for(ModelKind.EMBEDDER, **fields)


@dataclass
class Driver:
    """``texts``: what was embedded, by role. ``batch``: texts per call; ``stop_after``: calls that succeed."""

    vector: Callable[[str], NDArray[np.float32]] = vector_of
    batch: int = 3
    stop_after: int = 10**9
    calls: int = 0
    texts: list[tuple[str, str]] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)

    def run(self, found: Generator[Any, None, Any]) -> list[CandidateList]:
        """Everything that comes; StoppedError after ``stop_after`` calls, the generator closed."""
        lists = []
        try:
            for item in found:
                if isinstance(item, Step):
                    self.steps.append(item)
                elif isinstance(item, Wanted):
                    self.fill(item)
                else:
                    lists.append(item)
        finally:
            found.close()
        return lists

    def fill(self, wanted: Wanted) -> None:
        """One call: a batch more."""
        if self.calls >= self.stop_after:
            raise StoppedError
        self.calls += 1
        for text in wanted.texts[len(wanted.rows) :][: self.batch]:
            wanted.rows.append(self.vector(text))
            self.texts.append((wanted.role, text))

    @property
    def documents(self) -> list[str]:
        """The texts of documents that were embedded."""
        return [text for role, text in self.texts if role == "document"]


def search(
    path: Path,
    fingerprint: str,
    queries: Sequence[Query],
    cache: Path,
    *,
    method: str = "dense",
    depth: int = 5,
    model: ModelEntry | None = None,
    driver: Driver | None = None,
) -> list[CandidateList]:
    """The lists of a first stage."""
    work = RetrieveWork(
        job="r", collection=fingerprint, path=path, queries=tuple(queries), method=method, depth=depth, model=model
    )
    return (driver or Driver()).run(retrieve(work, cache))
