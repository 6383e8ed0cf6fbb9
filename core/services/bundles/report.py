"""The report of a benchmark as one HTML page: no script, nothing loaded from elsewhere, light and dark.

The page is a template (templates/report.html, escaped by Jinja2); here are only the texts and figures that it shows.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from core.domain.machines import short_machines, told_apart
from core.measures.significance.findings import Correction, PairFinding, Significance
from core.services.benchmarks.views import Latency, MeasureCell, QueryDifference, Results, Row
from core.services.bundles.interval_plot import Plot, interval_plot
from core.services.bundles.snapshot import Snapshot

TEMPLATES = Path(__file__).parent / "templates"
CASES = 10
MISSING = "\u2013"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the chooser says, and the code to copy; both may be empty."""

    sentence: str = ""
    code: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One system as texts of a table."""

    spec: str
    measures: tuple[str, ...]
    letters: str
    p50: str
    p95: str
    memory: str
    calls: str
    prompt_tokens: str
    tokens_cut: str
    failed: str
    ran_on: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """One pair of systems as texts of a table."""

    first: str
    second: str
    difference: str
    interval: str
    p: str
    effect: str
    counts: str
    detectable: str
    needed: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Deciding:
    """The queries on which the two best systems differ most."""

    first: str
    second: str
    cases: tuple[QueryDifference, ...]


def report_page(snapshot: Snapshot, results: Results, differences: Sequence[QueryDifference], answer: Answer) -> bytes:
    """The page as UTF-8. ``differences``: of the two best systems, where there are two."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # late: only reports need it

    environment = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    measured = [latency for row in results.rows if (latency := _latency(row, results)) is not None]
    page = environment.get_template("report.html").render(
        plan=results.plan,
        collection=snapshot.collection,
        snapshot=snapshot,
        results=results,
        answer=answer.sentence,
        code=answer.code,
        plot=_plot(results),
        lines=_lines(results),
        pairs=_pairs(results),
        deciding=_deciding(results, differences),
        machines=told_apart(machine for row in results.rows for machine in row.machines),
        probed=told_apart(latency.machine for latency in measured),
    )
    return page.encode("utf-8")


def _plot(results: Results) -> Plot | None:
    letters = _letters(results)
    rows = [(row.spec, row.measures[results.measure], letters.get(row.spec, "")) for row in results.rows]
    return interval_plot(rows, results.measure_ceiling) if rows and results.judged_queries else None


def _lines(results: Results) -> tuple[Line, ...]:
    letters = _letters(results)
    return tuple(_line(row, results, letters.get(row.spec, "")) for row in results.rows)


def _line(row: Row, results: Results, letters: str) -> Line:
    latency = _latency(row, results)
    return Line(
        spec=row.spec,
        measures=tuple(_mean(row.measures[measure]) for measure in results.plan.measures if measure in row.measures),
        letters=letters,
        p50=f"{latency.p50_ms:,.1f}" if latency else MISSING,
        p95=f"{latency.p95_ms:,.1f}" if latency else MISSING,
        memory=f"{latency.memory_bytes / 1e6:,.0f}" if latency else MISSING,
        calls=f"{row.calls:,.0f}",
        prompt_tokens=f"{row.prompt_tokens:,.0f}",
        tokens_cut=f"{row.tokens_cut:,.0f}",
        failed=str(row.failed),
        ran_on=short_machines(row.machines) or MISSING,
    )


def _pairs(results: Results) -> tuple[Pair, ...]:
    found = results.significance.get(results.measure)
    return () if found is None else tuple(_pair(found, pair) for pair in found.pairs)


def _pair(found: Significance, pair: PairFinding) -> Pair:
    return Pair(
        first=found.names[pair.first],
        second=found.names[pair.second],
        difference=f"{pair.difference:+.3f}",
        interval=f"{pair.low:+.3f} to {pair.high:+.3f}" if math.isfinite(pair.low) else MISSING,
        p=p_value(pair.p_tukey if found.correction is Correction.TUKEY else pair.holm_randomisation),
        effect=MISSING if pair.effect is None else f"{pair.effect:+.2f}",
        counts=f"{pair.wins} / {pair.ties} / {pair.losses}",
        detectable=f"{pair.detectable:.3f}" if math.isfinite(pair.detectable) else MISSING,
        needed=MISSING if pair.queries_needed is None else f"{pair.queries_needed:,}",
    )


def p_value(p: float) -> str:
    """Three digits, or that it is smaller."""
    return "< 0.001" if p < 0.001 else f"{p:.3f}"


def _deciding(results: Results, differences: Sequence[QueryDifference]) -> Deciding | None:
    ranked = sorted((one for one in differences if one.difference), key=lambda one: -abs(one.difference))[:CASES]
    if len(results.rows) < 2 or not ranked:
        return None
    return Deciding(first=results.rows[0].spec, second=results.rows[1].spec, cases=tuple(ranked))


def _letters(results: Results) -> dict[str, str]:
    found = results.significance.get(results.measure)
    return {} if found is None else dict(zip(found.names, found.letters, strict=True))


def _latency(row: Row, results: Results) -> Latency | None:
    """At the depth of the candidates, or the deepest there is."""
    depth = results.plan.first_stage.depth
    return min(row.latencies, key=lambda latency: (abs(latency.depth - depth), -latency.n), default=None)


def _mean(cell: MeasureCell) -> str:
    if cell.low is None or cell.high is None:
        return f"{cell.mean:.3f}"
    return f"{cell.mean:.3f} ({cell.low:.3f} to {cell.high:.3f})"
