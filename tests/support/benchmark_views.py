"""Views of benchmarks made by hand, for figures and tables that are functions of data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import numpy as np

from core.domain.benchmarks import BenchmarkPlan
from core.domain.first_stages import FirstStage
from core.domain.systems import System
from core.domain.variants import WHOLE, Variant
from core.measures.intervals import mean_interval
from core.measures.significance.compare import compare
from core.measures.significance.findings import Correction
from core.services.benchmarks.views import Cell, Latency, MeasureCell, Progress, Results, Row

MEASURE = "nDCG@10"
MADE = datetime(2026, 3, 1, tzinfo=UTC)
Values = Mapping[str, Sequence[float]]  # specification to one value per query


def made_plan(systems: Sequence[str], **changed: object) -> BenchmarkPlan:
    """A plan over these systems; the first is the baseline."""
    given: dict[str, object] = {"measures": (MEASURE,), "first_stage": FirstStage(depth=50), **changed}
    return BenchmarkPlan(
        id="p1", name="made", collection="c1", systems=tuple(systems), baseline=systems[0], created_at=MADE, **given
    )


def made_results(values: Values, *, latencies: Mapping[str, tuple[Latency, ...]] | None = None) -> Results:
    """Results whose rows are sorted by mean; bounds are a tenth to either side."""
    best_first = sorted(values, key=lambda spec: -float(np.mean(values[spec])))
    queries = tuple(f"q{number}" for number in range(len(values[best_first[0]])))
    matrix = np.array([values[spec] for spec in best_first], dtype=np.float64)
    found = compare(matrix, best_first, draws=500, seed=1, correction=Correction.HOLM) if len(queries) > 1 else None
    return Results(
        plan=made_plan(list(values)),
        rows=tuple(made_row(spec, values[spec], queries, (latencies or {}).get(spec, ())) for spec in best_first),
        open=(),
        queries=len(queries),
        judged_queries=queries,
        candidate_hash="h",
        recall_ceiling=0.8,
        measure_ceiling=0.9,
        significance={MEASURE: found} if found else {},
        correction=Correction.HOLM,
        sentence=f"{best_first[0]} leads.",
    )


def made_row(spec: str, values: Sequence[float], queries: Sequence[str], latencies: tuple[Latency, ...] = ()) -> Row:
    """One system; it cuts a quarter of its documents."""
    between = mean_interval(list(values)) if len(values) > 1 else None
    mean = float(np.mean(values))
    cell = MeasureCell(
        mean=mean,
        low=None if between is None else between.low,
        high=None if between is None else between.high,
        worst=mean - 0.1,
        best=mean + 0.1,
    )
    return Row(
        system=System(spec=spec, strategy=spec, version=1),
        queries=len(values),
        failed=0,
        measures={MEASURE: cell},
        values={MEASURE: dict(zip(queries, values, strict=True))},
        judged=0.6,
        calls=12.0,
        prompt_tokens=1234.4,
        generated_tokens=0.0,
        sequential_depth=1.0,
        tokens_cut=88.0,
        cut_documents=0.25,
        repairs=0,
        latencies=latencies,
    )


def made_latency(depth: int, p50_ms: float) -> Latency:
    """Undisturbed, on one machine."""
    return Latency(
        depth=depth,
        p50_ms=p50_ms,
        p95_ms=2 * p50_ms,
        n=20,
        disturbed=0,
        memory_bytes=90_000_000,
        device="cpu",
        machine="cpu, 2 threads",
        orders_equal=1.0,
    )


def made_cell(
    system: str, done: int, total: int, *, variant: Variant = WHOLE, failed: int = 0, seconds: float | None = 60.0
) -> Cell:
    """One cell; what is not done takes ten calls each."""
    left = total - done - failed
    return Cell(
        system=system,
        variant=variant,
        done=done,
        failed=failed,
        total=total,
        calls=10 * left,
        exact=True,
        seconds_left=seconds if left else 0.0,
        reason="the model broke" if failed else "",
    )


def made_progress(*cells: Cell, probes: int = 0, probes_done: int = 0) -> Progress:
    """Cells as given; unmeasured are those without a forecast."""
    unknown = dict.fromkeys(cell.system for cell in cells if cell.seconds_left is None)
    return Progress(cells=cells, probes=probes, probes_done=probes_done, unmeasured=tuple(unknown))
