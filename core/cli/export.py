"""``export`` and ``report``: a benchmark as TREC files, tables, a decision bundle, or one HTML page."""

from __future__ import annotations

import argparse
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from core.bootstrap import App
from core.cli.benchmark_choice import chosen_plan
from core.cli.output import running_app, write_json
from core.cli.whole_file import write_whole
from core.datasets.exports.tables import TableFormat
from core.domain.benchmarks import BenchmarkPlan
from core.domain.errors import InvalidInputError
from core.services.bundles.tables import TableName
from core.services.choosing.limits import Limits

if TYPE_CHECKING:
    from argparse import _SubParsersAction

BUNDLE, TREC = "bundle", "trec"
FORMATS = (BUNDLE, TREC, *(str(format) for format in TableFormat))


def add(commands: _SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register both commands."""
    out = commands.add_parser("export", help="write a benchmark: decision bundle, TREC files, or tables")
    out.add_argument("out", type=Path, metavar="OUT", help="the zip of a bundle, or a folder for the other formats")
    out.add_argument("--format", choices=FORMATS, default=BUNDLE, help="default: bundle")
    out.set_defaults(run=run_export)
    page = commands.add_parser("report", help="write the report of a benchmark, one HTML page")
    page.add_argument("out", type=Path, metavar="OUT.html")
    page.set_defaults(run=run_report)
    for command in (out, page):
        command.add_argument("--benchmark", default="", metavar="NAME", help="name or id; default: the newest")
        command.add_argument("--collection", default="", help="only benchmarks of this collection")
        command.add_argument("--p95-ms", type=float, help="limit of the choice: 95th percentile of one query")
        command.add_argument("--memory-mb", type=float, help="limit of the choice: memory of the models")
        command.add_argument("--price-per-1000", type=float, help="limit of the choice: price of 1,000 queries")


def run_export(options: argparse.Namespace) -> int:
    """Write the files, each whole or not at all, and print what was written."""
    with running_app() as app:
        plan = chosen_plan(app, options.benchmark, options.collection)
        if options.format == BUNDLE:
            write_whole(options.out, lambda stream: app.bundles.write(plan, stream, _limits(options)))
            files = [options.out]
        else:
            files = _into(_folder(options.out), app, plan, options.format)
    write_json({"benchmark": plan.name, "format": options.format, "files": [str(path) for path in files]})
    return 0


def run_report(options: argparse.Namespace) -> int:
    """Write the page and print where."""
    with running_app() as app:
        plan = chosen_plan(app, options.benchmark, options.collection)
        page = app.bundles.report(plan, _limits(options))
    write_whole(options.out, lambda stream: stream.write(page))
    write_json({"benchmark": plan.name, "report": str(options.out)})
    return 0


def _limits(options: argparse.Namespace) -> Limits:
    return Limits(p95_ms=options.p95_ms, memory_mb=options.memory_mb, price_per_1000=options.price_per_1000)


def _into(folder: Path, app: App, plan: BenchmarkPlan, format: str) -> list[Path]:
    written: list[Path] = []
    if format == TREC:
        for name, content in app.bundles.trec(plan).items():
            written.append(folder / name)
            write_whole(written[-1], partial(_put, content))
        return written
    for table in TableName:
        written.append(folder / f"{table}.{format}")
        write_whole(written[-1], partial(app.bundles.table, plan, table, TableFormat(format)))
    return written


def _put(content: bytes, stream: BinaryIO) -> None:
    stream.write(content)


def _folder(path: Path) -> Path:
    if path.exists() and not path.is_dir():
        raise InvalidInputError(f"{path} is a file; name a folder for this format.")
    return path
