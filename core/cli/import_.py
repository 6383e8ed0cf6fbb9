"""``import``: a BEIR folder or a file of hits becomes a collection."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from core.cli.output import ProgressLine, running_app, write_json

if TYPE_CHECKING:
    from argparse import _SubParsersAction


def add(commands: _SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the command."""
    command = commands.add_parser("import", help="import a BEIR folder, or a CSV or JSONL file of hits")
    command.add_argument("path", type=Path, metavar="PATH")
    command.add_argument("--name", required=True, help="name of the collection")
    command.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Import and print what came of it."""
    line = ProgressLine()

    def progress(done: int, total: int) -> None:
        line.show(f"importing {options.name}: {done} of {total}")

    with running_app() as app:
        collection, warnings = app.collections.import_path(options.path, options.name, progress=progress)
    for warning in warnings:
        sys.stderr.write(f"warning: {warning}\n")
    write_json(
        {
            "name": collection.name,
            "fingerprint": collection.fingerprint,
            "documents": collection.documents,
            "queries": collection.queries,
            "judgments": collection.judgments,
        }
    )
    return 0
