"""``rerank``: systems over frozen candidates of a collection, one TREC run each and a cost summary."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from core.bootstrap import App
from core.cli.output import ProgressLine, running_app, write_json
from core.datasets.trec import read_run, write_run
from core.domain.documents import CandidateList
from core.domain.errors import InvalidInputError
from core.domain.jobs import Job, JobKind, JobState
from core.domain.rankings import Ranking
from core.domain.systems import System

if TYPE_CHECKING:
    from argparse import _SubParsersAction


def add(commands: _SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the command."""
    command = commands.add_parser("rerank", help="rerank a collection's queries with one or more systems")
    command.add_argument("--collection", required=True)
    command.add_argument("--system", action="append", required=True, metavar="SPEC", dest="systems")
    source = command.add_mutually_exclusive_group()
    source.add_argument("--candidates", type=Path, metavar="RUN.trec", help="a run whose order is the first stage")
    source.add_argument("--first-stage", choices=["bm25"], default="bm25")
    command.add_argument("--depth", type=int, default=100, help="candidates per query (default 100)")
    command.add_argument("--out", type=Path, required=True, metavar="DIR")
    command.add_argument("--strategy", type=Path, action="append", default=[], metavar="FILE", help="load this first")
    command.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Rank everything, write the runs, print the cost of each system as JSON."""
    with running_app(options.strategy) as app:
        systems = [app.systems.resolve(spec) for spec in dict.fromkeys(options.systems)]
        lists = _candidates(app, options)
        job = _rank(app, systems, lists)
        rankings = app.store.rankings([made.hash for made in lists], [system.fingerprint for system in systems])
        failures = app.store.failures([made.hash for made in lists])
    options.out.mkdir(parents=True, exist_ok=True)
    summary = [_write(options.out, system, lists, rankings) for system in systems]
    write_json(summary)
    for failure in failures[:5]:
        sys.stderr.write(f"failed: {failure.message}\n")
    complete = all(entry["queries"] == len(lists) for entry in summary)
    return 0 if job.state is JobState.DONE and complete else 1


def _candidates(app: App, options: argparse.Namespace) -> tuple[CandidateList, ...]:
    if options.candidates is None:
        hashes = app.candidates.for_collection(options.collection, options.depth, written=False)
        return tuple(app.candidates.load(hash) for hash in hashes.values())
    collection = app.collections.get(options.collection)
    reader = app.collections.reader(options.collection)
    known = {query.id: query for query in reader.queries()}
    ranked = read_run(options.candidates)
    if unknown := [id for id in ranked if id not in known]:
        raise InvalidInputError(f"{options.candidates}: query {unknown[0]!r} is not in {collection.name!r}.")
    lists = tuple(
        CandidateList(
            query=known[query_id],
            documents=reader.documents([hit.document for hit in hits[: options.depth]]),
            collection=collection.fingerprint,
            first_stage=f"{options.candidates.name} top {options.depth}",
            first_stage_scores=tuple(hit.score for hit in hits[: options.depth]),
        )
        for query_id, hits in ranked.items()
    )
    app.store.save_candidates(lists, set_name=f"{options.candidates.name} top {options.depth}")
    return lists


def _rank(app: App, systems: Sequence[System], lists: Sequence[CandidateList]) -> Job:
    line = ProgressLine()
    job = app.jobs.rank(systems, lists, kind=JobKind.COMPARE, title=f"Rerank {len(lists)} lists")
    try:
        while not job.state.ended:
            job = app.jobs.wait(job.id, timeout=0.2)
            line.show(f"{job.done} of {job.total} rankings  {job.message}")
    except KeyboardInterrupt:
        app.jobs.cancel(job.id)
        job = app.jobs.wait(job.id, timeout=5)
        raise
    line.end(f"{job.state.value}: {job.done} of {job.total} new rankings  {job.message}")
    return job


def file_name(spec: str) -> str:
    """The run's file name: the specification with anything a file system may refuse replaced."""
    return re.sub(r"[^A-Za-z0-9.,=_-]+", "_", spec).strip("_")[:180] + ".trec"


def _write(out: Path, system: System, lists: Sequence[CandidateList], rankings: Sequence[Ranking]) -> dict[str, object]:
    mine = {ranking.candidates: ranking for ranking in rankings if ranking.system == system.fingerprint}
    ordered = {made.query.id: mine[made.hash].order for made in lists if made.hash in mine}
    path = out / file_name(system.spec)
    write_run(path, ordered, tag=system.spec)
    done = [mine[made.hash] for made in lists if made.hash in mine]
    return {
        "system": system.spec,
        "fingerprint": system.fingerprint,
        "run": str(path),
        "queries": len(done),
        "calls": sum(ranking.logical.calls for ranking in done),
        "prompt_tokens": sum(ranking.logical.prompt_tokens for ranking in done),
        "generated_tokens": sum(ranking.logical.generated_tokens for ranking in done),
        "tokens_cut": sum(ranking.logical.tokens_cut for ranking in done),
        "executed_seconds": round(sum(ranking.executed.seconds for ranking in done), 3),
        "cache_hits": sum(ranking.executed.cache_hits for ranking in done),
        "machine": sorted({ranking.machine for ranking in done}),
    }
