"""``rerank``: systems over frozen candidates of a collection, one TREC run each and a cost summary."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from core.bootstrap import App
from core.cli.output import ProgressLine, running_app, write_json
from core.datasets.trec import write_run
from core.domain.documents import CandidateList
from core.domain.first_stages import FirstStage, first_stage
from core.domain.jobs import Job, JobKind, JobState
from core.domain.rankings import Ranking
from core.domain.systems import System
from core.services.candidate_ceiling import ceiling

if TYPE_CHECKING:
    from argparse import _SubParsersAction

MEASURE = "nDCG@10"  # whose best reachable value is shown beside the recall


def add(commands: _SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the command."""
    command = commands.add_parser("rerank", help="rerank a collection's queries with one or more systems")
    command.add_argument("--collection", required=True)
    command.add_argument("--system", action="append", required=True, metavar="SPEC", dest="systems")
    source = command.add_mutually_exclusive_group()
    source.add_argument("--candidates", type=Path, metavar="RUN.trec", help="a run whose order is the first stage")
    source.add_argument(
        "--first-stage",
        default="bm25",
        metavar="STAGE",
        help="bm25 (default), dense, dense:MODEL, hybrid, hybrid:MODEL, written (lists that came along), run:NAME",
    )
    command.add_argument("--depth", type=int, default=100, help="candidates per query (default 100)")
    command.add_argument("--out", type=Path, required=True, metavar="DIR")
    command.add_argument("--strategy", type=Path, action="append", default=[], metavar="FILE", help="load this first")
    command.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Rank everything, write the runs, print the candidates' ceiling and the cost of each system as JSON."""
    stage = None if options.candidates else first_stage(options.first_stage, options.depth)
    with running_app(options.strategy) as app:
        systems = [app.systems.resolve(spec) for spec in dict.fromkeys(options.systems)]
        stage = stage or app.candidates.give_run_file(options.collection, options.candidates, options.depth)
        hashes = _candidates(app, options.collection, stage)
        lists = [app.candidates.load(hash) for hash in hashes.values()]
        candidates = _described(app, options.collection, stage, hashes, lists)
        job = _rank(app, systems, lists)
        rankings = app.store.rankings([made.hash for made in lists], [system.fingerprint for system in systems])
        failures = app.store.failures([made.hash for made in lists])
    options.out.mkdir(parents=True, exist_ok=True)
    summary = [_write(options.out, system, lists, rankings) for system in systems]
    write_json({"candidates": candidates, "systems": summary})
    for failure in failures[:5]:
        sys.stderr.write(f"failed: {failure.message}\n")
    complete = all(entry["queries"] == len(lists) for entry in summary)
    return 0 if job.state is JobState.DONE and complete else 1


def _candidates(app: App, collection: str, stage: FirstStage) -> dict[str, str]:
    """Query id to list hash."""
    line = ProgressLine()

    def show(_done: int, _total: int, note: str) -> None:
        line.show(f"candidates: {note}")

    return app.candidates.make(collection, stage, progress=show)


def _described(
    app: App, collection: str, stage: FirstStage, hashes: Mapping[str, str], lists: Sequence[CandidateList]
) -> dict[str, object]:
    found = ceiling({made.query.id: made.ids for made in lists}, app.collections.reader(collection).qrels(), [MEASURE])
    return {
        "first_stage": stage.notation,
        "set": stage.set_name,
        "hash": app.candidates.hash_of(hashes),
        "queries": len(lists),
        "documents": sum(len(made.documents) for made in lists),
        "recall_ceiling": found.mean_recall,
        "ceiling": {MEASURE: found.mean_best(MEASURE)},
        "queries_without_relevant_documents": found.without,
    }


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
