"""What a lower precision changes: a system's orders of the sample collection's lists against its own in fp32."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from core.domain.counting import counted
from core.domain.machines import short_device

FULL = "fp32"


@dataclass(frozen=True, slots=True, kw_only=True)
class PrecisionFigures:
    """``tau``: mean Kendall tau-b of both orders, ``tau_low`` to ``tau_high`` a 95 % bootstrap interval over queries
    (None for a single query). ``unchanged``: share of queries with the same order. ``ndcg`` and ``full_ndcg``: mean
    nDCG@5 in this precision and in fp32, None where nothing is judged. ``seconds`` and ``full_seconds``: mean time of
    one list with nothing beside it and the answer cache off, None where every list was disturbed.
    """

    tau: float
    tau_low: float | None
    tau_high: float | None
    unchanged: float
    ndcg: float | None
    full_ndcg: float | None
    seconds: float | None
    full_seconds: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PrecisionCheck(PrecisionFigures):
    """One system with ``models`` (ids) in ``precision``, over ``queries`` lists of ``collection``.

    ``system``: its fingerprint in that precision. ``device`` and ``machine``: where the lower precision ran.
    """

    system: str
    spec: str
    models: tuple[str, ...]
    precision: str
    collection: str
    queries: int
    device: str
    machine: str
    measured_at: datetime

    @property
    def said(self) -> str:
        """``bf16, Kendall tau 0.93 (0.90 to 0.95) against fp32 on 75 sample queries (CPU)``."""
        between = "" if self.tau_low is None else f" ({self.tau_low:.2f} to {self.tau_high:.2f})"
        over = counted(self.queries, "sample query", "sample queries")
        where = f" ({short_device(self.device)})" if self.device else ""
        return f"{self.precision}, Kendall tau {self.tau:.2f}{between} against {FULL} on {over}{where}"
