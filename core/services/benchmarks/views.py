"""What a benchmark shows: one table, and what is read about it afterwards. Plain data for pages, files and reports."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from core.domain.benchmarks import BenchmarkPlan
from core.domain.systems import System
from core.domain.variants import Variant
from core.measures.significance.findings import Correction, Significance


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One system over one form of the candidate lists: ``done`` rankings and ``failed`` ones of ``total``.

    ``calls``: model calls still to be made by forecast, ``exact`` or estimated; a start tries failed rankings again, so
    they count, but not while a job runs that has tried them. ``seconds_left``: from what this
    system's calls cost here before; None while nothing was measured. ``reason``: the latest failure.
    """

    system: str
    variant: Variant
    done: int
    failed: int
    total: int
    calls: int
    exact: bool
    seconds_left: float | None
    reason: str = ""

    @property
    def complete(self) -> bool:
        """Whether every list is ranked."""
        return self.done == self.total


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """A plan while it runs or before. ``probes_done`` of ``probes``: (system, depth) whose latency was measured.

    ``unmeasured``: systems whose speed here nobody knows yet, so that no forecast of time can be made.
    """

    cells: tuple[Cell, ...]
    probes: int
    probes_done: int
    unmeasured: tuple[str, ...]

    @property
    def seconds_left(self) -> float | None:
        """Of all cells with a forecast; None where some cell has none."""
        left = [cell.seconds_left for cell in self.cells if not cell.complete]
        return None if any(value is None for value in left) else sum(value for value in left if value is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureCell:
    """A mean over the judged queries. ``low`` to ``high``: 95 % t interval, None for fewer than two queries.

    ``worst`` to ``best``: the mean if the unjudged documents were all irrelevant or turned out as favourable as they
    can, where the measure has such bounds (nDCG, AP, P, RR, RBP ...), else None.
    """

    mean: float
    low: float | None
    high: float | None
    worst: float | None
    best: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Latency:
    """Of the probe at ``depth``, milliseconds per query over ``n`` queries on ``machine``."""

    depth: int
    p50_ms: float
    p95_ms: float
    n: int
    disturbed: int
    memory_bytes: int
    device: str
    machine: str
    orders_equal: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One system of a benchmark. ``values``: measure -> query id -> value, over judged queries in query order; empty,
    like ``measures``, where nothing is judged. ``queries``: lists of the benchmark; on ``failed`` of them the system
    gave no ranking, and a judged one counts 0.

    Costs are logical means per query. ``tokens_cut`` also as ``cut_documents``, the share of documents that were
    shortened. ``judged``: mean share of the first ten documents that have a judgment. ``machines``: where the rankings
    were made, as in core.domain.machines.
    """

    system: System
    queries: int
    failed: int
    measures: Mapping[str, MeasureCell]
    values: Mapping[str, Mapping[str, float]]
    judged: float
    calls: float
    prompt_tokens: float
    generated_tokens: float
    sequential_depth: float
    tokens_cut: float
    cut_documents: float
    repairs: int
    latencies: tuple[Latency, ...]
    machines: tuple[str, ...] = ()

    @property
    def spec(self) -> str:
        """The canonical specification."""
        return self.system.spec


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    """A benchmark as it stands. ``rows``: complete systems, best first by the first measure; ``open``: specifications
    of systems that have not ranked every query yet (or whose model is not known here any more), which are compared
    with nobody. ``significance`` is empty without rows or labels.

    ``ceiling``: recall at the depth of the candidates, and the value of the first measure that a perfect reranker
    would reach. ``judged_queries`` of ``queries`` have labels.
    """

    plan: BenchmarkPlan
    rows: tuple[Row, ...]
    open: tuple[str, ...]
    queries: int
    judged_queries: tuple[str, ...]
    candidate_hash: str
    recall_ceiling: float | None
    measure_ceiling: float | None
    significance: Mapping[str, Significance]  # measure -> over ``rows``, in their order
    correction: Correction
    sentence: str

    @property
    def measure(self) -> str:
        """The first measure, which orders the rows."""
        return self.plan.measures[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryDifference:
    """One query seen by two systems: values of the measure, and ``difference`` first minus second."""

    query_id: str
    text: str
    category: str
    first: float
    second: float

    @property
    def difference(self) -> float:
        """First minus second."""
        return self.first - self.second


@dataclass(frozen=True, slots=True, kw_only=True)
class Disagreement:
    """A query on which systems differ: ``spread`` is the standard deviation of the measure over systems (0 where
    nothing is judged), ``overlap`` the mean rank-biased overlap of all pairs of systems
    (None where fewer than two have ranked it). ``best``, ``worst``: empty where nothing differs."""

    query_id: str
    text: str
    category: str
    spread: float
    overlap: float | None
    best: tuple[str, ...]
    worst: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryRow:
    """Means of one category of queries by system, with 95 % intervals (None for fewer than two queries)."""

    category: str
    queries: int
    cells: Mapping[str, MeasureCell]


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepPoint:
    """What reranking the first ``depth`` candidates gives one system; p50 and p95 where they were probed there, on
    ``machine`` (core.domain.machines)."""

    system: str
    depth: int
    mean: float
    low: float | None
    high: float | None
    ceiling: float
    p50_ms: float | None
    p95_ms: float | None
    machine: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ThresholdPoint:
    """If only documents scored ``threshold`` or more were shown: the share of them that is relevant, the share of all
    relevant candidates that is kept, and the share of queries that keep at least one document (coverage).

    ``precision``: over judged documents, None where none is left; ``recall``: None without any relevant candidate.
    ``kept``: share of all documents that is shown.
    """

    threshold: float
    precision: float | None
    recall: float | None
    coverage: float
    kept: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreView:
    """Scores of one system: histograms over equal bins for relevant, irrelevant and unjudged documents, and what a
    threshold would do. ``edges``: (bins + 1,)."""

    system: str
    edges: tuple[float, ...]
    relevant: tuple[int, ...]
    irrelevant: tuple[int, ...]
    unjudged: tuple[int, ...]
    thresholds: tuple[ThresholdPoint, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stability:
    """Whether one system's order depends on the input order. ``tau``: mean Kendall tau between the order of the list as
    it is and of its shuffled copies, ``top`` the mean overlap of the first ten, over ``lists`` pairs; ``moved``: mean
    absolute change of the first measure. ``repeated``: share of probed queries ranked alike when repeated, or None."""

    system: str
    lists: int
    tau: float | None
    top: float | None
    moved: float | None
    repeated: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LowCost:
    """Would fewer judgments have said the same? Per share of the judgments (drawn at random, ``draws`` times): Kendall
    tau of the means with those of all judgments, and of the pairs that are significant under all judgments the share
    that is found, found turned round, and the share of pairs found that all judgments do not confirm. None
    where there is no such pair (``tau``: where all means are level)."""

    share: float
    draws: int
    tau: float | None
    found: float | None
    reversed: float | None
    unconfirmed: float | None
