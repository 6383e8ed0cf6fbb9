"""``benchmark``: everything that a configuration file asks for, as one job that can be stopped and goes on."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from core.bootstrap import App
from core.cli.benchmark_output import CellLines, left_words, write_forecast, write_results
from core.cli.output import ProgressLine, running_app
from core.datasets.benchmark_config import BenchmarkConfig, drawn_queries, read_benchmark_config
from core.datasets.sample import SAMPLE_NAME
from core.domain.benchmarks import BenchmarkPlan
from core.domain.errors import InvalidInputError
from core.domain.jobs import Job, JobState
from core.services.benchmarks.plans import Wanted
from core.services.systems import BASELINE

if TYPE_CHECKING:
    from argparse import _SubParsersAction

LOOK_SECONDS = 1.0  # between two looks at the cells
STOP_SECONDS = 10.0


def add(commands: _SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the command."""
    command = commands.add_parser("benchmark", help="rank and measure all systems of a configuration file")
    command.add_argument("config", type=Path, metavar="CONFIG.toml")
    command.add_argument("--json", action="store_true", help="machine-readable results")
    command.add_argument("--forecast", action="store_true", help="only say what is left to do and how long it takes")
    command.add_argument("--fresh", action="store_true", help="measure latencies again that are known on this machine")
    command.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Run what is missing and print the table; 0 where every system has ranked every query."""
    config = read_benchmark_config(options.config)
    with running_app(config.strategies) as app:
        plan = app.benchmarks.ensure(_wanted(app, config))
        if options.forecast:
            write_forecast(plan, app.benchmarks.progress(plan), as_json=options.json)
            return 0
        job = _follow(app, plan, fresh=options.fresh)
        progress = app.benchmarks.progress(plan)
        write_results(plan, progress, app.results.of(plan), as_json=options.json)
    complete = all(cell.complete for cell in progress.cells) and progress.probes_done == progress.probes
    return 0 if job.state is JobState.DONE and complete else 1


def _wanted(app: App, config: BenchmarkConfig) -> Wanted:
    """What the file asks for, its collection imported where it is not there yet."""
    if config.collection not in (names := [known.name for known in app.collections.all()]):
        if config.path is not None:
            _import(app, config.path, config.collection)
        elif config.collection == SAMPLE_NAME:
            app.collections.ensure_sample()
        else:
            raise InvalidInputError(
                f"There is no collection {config.collection!r} here; add its path to the configuration to import it. "
                f"Known: {', '.join(names) or 'none'}."
            )
    drawn = drawn_queries(config, app.collections.reader(config.collection).queries())
    return Wanted(
        collection=config.collection,
        systems=config.systems,
        name=config.name,
        stage=config.stage,
        queries=config.queries or drawn,
        category="" if drawn else config.category,
        measures=config.measures,
        baseline=config.baseline or BASELINE,
        depths=config.depths,
        shuffles=config.shuffles,
        shuffled_queries=config.shuffled_queries,
        probe_queries=config.probe_queries,
    )


def _import(app: App, path: Path, name: str) -> None:
    line = ProgressLine()

    def progress(done: int, total: int) -> None:
        line.show(f"importing {name}: {done} of {total}")

    collection, warnings = app.collections.import_path(path, name, progress=progress)
    line.end(f"imported {name}: {collection.documents} documents, {collection.queries} queries")
    for warning in warnings:
        sys.stderr.write(f"warning: {warning}\n")


def _follow(app: App, plan: BenchmarkPlan, *, fresh: bool) -> Job:
    """Until the job ended. Ctrl-C stops it (or only the looking on, where another process runs it)."""
    line, lines = ProgressLine(), CellLines()
    lines.show(app.benchmarks.progress(plan))
    job = app.benchmarks.start(plan, fresh=fresh)
    left, looked = "", 0.0
    try:
        while not job.state.ended:
            job = app.jobs.wait(job.id, timeout=0.2)
            if job.owner != app.owner.name:
                time.sleep(0.2)
            if time.monotonic() - looked > LOOK_SECONDS:
                looked = time.monotonic()
                progress = app.benchmarks.progress(plan)
                lines.show(progress)
                left = left_words(progress)
            line.show(f"{job.done} of {job.total}, {left}  {job.message}")
    except KeyboardInterrupt:
        _stop(app, job, line)
        raise
    lines.show(app.benchmarks.progress(plan))
    line.end(f"{job.state.value}: {job.done} of {job.total}  {job.message}")
    return job


def _stop(app: App, job: Job, line: ProgressLine) -> None:
    if job.owner != app.owner.name:
        line.end("Another process runs this benchmark; it goes on there.")
        return
    app.jobs.cancel(job.id)
    job = app.jobs.wait(job.id, timeout=STOP_SECONDS)
    line.end(f"stopped after {job.done} of {job.total}; the same command goes on from there")
