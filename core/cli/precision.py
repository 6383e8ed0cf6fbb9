"""``precision``: what a lower precision of a model changes, measured against fp32 on the sample collection."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from core.bootstrap import App
from core.cli.output import ProgressLine, running_app, write_json, write_table
from core.domain.codec import to_json
from core.domain.jobs import Job, JobState
from core.domain.precision import FULL, PrecisionCheck
from core.services.precision.lowering import LOWER

if TYPE_CHECKING:
    from argparse import _SubParsersAction

STOP_SECONDS = 5


def add(commands: _SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the command."""
    command = commands.add_parser("precision", help="what bf16 or fp16 changes against fp32, on the sample collection")
    command.add_argument("model", metavar="MODEL", help="a model whose weights run here")
    command.add_argument("--precision", choices=LOWER, default="", help="default: that of the model, else bf16")
    command.add_argument("--queries", type=int, default=0, metavar="N", help="so many, evenly spread (default: all)")
    command.add_argument(
        "--system",
        action="append",
        default=[],
        metavar="SPEC",
        dest="systems",
        help="with this model; default: those with one call per document",
    )
    command.add_argument("--json", action="store_true", help="machine-readable")
    command.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Measure, keep and print; exit code 1 where a system could not be measured."""
    with running_app() as app:
        job, systems = app.precision.start(
            options.model, precision=options.precision, queries=options.queries, specs=options.systems
        )
        job = _follow(app, job)
        measured = {check.system: check for check in reversed(app.precision.of_model(options.model))}
    found = [
        check
        for system in systems
        if (check := measured.get(system.fingerprint)) is not None and check.measured_at >= job.created_at
    ]
    if options.json:
        write_json([to_json(check) for check in found])
    elif found:
        _write(found)
    return 0 if job.state is JobState.DONE and len(found) == len(systems) else 1


def _follow(app: App, job: Job) -> Job:
    line = ProgressLine()
    try:
        while not job.state.ended:
            job = app.jobs.wait(job.id, timeout=0.2)
            line.show(f"{job.done} of {job.total} rankings  {job.message}")
    except KeyboardInterrupt:
        app.jobs.cancel(job.id)
        app.jobs.wait(job.id, timeout=STOP_SECONDS)
        raise
    line.end(f"{job.state.value}: {job.done} of {job.total} rankings  {job.message}")
    return job


def _write(found: Sequence[PrecisionCheck]) -> None:
    first = found[0]
    sys.stdout.write(f"{first.precision} against {FULL}, {first.queries} sample queries, {first.machine}\n\n")
    header = (
        "system",
        "tau",
        "95 %",
        "unchanged",
        f"nDCG@5 {FULL}",
        first.precision,
        f"s/query {FULL}",
        first.precision,
    )
    write_table(header, [_row(check) for check in found])


def _row(check: PrecisionCheck) -> tuple[str, ...]:
    return (
        check.spec,
        f"{check.tau:.4f}",
        "-" if check.tau_low is None else f"{check.tau_low:.3f} to {check.tau_high:.3f}",
        f"{check.unchanged:.0%}",
        _figure(check.full_ndcg, 4),
        _figure(check.ndcg, 4),
        _figure(check.full_seconds, 3),
        _figure(check.seconds, 3),
    )


def _figure(value: float | None, digits: int) -> str:
    return "-" if value is None else f"{value:.{digits}f}"
