"""``trace``: everything that happens in one ranking, round by round; with ``--store`` the traces that come along."""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from core.bootstrap import App
from core.cli.output import ProgressLine, running_app, write_json
from core.cli.trace_output import write_trace
from core.datasets.sample import SAMPLE_NAME
from core.domain.codec import to_json
from core.domain.documents import CandidateList
from core.domain.errors import InvalidInputError, RunoffError
from core.domain.jobs import JobState
from core.domain.traces import Trace
from core.services.stored_traces import DEPTH, FOLDER, QUERY, StoredTrace, first_documents, store_trace

if TYPE_CHECKING:
    from argparse import _SubParsersAction

STOP_SECONDS = 5


def add(commands: _SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the command."""
    command = commands.add_parser("trace", help="every prompt, answer and decision of one ranking")
    command.add_argument("systems", metavar="SPEC", nargs="*", help="with --store: default is whatever runs here")
    command.add_argument("--collection", default=SAMPLE_NAME, help=f"default: {SAMPLE_NAME}")
    command.add_argument("--query", default="", metavar="ID|TEXT", help="the id of a query of the collection, or words")
    command.add_argument("--depth", type=int, default=0, metavar="N", help="only the first N candidates")
    command.add_argument("--prompts", action="store_true", help="with every prompt in full")
    command.add_argument("--json", action="store_true", help="machine-readable, with everything")
    command.add_argument(
        "--store",
        action="store_true",
        help=f"write the compact traces that come along: {DEPTH} passages of query {QUERY} of the sample collection",
    )
    command.add_argument("--out", type=Path, default=FOLDER, metavar="DIR", help="where --store writes")
    command.add_argument("--strategy", type=Path, action="append", default=[], metavar="FILE", help="load this first")
    command.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Print or store; exit code 1 where a system could not be traced."""
    if options.store:
        with running_app(options.strategy) as app:
            return _store_all(app, options)
    if len(options.systems) != 1 or not options.query:
        raise InvalidInputError(
            "Name one system and --query ID or --query WORDS, for example: trace yes-no --query f03"
        )
    with running_app(options.strategy) as app:
        candidates = _candidates(app, options)
        trace = _traced(app, candidates, app.systems.resolve(options.systems[0]).spec)
    if options.json:
        write_json(to_json(trace))
    else:
        write_trace(trace, prompts=options.prompts)
    return 0


def _candidates(app: App, options: argparse.Namespace) -> CandidateList:
    if options.collection == SAMPLE_NAME:
        app.collections.ensure_sample()
    reader = app.collections.reader(options.collection)
    if any(query.id == options.query for query in reader.queries()):
        found = app.candidates.for_query(options.collection, options.query)
    else:
        found = app.candidates.for_text(options.collection, options.query)
    if options.depth < 0:
        raise InvalidInputError(f"--depth must be at least 1, not {options.depth}.")
    return first_documents(found, options.depth) if options.depth else found


def _traced(app: App, candidates: CandidateList, spec: str) -> Trace:
    """RunoffError with the reason where there is none."""
    line = ProgressLine()
    job = app.tracing.start(candidates, spec)
    try:
        while not job.state.ended:
            job = app.jobs.wait(job.id, timeout=0.2)
            line.show(f"{job.done} of {job.total} calls  {job.message}")
    except KeyboardInterrupt:
        app.jobs.cancel(job.id)
        app.jobs.wait(job.id, timeout=STOP_SECONDS)
        raise
    line.end(f"{job.state.value}: {spec}  {job.message}")
    trace = app.tracing.of(candidates, spec)
    if job.state is not JobState.DONE or trace is None:
        raise RunoffError(job.message or f"There is no trace of {spec}.")
    return trace


def _store_all(app: App, options: argparse.Namespace) -> int:
    sample = app.collections.ensure_sample()
    candidates = first_documents(app.candidates.for_query(sample.fingerprint, QUERY), DEPTH)
    specs = options.systems or [described.spec for described in app.strategies.all() if described.runs]
    failed = 0
    for spec in specs:
        try:
            _store(app, candidates, spec, options.out)
        except RunoffError as error:
            failed += 1
            sys.stderr.write(f"not stored: {error}\n")
    return 1 if failed else 0


def _store(app: App, candidates: CandidateList, spec: str, folder: Path) -> None:
    system = app.systems.resolve(spec)
    judged = app.collections.reader(candidates.collection or "").judgments(candidates.query.id)
    stored = StoredTrace(
        spec=system.spec,
        made_on=datetime.now(UTC).date().isoformat(),
        titles={document.id: document.title for document in candidates.documents},
        grades={id: judged[id] for id in candidates.ids if id in judged},
        trace=_traced(app, candidates, system.spec),
    )
    path = store_trace(stored, system.strategy, folder)
    sys.stdout.write(f"{path}  {path.stat().st_size:,} bytes\n")
