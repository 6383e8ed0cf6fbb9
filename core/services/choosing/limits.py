"""What a system may cost and must be, as a team states it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

from core.domain.errors import InvalidInputError


class Axis(StrEnum):
    """What quality is set against."""

    LATENCY = "latency"  # 95th percentile of the probe, milliseconds per query
    MEMORY = "memory"  # all models of the system, bytes
    PRICE = "price"  # 1,000 queries, in the currency of the settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Every limit is optional; what is not stated does not count.

    ``p95_ms``: slowest acceptable 95th percentile of one query. ``memory_mb``: of all models of the system, 10^6
    bytes. ``price_per_1000``: queries. ``licences``: those allowed, empty for any. ``languages``: codes that every
    model must have been made for. ``depth``: candidates that are reranked, 0 for the benchmark's own; a smaller one
    must be among the plan's depths. ``device``: of the probe ("cpu"), empty for the one with most measurements.
    ``measure``: empty for the benchmark's first. ``axis``: on which the cheapest is sought.
    InvalidInputError for a limit that is no positive number.
    """

    p95_ms: float | None = None
    memory_mb: float | None = None
    price_per_1000: float | None = None
    licences: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    depth: int = 0
    device: str = ""
    measure: str = ""
    axis: Axis = Axis.LATENCY

    def __post_init__(self) -> None:
        for name in ("p95_ms", "memory_mb", "price_per_1000"):
            value = getattr(self, name)
            if value is not None and not (value > 0 and math.isfinite(value)):
                raise InvalidInputError(f"The limit {name} must be above zero, not {value!r}; or leave it out.")
        if self.depth < 0:
            raise InvalidInputError(f"The depth must be a number of candidates from 1 on, or 0, not {self.depth}.")
