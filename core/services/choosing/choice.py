"""What a choice consists of: every system with its costs and its state, and the one to ship."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from core.domain.benchmarks import BenchmarkPlan
from core.domain.systems import System
from core.services.benchmarks.views import MeasureCell
from core.services.choosing.limits import Axis, Limits

NO_RERANKER = "first-stage"  # the specification of the candidates' own order
NO_RERANKER_NAME = "no reranker"


class State(StrEnum):
    """Whether a system is within the limits. Unknown is neither."""

    FEASIBLE = "feasible"
    OVER = "over"  # at least one limit is broken, whatever else is unknown
    UNKNOWN = "unknown"  # no limit is known to be broken, but something is not known


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why a system is not feasible. ``limit``: name of the field of Limits, or "cost" where only the chosen cost is
    not known. ``todo``: what to do about it. ``needed``: the value of the limit that would let the system pass, None
    where no number would. ``unknown``: nothing is broken, something is not known."""

    limit: str
    text: str
    todo: str = ""
    needed: float | None = None
    unknown: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """Of one system at one depth on one device; None where it is not known.

    ``p95_ms``, ``p50_ms``, ``mean_ms`` over ``n`` probed queries, ``memory_bytes`` of all models, ``price`` of 1,000
    queries. ``price_unknown``: why there is no price, and what to set. ``at_most``: the price is an upper bound.
    """

    p95_ms: float | None = None
    p50_ms: float | None = None
    mean_ms: float | None = None
    n: int = 0
    memory_bytes: int | None = None
    price: float | None = None
    price_unknown: str = ""
    at_most: bool = False
    machine: str = ""

    def on(self, axis: Axis) -> float | None:
        """The cost on one axis."""
        return {Axis.LATENCY: self.p95_ms, Axis.MEMORY: self.memory_bytes, Axis.PRICE: self.price}[axis]


NOTHING = Cost(p95_ms=0.0, p50_ms=0.0, mean_ms=0.0, memory_bytes=0, price=0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One system of the benchmark as the limits see it.

    ``front``: no feasible system is at least as good and cheaper, or better and as cheap, on the chosen axis.
    ``alike``: cannot be told apart from the best feasible system (which is alike itself). ``recommended``: the answer.
    """

    system: System
    quality: MeasureCell
    failed: int
    cost: Cost
    state: State
    reasons: tuple[Reason, ...]
    front: bool = False
    alike: bool = False
    recommended: bool = False

    @property
    def spec(self) -> str:
        """The canonical specification."""
        return self.system.spec

    @property
    def name(self) -> str:
        """As people are told: "no reranker" for the candidates' own order."""
        return NO_RERANKER_NAME if self.spec == NO_RERANKER else self.spec


@dataclass(frozen=True, slots=True, kw_only=True)
class Relaxation:
    """``sentence``: which limits to relax and what that gets. ``needed``: field of Limits to its least value."""

    spec: str
    needed: Mapping[str, float]
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Opinion:
    """What people's votes on the collection say of the recommended system; never mixed with the measure.

    ``agrees``: whether it may be the first of the board; None where the board cannot say.
    """

    votes: int
    agrees: bool | None
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """``sentence``: the answer. ``evidence``: the sentences that follow it. ``options``: complete systems and the order
    without a reranker, best first. ``open``: specifications that are not complete and so not compared.
    ``device``: whose latency and memory; ``devices``: all there are. ``notes``: what a reader must know besides."""

    plan: BenchmarkPlan
    limits: Limits
    measure: str
    device: str
    devices: tuple[str, ...]
    depth: int
    queries: int
    currency: str
    options: tuple[Option, ...]
    open: tuple[str, ...]
    sentence: str
    evidence: tuple[str, ...] = ()
    relaxations: tuple[Relaxation, ...] = ()
    opinion: Opinion | None = None
    notes: tuple[str, ...] = ()

    @property
    def recommended(self) -> Option | None:
        """The system to ship, None where nothing can be recommended."""
        return next((option for option in self.options if option.recommended), None)

    @property
    def best(self) -> Option | None:
        """The feasible system with the highest mean."""
        return next((option for option in self.options if option.state is State.FEASIBLE), None)

    def option(self, spec: str) -> Option:
        """By specification; KeyError where it is none of them."""
        found = {option.spec: option for option in self.options}
        return found[spec]
