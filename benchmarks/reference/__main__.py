"""Run published reference code beside our strategies and write down what was equal.

``python -m benchmarks.reference [--only SUITE ...] [--jobs 2] [--write docs/reference.md]``, in an environment with
benchmarks/requirements.txt. With --write the counts also go into the .json beside, which a test of the default suite
reads; of --only, its rows (--only without a name writes the page anew from them).
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.reference._document import document
from benchmarks.reference._suites import run_suite, suites
from benchmarks.reference.tally import DIFFERS, Row, verdict


def main(arguments: Sequence[str] | None = None) -> int:
    """1 where a comparison found what it should not."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.reference", description=__doc__)
    parser.add_argument("--only", nargs="*", choices=suites(), default=suites(), metavar="SUITE", help=f"{suites()}")
    parser.add_argument("--jobs", type=int, default=2, help="suites at a time, one thread each")
    parser.add_argument("--write", type=Path, help="the Markdown file; the .json beside it is written too")
    options = parser.parse_args(arguments)
    os.environ.update(TQDM_DISABLE="1", OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1", TOKENIZERS_PARALLELISM="false")
    kept: dict[str, Any] = {}
    beside = options.write.with_suffix(".json") if options.write else None
    if beside and beside.exists() and set(options.only) != set(suites()):
        kept = json.loads(beside.read_text("utf-8"))["suites"]
    today = datetime.now(UTC).date().isoformat()
    spawned = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(max_workers=options.jobs, mp_context=spawned) as pool:
        running = {name: pool.submit(run_suite, name) for name in options.only}
        rows = {name: [asdict(row) for row in running[name].result()] for name in options.only}
    found = {name: {"date": today, "rows": rows[name]} for name in options.only}
    data = collected({**kept, **found})
    text = document(data)
    sys.stdout.write(text)
    if options.write and beside:
        options.write.write_text(text, "utf-8")
        beside.write_text(json.dumps(data, indent=1, ensure_ascii=False) + "\n", "utf-8")
    return int(any(entry["outcome"] == DIFFERS for entry in data["strategies"].values()))


def collected(suites: dict[str, Any]) -> dict[str, Any]:
    """Suites in order, and what they come to for each strategy."""
    rows = [Row(**row) for name in sorted(suites) for row in suites[name]["rows"]]
    strategies = {}
    for name in sorted({row.strategy for row in rows}):
        own = [row for row in rows if row.strategy == name and not row.aside]
        strategies[name] = {
            "outcome": verdict(own),
            "cases": sum(row.cases for row in own),
            "equal": sum(row.equal for row in own),
            "reference_wrong": sum(row.reference_wrong for row in own),
            "differs": sum(row.ours_wrong + row.unlike for row in own),
            "packages": sorted({row.package for row in own}),
        }
    return {"strategies": strategies, "suites": {name: suites[name] for name in sorted(suites)}}


if __name__ == "__main__":
    raise SystemExit(main())
