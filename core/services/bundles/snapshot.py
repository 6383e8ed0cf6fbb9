"""Everything a benchmark consists of at one moment, as plain data that fits into files and comes back from them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from core.domain.benchmarks import BenchmarkPlan, Probe
from core.domain.collections import Qrels
from core.domain.documents import Query
from core.domain.rankings import Ranking
from core.domain.systems import System
from core.services.choosing.limits import Limits
from core.settings import Prices

PerQuery = Mapping[str, Ranking]


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectionFacts:
    """What names the collection, without its texts."""

    name: str
    fingerprint: str
    origin: str
    language: str
    documents: int
    queries: int
    judgments: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranked:
    """One system: ``rankings`` by query id, in the order of the queries; ``failures``: query id to reason."""

    system: System
    rankings: PerQuery
    failures: Mapping[str, str]

    @property
    def complete(self) -> bool:
        """Whether every query was tried."""
        return bool(self.rankings)


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """A benchmark that can leave this machine.

    ``candidates``: query id to document ids in first-stage order, ``candidate_scores`` aligned with them or None.
    ``lists``: query id to hash of the candidate list. ``qrels`` hold the queries of the benchmark only.
    ``votes``: CSV of the counted votes of people on the collection, empty where there are none.
    ``limits`` and ``prices``: what the choice was asked under.
    ``environment``: what this was made with, by name ("python", "machine", "torch" ...).
    """

    plan: BenchmarkPlan
    collection: CollectionFacts
    set_name: str
    queries: tuple[Query, ...]
    qrels: Qrels
    lists: Mapping[str, str]
    candidates: Mapping[str, tuple[str, ...]]
    candidate_scores: Mapping[str, tuple[float, ...] | None]
    ranked: tuple[Ranked, ...]
    probes: tuple[Probe, ...]
    limits: Limits
    prices: Prices
    environment: Mapping[str, str]
    taken_at: datetime
    votes: bytes = b""
    notes: tuple[str, ...] = field(default=())
