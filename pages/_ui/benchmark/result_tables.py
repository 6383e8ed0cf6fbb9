"""A benchmark as tables: what a person reads, with uncertainty beside each mean, and the same in full for a file."""

from __future__ import annotations

from collections.abc import Mapping

from core.services.benchmarks.views import Latency, MeasureCell, Results, Row
from pages._ui import ran_on
from pages._ui.wording import UNKNOWN, Table

MEGABYTE = 1e6


def quality(results: Results) -> Table:
    """Systems best first: means with the half width of their 95 % interval, letters, judged share and bounds."""
    rows = results.rows
    table: Table = {"System": [row.spec for row in rows]}
    if letters := letters_of(results):
        table["Group"] = [letters[row.spec] for row in rows]
    for measure in results.plan.measures:
        if any(measure in row.measures for row in rows):
            table[measure] = [mean(row.measures.get(measure)) for row in rows]
    if results.judged_queries:
        if "Judged@10" not in results.plan.measures:
            table["Top 10 judged"] = [f"{row.judged:.0%}" for row in rows]
        table[f"{results.measure} bounds"] = [bounds(row.measures.get(results.measure)) for row in rows]
        table["Queries"] = [row.queries for row in rows]
    if any(row.failed for row in rows):
        table["Failed"] = [row.failed for row in rows]
    return table


def cost(results: Results) -> Table:
    """Latency and memory of the probe at the plan's depth; calls and tokens per query as if each had run alone."""
    rows = results.rows
    probed = [latency(row) for row in rows]
    table: Table = {"System": [row.spec for row in rows]}
    if any(probed):
        table["p50 ms"] = [None if one is None else short(one.p50_ms) for one in probed]
        table["p95 ms"] = [None if one is None else short(one.p95_ms) for one in probed]
        table["Memory MB"] = [None if one is None else round(one.memory_bytes / MEGABYTE) for one in probed]
    table["Calls"] = [short(row.calls) for row in rows]
    table["Rounds"] = [short(row.sequential_depth) for row in rows]
    table["Prompt tokens"] = [round(row.prompt_tokens) for row in rows]
    if any(row.generated_tokens for row in rows):
        table["Generated tokens"] = [round(row.generated_tokens) for row in rows]
    table["Tokens cut"] = [short(row.tokens_cut) for row in rows]
    table[ran_on.COLUMN] = ran_on.cells([row.machines for row in rows])
    if any(row.repairs for row in rows):
        table["Repairs"] = [row.repairs for row in rows]
    return table


def everything(results: Results) -> Table:
    """One line per system with full figures, for a file."""
    rows = results.rows
    letters = letters_of(results)
    table: Table = {"System": [row.spec for row in rows], "Group": [letters.get(row.spec, "") for row in rows]}
    for measure in results.plan.measures:
        cells = [row.measures.get(measure) for row in rows]
        if any(cells):
            table[measure] = [None if cell is None else cell.mean for cell in cells]
            table[f"{measure} low"] = [None if cell is None else cell.low for cell in cells]
            table[f"{measure} high"] = [None if cell is None else cell.high for cell in cells]
            table[f"{measure} unjudged worst"] = [None if cell is None else cell.worst for cell in cells]
            table[f"{measure} unjudged best"] = [None if cell is None else cell.best for cell in cells]
    probed = [latency(row) for row in rows]
    return {
        **table,
        "Judged share of the first ten": [row.judged for row in rows],
        "Queries": [row.queries for row in rows],
        "Failed": [row.failed for row in rows],
        "Probed depth": [None if one is None else one.depth for one in probed],
        "p50 ms": [None if one is None else one.p50_ms for one in probed],
        "p95 ms": [None if one is None else one.p95_ms for one in probed],
        "Memory bytes": [None if one is None else one.memory_bytes for one in probed],
        "Machine": ["" if one is None else one.machine for one in probed],
        ran_on.COLUMN: ["; ".join(row.machines) for row in rows],
        "Calls": [row.calls for row in rows],
        "Rounds": [row.sequential_depth for row in rows],
        "Prompt tokens": [row.prompt_tokens for row in rows],
        "Generated tokens": [row.generated_tokens for row in rows],
        "Tokens cut": [row.tokens_cut for row in rows],
        "Share of documents cut": [row.cut_documents for row in rows],
        "Repairs": [row.repairs for row in rows],
    }


def letters_of(results: Results) -> Mapping[str, str]:
    """Specification to letters of its significance groups by the first measure; empty where nothing was compared."""
    found = results.significance.get(results.measure)
    if found is None or len(found.letters) < 2:
        return {}
    return dict(zip([row.spec for row in results.rows], found.letters, strict=True))


def latency(row: Row) -> Latency | None:
    """The probe of the whole lists: the deepest one."""
    return max(row.latencies, key=lambda one: one.depth, default=None)


def mean(cell: MeasureCell | None) -> str:
    """``0.412 ± 0.031``; the mean alone where one query gives no interval."""
    if cell is None:
        return UNKNOWN
    if cell.low is None or cell.high is None:
        return f"{cell.mean:.3f}"
    return f"{cell.mean:.3f} ± {(cell.high - cell.low) / 2:.3f}"


def bounds(cell: MeasureCell | None) -> str:
    """``0.39 to 0.51``; a dash for a measure that has no bounds."""
    if cell is None or cell.worst is None or cell.best is None:
        return UNKNOWN
    return f"{cell.worst:.2f} to {cell.best:.2f}"


def short(value: float) -> float:
    """Two decimals below ten, none above."""
    return round(value, 2 if value < 10 else 0)
