"""``replay``: check a decision bundle and compute everything in it again; needs no database."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from core.cli.output import write_json, write_table
from core.services.bundles.replay import Replay, replay

if TYPE_CHECKING:
    from argparse import _SubParsersAction


def add(commands: _SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the command."""
    command = commands.add_parser("replay", help="check a decision bundle and compute its figures again")
    command.add_argument("bundle", type=Path, metavar="BUNDLE.zip")
    command.add_argument("--json", action="store_true", help="machine-readable")
    command.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Print the checks and the table; 1 where something is not as it was written."""
    found = replay(options.bundle)
    if options.json:
        write_json(_object(found))
    else:
        _tell(found)
    return 0 if found.passed else 1


def _object(found: Replay) -> dict[str, object]:
    return {
        "benchmark": found.name,
        "passed": found.passed,
        "checks": [{"name": one.name, "passed": one.passed, "detail": one.detail} for one in found.checks],
        "sentence": found.results.sentence,
        "answer": found.choice.sentence,
        "means": {
            row.spec: {measure: cell.mean for measure, cell in row.measures.items()} for row in found.results.rows
        },
    }


def _tell(found: Replay) -> None:
    for one in found.checks:
        sys.stdout.write(f"{'ok' if one.passed else 'NOT THE SAME':12}  {one.name}: {one.detail}\n")
    sys.stdout.write(f"\n{found.choice.sentence}\n{found.results.sentence}\n\n")
    measures = found.results.plan.measures
    rows = [
        (row.spec, *(f"{row.measures[measure].mean:.4f}" if measure in row.measures else "-" for measure in measures))
        for row in found.results.rows
    ]
    write_table(("system", *measures), rows)
