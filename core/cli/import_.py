"""``import``: files, a folder, a text or an id of ir_datasets become a collection."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from core.cli.output import ProgressLine, running_app, write_json
from core.datasets.formats import Format
from core.datasets.ir_dataset import PREFIX
from core.datasets.request import ImportRequest

if TYPE_CHECKING:
    from argparse import _SubParsersAction


def add(commands: _SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the command."""
    command = commands.add_parser("import", help="import a collection: documents, queries, judgments, runs")
    command.add_argument("path", metavar="PATH", help=f"a folder, a file, or {PREFIX}ID")
    command.add_argument("--name", required=True, help="name of the collection")
    command.add_argument("--format", choices=[str(known) for known in Format], default="", help="default: recognised")
    command.add_argument("--language", default="auto", help="auto (found out), code (source code), or en, de, zh ...")
    command.add_argument("--queries", type=Path, metavar="FILE", help="queries or topics beside a file of documents")
    command.add_argument("--qrels", type=Path, action="append", default=[], metavar="FILE", help="judgments beside it")
    command.add_argument(
        "--run", type=Path, action="append", default=[], metavar="FILE", dest="runs", help="keep a run"
    )
    command.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Import and print what came of it."""
    line = ProgressLine()
    doing = "reading"

    def progress(done: int, total: int) -> None:
        amount = f"{done:,} of {total:,} bytes" if total else f"{done:,} bytes"
        line.show(f"importing {options.name}: {doing}, {amount}")

    def say(text: str) -> None:
        nonlocal doing
        doing = text
        line.show(f"importing {options.name}: {text}")

    with running_app() as app:
        found = app.imports.now(_request(options), progress=progress, say=say)
    for warning in found.warnings:
        sys.stderr.write(f"warning: {warning}\n")
    collection = found.collection
    write_json(
        {
            "name": collection.name,
            "fingerprint": collection.fingerprint,
            "language": found.language,
            "documents": collection.documents,
            "queries": collection.queries,
            "judgments": collection.judgments,
            "candidate_sets": list(found.runs),
        }
    )
    return 0


def _request(options: argparse.Namespace) -> ImportRequest:
    source = f"{PREFIX}{options.path}" if _is_bare_id(options.path, options.format) else options.path
    return ImportRequest(
        source=source,
        name=options.name,
        format=options.format,
        language=options.language,
        queries=str(options.queries or ""),
        qrels=tuple(str(path) for path in options.qrels),
        runs=tuple(str(path) for path in options.runs),
    )


def _is_bare_id(path: str, format: str) -> bool:
    return format == Format.IR_DATASETS and not path.startswith(PREFIX)
