"""``compare``: runs against one another, with intervals, significance and what is missing to decide."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from core.cli.output import running_app, write_json, write_table
from core.measures.names import split_measures
from core.measures.significance.findings import Correction, Significance
from core.services.benchmarks.run_comparison import RunComparison, RunRow
from core.services.evaluation import DEFAULT_MEASURES, judged_notes

if TYPE_CHECKING:
    from argparse import _SubParsersAction

PAIR_HEADER = (
    *("first", "second", "difference", "low", "high", "p", "p t", "p Holm", "p Tukey", "significant"),
    *("effect", "win/tie/loss", "detectable", "queries needed"),
)


def add(commands: _SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the command."""
    command = commands.add_parser("compare", help="compare TREC runs: intervals, significance, queries needed")
    command.add_argument("runs", type=Path, nargs="+", metavar="RUN.trec")
    command.add_argument("--collection", required=True)
    measures_help = 'such as "nDCG@10 AP RR P@5"; the first one orders the table and its pairs are shown'
    command.add_argument("--measures", default=" ".join(DEFAULT_MEASURES), help=measures_help)
    corrections = [correction.value for correction in Correction]
    command.add_argument(
        "--correction", choices=corrections, default=Correction.HOLM.value, help="for many pairs; default: holm"
    )
    command.add_argument("--baseline", default="", metavar="RUN", help="the run that others must beat")
    command.add_argument("--json", action="store_true", help="machine-readable, all measures and every query")
    command.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Print the comparison."""
    measures = split_measures(options.measures)
    with running_app() as app:
        found = app.evaluation.compare(
            options.runs,
            options.collection,
            measures,
            correction=Correction(options.correction),
            baseline=options.baseline,
        )
    if options.json:
        write_json(asdict(found))
        return 0
    _write(found)
    return 0


def _write(found: RunComparison) -> None:
    sys.stdout.write(found.sentence + "\n")
    for row in found.rows:
        if row.missing:
            sys.stdout.write(f"note: {row.name} lacks {row.missing} of {found.queries} judged queries; they count 0.\n")
    for note in judged_notes({row.name: row.judged for row in found.rows}):
        sys.stdout.write(f"note: {note}\n")
    for measure in found.measures:
        sys.stdout.write("\n")
        letters = found.significance[measure].letters
        write_table(
            ("run", measure, "low", "high", "group", "Judged@10", "worst", "best"),
            [_row(row, measure, letter) for row, letter in zip(found.rows, letters, strict=True)],
        )
    sys.stdout.write(f"\nPairs by {found.measures[0]}: first minus second, 95 % intervals\n")
    write_table(PAIR_HEADER, _pairs(found.significance[found.measures[0]]))


def _row(row: RunRow, measure: str, letters: str) -> Sequence[str]:
    cell = row.measures[measure]
    ends = (_number(value, 4) for value in (cell.low, cell.high))
    return (
        *(row.name, f"{cell.mean:.4f}", *ends, letters, f"{row.judged:.3f}"),
        *(_number(value, 4) for value in (cell.worst, cell.best)),
    )


def _pairs(found: Significance) -> list[Sequence[str]]:
    return [
        (
            *(found.names[pair.first], found.names[pair.second]),
            *(f"{value:+.4f}" for value in (pair.difference, pair.low, pair.high)),
            *(f"{p:.4f}" for p in (pair.p_randomisation, pair.p_t, pair.holm_randomisation, pair.p_tukey)),
            "yes" if pair.significant else "no",
            _number(pair.effect, 2),
            f"{pair.wins}/{pair.ties}/{pair.losses}",
            f"{pair.detectable:.4f}",
            "-" if pair.queries_needed is None else str(pair.queries_needed),
        )
        for pair in found.pairs
    ]


def _number(value: float | None, digits: int) -> str:
    return "-" if value is None else f"{value:.{digits}f}"
