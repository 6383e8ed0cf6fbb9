"""``evaluate``: measures of a TREC run on a collection."""

from __future__ import annotations

import argparse
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from core.cli.output import running_app, write_json, write_table
from core.services.evaluation import DEFAULT_MEASURES

if TYPE_CHECKING:
    from argparse import _SubParsersAction


def add(commands: _SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the command."""
    command = commands.add_parser("evaluate", help="measures of a TREC run, as trec_eval computes them")
    command.add_argument("run_file", type=Path, metavar="RUN.trec")
    command.add_argument("--collection", required=True)
    command.add_argument("--measures", default=" ".join(DEFAULT_MEASURES), help='such as "nDCG@10 AP RR P@5"')
    command.add_argument("--json", action="store_true", help="machine-readable, with every query")
    command.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Print the means, or with --json everything."""
    with running_app() as app:
        found = app.evaluation.evaluate(options.run_file, options.collection, tuple(options.measures.split()))
    if options.json:
        write_json(asdict(found))
        return 0
    rows = [(measure, f"{value:.4f}", str(found.queries)) for measure, value in found.means.items()]
    write_table(("measure", "mean", "queries"), rows)
    for note in found.notes:
        sys.stderr.write(f"note: {note}\n")
    return 0
