"""Random two-layer models on disk, for both sides, and lists of texts of very different length."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random

from core.catalog.digests import DigestCache
from core.catalog.kinds import CAPABILITIES
from core.domain.documents import CandidateList, Document, Query
from core.domain.models import GENERAL, ModelKind
from core.domain.requests import Answer, Request
from core.models.base import Adapter
from core.models.load import load
from core.strategies.base import Strategy
from core.strategies.driver import drive
from tests.support.tiny_models import TEXTS, context_for, entry_for

FORMATS = (GENERAL, "monot5", "rankt5", "duot5", "mxbai-rerank-v2", "bge-gemma")
CLOSE = 1e-5


@dataclass(frozen=True, slots=True)
class Loaded:
    """A model of ours that answers one request at a time."""

    adapter: Adapter

    def answer(self, request: Request) -> Answer:
        """By itself."""
        return self.adapter.answer([request], lambda: False)[0]


@cache
def scratch() -> Path:
    """A folder that goes with the process."""
    kept = tempfile.TemporaryDirectory(prefix="runoff-reference-")
    _KEPT.append(kept)
    return Path(kept.name)


_KEPT: list[tempfile.TemporaryDirectory[str]] = []


def loaded(folder: Path, kind: ModelKind, max_length: int = 512) -> Loaded:
    """The model of a folder as the engine loads it."""
    revision = DigestCache(folder.parent / "digests.json").folder(folder)
    fields = {"revision": revision, "capabilities": CAPABILITIES[kind], "formats": FORMATS, "max_length": max_length}
    return Loaded(load(entry_for(kind, f"folder:{folder}", **fields), context_for(folder.parent)))


def texts(seed: int, most_words: int = 40) -> CandidateList:
    """Three to nine documents of one to ``most_words`` words, and a short query."""
    random = Random(seed)
    words = " ".join(TEXTS).split()
    documents = tuple(
        Document(id=f"d{place}", text=" ".join(random.choices(words, k=random.randint(1, most_words))))
        for place in range(random.randint(3, 9))
    )
    query = Query(id="q", text=" ".join(random.choices(words, k=random.randint(2, 6))))
    return CandidateList(query=query, documents=documents)


def scores_of(strategy: Strategy, candidates: CandidateList, model: Loaded) -> list[float]:
    """Ours, by document."""
    return list(drive(strategy, candidates, model).outcome.scores or ())


def falling(scores: list[float]) -> list[int]:
    """Places by score, the earlier first where scores are equal."""
    return sorted(range(len(scores)), key=lambda place: -scores[place])


def close(ours: float, theirs: float, within: float = CLOSE) -> bool:
    """Equal but for rounding in single precision."""
    return abs(ours - theirs) <= within * max(1.0, abs(theirs))


@dataclass(slots=True)
class Largest:
    """The largest difference of two scores."""

    value: float = 0.0

    def told(self, ours: float, theirs: float) -> None:
        """One pair of scores."""
        self.value = max(self.value, abs(ours - theirs))

    @property
    def note(self) -> str:
        """In words."""
        return f"largest difference {self.value:.0e}"
