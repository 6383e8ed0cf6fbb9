"""What the command ``benchmark`` shows: cells as they are finished, the forecast, the table of results."""

from __future__ import annotations

import sys
from collections.abc import Mapping

from core.cli.output import write_json, write_table
from core.domain.benchmarks import BenchmarkPlan
from core.domain.machines import short_machines
from core.domain.variants import WHOLE
from core.services.benchmarks.views import Cell, Latency, Progress, Results, Row

MEGABYTE = 1_000_000


class CellLines:
    """One line on stderr for each cell when it is finished, and none for those that were before."""

    def __init__(self) -> None:
        self._said: set[tuple[str, str]] | None = None

    def show(self, progress: Progress) -> None:
        """Say which cells are finished since the last time."""
        over = {_key(cell): cell for cell in progress.cells if cell.done + cell.failed >= cell.total}
        if self._said is None:
            self._said = set(over)
            _say(f"{len(over)} of {len(progress.cells)} cells were finished before.")
        for key in [key for key in over if key not in self._said]:
            self._said.add(key)
            cell = over[key]
            failed = f", {cell.failed} failed: {cell.reason}" if cell.failed else ""
            _say(f"finished: {_name(cell)}, {cell.done} rankings{failed}")


def left_words(progress: Progress) -> str:
    """How long the rankings will still take, in words."""
    seconds = progress.seconds_left
    if seconds is None:
        return "time left unknown"
    if all(cell.complete for cell in progress.cells):
        return f"latencies {progress.probes_done} of {progress.probes}" if progress.probes else "rankings complete"
    return f"{duration(seconds)} of ranking left"


def duration(seconds: float) -> str:
    """ "under a minute", "about 12 min", "about 3 h 20 min"."""
    minutes = round(seconds / 60)
    if minutes < 1:
        return "under a minute"
    return f"about {minutes} min" if minutes < 60 else f"about {minutes // 60} h {minutes % 60} min"


def write_forecast(plan: BenchmarkPlan, progress: Progress, *, as_json: bool) -> None:
    """What is left to do, per cell."""
    if as_json:
        write_json({"benchmark": plan.name, "id": plan.id, **_progress_json(progress)})
        return
    rows = [
        (
            _name(cell),
            f"{cell.done}/{cell.total}",
            f"{'' if cell.exact else 'about '}{cell.calls}",
            _time_left(cell),
        )
        for cell in progress.cells
    ]
    write_table(("cell", "ranked", "calls left", "time left"), rows)
    sys.stdout.write(f"latency: {progress.probes_done} of {progress.probes} measured\n")


def _time_left(cell: Cell) -> str:
    if cell.complete:
        return "-"
    return "not measured here" if cell.seconds_left is None else duration(cell.seconds_left)


def write_results(plan: BenchmarkPlan, progress: Progress, results: Results, *, as_json: bool) -> None:
    """The table: means with 95 % intervals, significance groups, cost and latency."""
    if as_json:
        write_json(_results_json(plan, progress, results))
        return
    sys.stdout.write(results.sentence + "\n\n")
    measures = [measure for measure in plan.measures if any(measure in row.measures for row in results.rows)]
    header = ("system", *measures[:1], "95 %", "group", *measures[1:], "calls", "p50 ms", "p95 ms", "MB", "on")
    letters = _letters(results)
    write_table(header, [_line(row, measures, letters, plan.first_stage.depth) for row in results.rows])
    for spec in results.open:
        sys.stdout.write(f"not complete: {spec}\n")
    if results.recall_ceiling is not None and results.measure_ceiling is not None:
        sys.stdout.write(
            f"\nCandidates {plan.first_stage.set_name}: recall {results.recall_ceiling:.4f}, "
            f"best {results.measure} that any reranker can reach {results.measure_ceiling:.4f}\n"
        )


def _line(row: Row, measures: list[str], letters: Mapping[str, str], depth: int) -> tuple[str, ...]:
    first, *others = measures or [""]
    cell = row.measures.get(first)
    latency = _latency(row, depth)
    means = (f"{row.measures[name].mean:.4f}" if name in row.measures else "-" for name in others)
    return (
        row.spec,
        *((f"{cell.mean:.4f}",) if cell else ()),
        "-" if cell is None or cell.low is None or cell.high is None else f"{cell.low:.3f} to {cell.high:.3f}",
        letters.get(row.spec, "-"),
        *means,
        f"{row.calls:.1f}",
        f"{latency.p50_ms:.1f}" if latency else "-",
        f"{latency.p95_ms:.1f}" if latency else "-",
        f"{latency.memory_bytes / MEGABYTE:.0f}" if latency else "-",
        short_machines(row.machines) or "-",
    )


def _letters(results: Results) -> dict[str, str]:
    found = results.significance.get(results.measure)
    if found is None:
        return {}
    return dict(zip((row.spec for row in results.rows), found.letters, strict=True))


def _latency(row: Row, depth: int) -> Latency | None:
    return next((latency for latency in row.latencies if latency.depth == depth), None)


def _results_json(plan: BenchmarkPlan, progress: Progress, results: Results) -> dict[str, object]:
    letters = _letters(results)
    return {
        "benchmark": plan.name,
        "id": plan.id,
        "collection": plan.collection,
        "first_stage": plan.first_stage.set_name,
        "candidates": results.candidate_hash,
        "queries": results.queries,
        "judged_queries": len(results.judged_queries),
        "sentence": results.sentence,
        "correction": str(results.correction),
        "recall_ceiling": results.recall_ceiling,
        "measure_ceiling": results.measure_ceiling,
        "systems": [_row_json(row, letters) for row in results.rows],
        "not_complete": list(results.open),
        **_progress_json(progress),
    }


def _row_json(row: Row, letters: Mapping[str, str]) -> dict[str, object]:
    return {
        "system": row.spec,
        "fingerprint": row.system.fingerprint,
        "queries": row.queries,
        "failed": row.failed,
        "group": letters.get(row.spec),
        "measures": {
            name: {"mean": cell.mean, "low": cell.low, "high": cell.high, "worst": cell.worst, "best": cell.best}
            for name, cell in row.measures.items()
        },
        "judged_at_10": row.judged,
        "calls": row.calls,
        "prompt_tokens": row.prompt_tokens,
        "generated_tokens": row.generated_tokens,
        "tokens_cut": row.tokens_cut,
        "machines": list(row.machines),
        "latency": [
            {
                "depth": latency.depth,
                "p50_ms": latency.p50_ms,
                "p95_ms": latency.p95_ms,
                "queries": latency.n,
                "disturbed": latency.disturbed,
                "memory_bytes": latency.memory_bytes,
                "machine": latency.machine,
                "orders_equal": latency.orders_equal,
            }
            for latency in row.latencies
        ],
    }


def _progress_json(progress: Progress) -> dict[str, object]:
    return {
        "cells": [
            {
                "system": cell.system,
                "first": cell.variant.first,
                "shuffle": cell.variant.shuffle,
                "ranked": cell.done,
                "failed": cell.failed,
                "total": cell.total,
                "calls_left": cell.calls,
                "exact": cell.exact,
                "seconds_left": cell.seconds_left,
                "reason": cell.reason,
            }
            for cell in progress.cells
        ],
        "probes": {"measured": progress.probes_done, "wanted": progress.probes},
        "seconds_left": progress.seconds_left,
        "unmeasured": list(progress.unmeasured),
    }


def _key(cell: Cell) -> tuple[str, str]:
    return cell.system, cell.variant.name("")


def _name(cell: Cell) -> str:
    return cell.system if cell.variant == WHOLE else f"{cell.system}{cell.variant.name('')}"


def _say(text: str) -> None:
    sys.stderr.write(f"\r\x1b[K{text}\n" if sys.stderr.isatty() else f"{text}\n")
