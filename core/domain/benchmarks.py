"""A benchmark: systems over the queries of one collection, and the latency of each system measured alone."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime

from core.domain.first_stages import FirstStage
from core.domain.variants import WHOLE, Variant

DEFAULT_MEASURES = ("nDCG@10", "AP", "RR@10", "R@100", "Judged@10")


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchmarkPlan:
    """What is to be run. ``systems``: canonical specifications; ``baseline`` is one of them (what others must beat).

    ``queries``: ids, empty for all of the collection (with ``category``: all of it). ``depths``: also rerank only the
    first so many candidates, for the depth sweep. ``shuffles``: also rerank so many shuffled copies of the first
    ``shuffled_queries`` queries. ``probe_queries``: queries of the latency probe per system and depth, 0 for none.
    """

    id: str
    name: str
    collection: str
    systems: tuple[str, ...]
    first_stage: FirstStage
    queries: tuple[str, ...] = ()
    category: str = ""
    measures: tuple[str, ...] = DEFAULT_MEASURES
    baseline: str = "first-stage"
    depths: tuple[int, ...] = ()
    shuffles: int = 0
    shuffled_queries: int = 20
    probe_queries: int = 20
    created_at: datetime

    @property
    def variants(self) -> tuple[Variant, ...]:
        """Which forms of the candidate lists are ranked, the whole ones first."""
        cut = tuple(Variant(first=depth) for depth in sorted(set(self.depths)))
        return (WHOLE, *cut, *(Variant(shuffle=seed) for seed in range(1, self.shuffles + 1)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """Latency of one system at one depth: one query at a time, warm, cache off, engine to itself.

    ``wall_ms``: one figure per query (a query whose measurement was disturbed is measured again or left out and
    counted in ``disturbed``). ``memory``: model id to resident bytes, for every model of the system. ``machine``:
    device, threads, precision and versions in one line; ``device`` alone is "cpu" or "cuda (NAME)".
    ``orders_equal``: share of the probed queries whose order was the same as that of the stored ranking of the same
    list (the answer cache was off, so it is a true repetition); None where no such ranking was stored.
    """

    system: str
    collection: str
    depth: int
    wall_ms: tuple[float, ...]
    disturbed: int
    memory: tuple[tuple[str, int], ...]
    device: str
    machine: str
    measured_at: datetime
    orders_equal: float | None = None

    @property
    def memory_bytes(self) -> int:
        """All models of the system together."""
        return sum(size for _, size in self.memory)

    def quantile_ms(self, share: float) -> float:
        """The smallest measured time that at least ``share`` of the queries do not exceed; NaN where none is left."""
        ordered = sorted(self.wall_ms)
        return ordered[max(0, math.ceil(share * len(ordered)) - 1)] if ordered else math.nan

    @property
    def p50_ms(self) -> float:
        """Median."""
        return self.quantile_ms(0.5)

    @property
    def p95_ms(self) -> float:
        """95th percentile."""
        return self.quantile_ms(0.95)
