"""Twenty people in the Playground at once, beside a batch job: ``python -m benchmarks.crowd``.

The engine is the real one, in its own process behind the engine client, as the services use it. Every person compares
three quick systems on a query of the sample collection that nobody else has; the batch job ranks all its queries by
query likelihood in the background. Every phase has an engine and an answer cache of its own. The table goes to stdout;
--write keeps it in docs/speed-crowd.md.
"""

from __future__ import annotations

import argparse
import json
import logging
import math
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.crowd_engine import People, Session, person
from benchmarks.speed.data import PROJECT
from benchmarks.speed.machine import described
from benchmarks.speed.outcome import Outcome, Row
from benchmarks.speed.report import summary, table

log = logging.getLogger("benchmarks.crowd")
NAME = "twenty people at once"
DEPTH = 10
HEAD_START = 3.0  # seconds that the batch job has been running when people come


def main() -> int:
    """Measure, print, keep; 1 where a person waited for the batch job longer than one batch."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--people", type=int, default=20)
    parser.add_argument("--threads", type=int, default=0, help="of the engine (0: its own choice)")
    parser.add_argument("--batch-seconds", type=float, default=20.0, help="how long the batch job is watched alone")
    parser.add_argument("--write", action="store_true", help="write docs/speed-crowd.md and .json")
    options = parser.parse_args()
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(message)s", datefmt="%H:%M:%S", stream=sys.stderr)
    log.setLevel(logging.INFO)
    logging.getLogger("bm25s").setLevel(logging.WARNING)
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory(prefix="runoff-crowd-", ignore_cleanup_errors=True) as folder:
        outcome = measure(Path(folder), options.people, options.threads, options.batch_seconds)
    about = f"Measured on {described()}; load average before the run {load:.1f}."
    lines = ["# Twenty people at once", "", "Written by `python -m benchmarks.crowd --write`.", "", about, ""]
    text = "\n".join([*lines, summary(outcome.rows), "", *table(outcome.rows), "", *outcome.facts]) + "\n"
    sys.stdout.write(text)
    if options.write:
        (PROJECT / "docs" / "speed-crowd.md").write_text(text, "utf-8")
        value = json.dumps({"machine": described(), "load": load, **outcome.as_json()}, indent=1)
        (PROJECT / "docs" / "speed-crowd.json").write_text(value + "\n", "utf-8")
    return 1 if any(row.verdict == "missed" for row in outcome.rows) else 0


def measure(folder: Path, people: int, threads: int, batch_seconds: float) -> Outcome:
    """All phases."""
    crowd = People.of_sample(people, DEPTH)
    log.info("one after another")
    with Session(folder / "alone", threads) as session:
        session.warm(crowd.spare)
        alone = [person(session, number, one) for number, one in enumerate(crowd.lists)]
    log.info("all at once: %.1f s were the sum of the single ones", sum(alone))
    with Session(folder / "merged", threads) as session:
        session.warm(crowd.spare)
        merged, together = session.at_once(crowd.lists)
    log.info("all at once took %.1f s; the batch job by itself", together)
    with Session(folder / "batch", threads) as session:
        session.warm(crowd.spare, llm=True)
        batch = session.start_batch(crowd.batch_lists)
        time.sleep(batch_seconds)
        gaps, pace = batch.gaps(), batch.calls_per_second()
        batch.cancel()
    log.info("one person after another, then all at once, beside the batch job")
    with Session(folder / "beside", threads) as session:
        session.warm(crowd.spare, llm=True)
        batch = session.start_batch(crowd.batch_lists)
        time.sleep(HEAD_START)
        half = len(crowd.lists) // 2
        singly = [person(session, number, one) for number, one in enumerate(crowd.lists[:half])]
        crowded, _ = session.at_once(crowd.lists[half:] + crowd.more)
        batch.cancel()
    return _outcome(alone, merged, together, crowded, singly, gaps, pace)


def _outcome(
    alone: Sequence[float],
    merged: Sequence[float],
    together: float,
    crowded: Sequence[float],
    singly: Sequence[float],
    gaps: Sequence[float],
    pace: float,
) -> Outcome:
    """The table. Waiting for the batch job is what a single person's comparison took beyond itself alone."""
    waits = [max(0.0, beside - own) for beside, own in zip(singly, alone, strict=False)]
    longest = max(gaps)
    middle = statistics.median(gaps)
    told = f"steps of the job alone, told 4 times a second: median {middle:.2f} s, longest {longest:.2f} s"
    rows = [
        *_waits("one at a time, nothing beside", alone),
        *_waits("all at once, nothing beside", merged),
        *_waits("all at once, beside a batch job", crowded),
        *_waits("one at a time, beside a batch job", singly),
        Row(
            workload=NAME, figure="longest wait for the batch job", unit="s", value=max(waits), low=min(waits),
            high=max(waits), rounds=len(waits), line=longest, at_least=False, note=told,
        ),
        Row(
            workload=NAME, figure="merged run, throughput over single runs", unit="x", value=sum(alone) / together,
            seconds=(together, sum(alone)), line=1.0,
        ),
    ]  # fmt: skip
    return Outcome(rows=tuple(rows), facts=(f"The batch job alone answers {pace:.1f} calls a second.",))


def _waits(what: str, seconds: Sequence[float]) -> list[Row]:
    """Nearest-rank percentiles of what people waited."""
    ordered = sorted(seconds)
    marks = {"p50": 0.5, "p95": 0.95, "longest": 1.0}
    at = {name: ordered[math.ceil(share * len(ordered)) - 1] for name, share in marks.items()}
    return [Row(workload=NAME, figure=f"{what}: {name}", unit="s", value=value) for name, value in at.items()]


if __name__ == "__main__":
    sys.exit(main())
