"""Runoff's reranking against its peers: ``python -m benchmarks.speed [WORKLOAD ...] [--write]``.

Every workload runs in a process of its own that holds ours and the peers. The table goes to stdout, progress to stderr;
--write keeps table, JSON and charts in docs/. Nothing is fetched.
"""

from __future__ import annotations

import json
import logging
import os
import queue
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from benchmarks.speed import report
from benchmarks.speed.machine import cuda_device, described
from benchmarks.speed.options import again, chosen, parser, writing
from benchmarks.speed.outcome import Outcome, Row, outcome_from

log = logging.getLogger("benchmarks.speed")
THREAD_VARIABLES = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")
NO_DEVICE = "No CUDA device is seen here, so the GPU set was not measured. --gpu --tiny runs its code on the CPU."


def main() -> int:
    """Measure, print, keep; 1 where a line was missed or a comparison refused."""
    options = writing(parser((__doc__ or "").splitlines()[0])).parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", datefmt="%H:%M:%S", stream=sys.stderr)
    names = chosen(options)
    device = cuda_device() if options.gpu else ""
    if options.gpu and not device and not options.tiny:
        sys.stdout.write(NO_DEVICE + "\n")
        return 0
    load = os.getloadavg()[0]
    began = time.monotonic()
    outcome = joined(run_all(names, again(options), options.threads, slots(options.jobs, options.threads)))
    how = report.How(
        machine=described(device),
        threads=options.threads,
        jobs=options.jobs,
        processor_time=options.processor_time,
        load=load,
        minutes=(time.monotonic() - began) / 60,
        beside=options.beside,
        command=" ".join(["python -m benchmarks.speed", *sys.argv[1:]]),
        gpu=options.gpu,
        rehearsal=options.tiny or options.quick,
    )
    sys.stdout.write(report.markdown(outcome, how))
    if options.write:
        report.write(outcome, how, options.docs)
    return 1 if any(row.verdict in ("missed", "refused") for row in outcome.rows) else 0


def slots(jobs: int, threads: int) -> list[list[int]]:
    """The cores of every comparison that runs at the same time, none shared; nothing is pinned where there is one.

    SystemExit where there are not enough.
    """
    cores = sorted(os.sched_getaffinity(0))
    if jobs == 1:
        return [[]]
    if jobs * threads > len(cores):
        raise SystemExit(f"--jobs {jobs} of {threads} threads need {jobs * threads} cores; here are {len(cores)}.")
    return [cores[job * threads : (job + 1) * threads] for job in range(jobs)]


def run_all(names: Sequence[str], options: Sequence[str], threads: int, places: Sequence[list[int]]) -> list[Outcome]:
    """Outcomes in the order of the names; as many workloads at a time as there are places."""
    free: queue.SimpleQueue[list[int]] = queue.SimpleQueue()
    for place in places:
        free.put(place)

    def next_one(name: str) -> Outcome:
        place = free.get()
        try:
            log.info("%s begins", name)
            began = time.monotonic()
            found = run(name, options, threads, place)
            log.info("%s took %.0f s", name, time.monotonic() - began)
            return found
        finally:
            free.put(place)

    with ThreadPoolExecutor(max_workers=len(places)) as pool:
        return list(pool.map(next_one, names))


def joined(outcomes: Sequence[Outcome]) -> Outcome:
    """All of them as one."""
    return Outcome(
        rows=tuple(row for found in outcomes for row in found.rows),
        series=tuple(one for found in outcomes for one in found.series),
        facts=tuple(fact for found in outcomes for fact in found.facts),
    )


def run(name: str, options: Sequence[str], threads: int, cores: Sequence[int] = ()) -> Outcome:
    """The outcome of a workload, measured in a new process; a row that says so where it failed."""
    environment = {**os.environ, **{variable: str(threads) for variable in THREAD_VARIABLES}, "HF_HUB_OFFLINE": "1"}
    with tempfile.TemporaryDirectory(prefix="runoff-speed-") as folder:
        out = Path(folder) / "outcome.json"
        command = [sys.executable, "-m", "benchmarks.speed.one", name, *options, "--out", str(out)]
        command += ["--cores", ",".join(map(str, cores))] if cores else []
        code = subprocess.run(command, env=environment, check=False).returncode
        if code or not out.is_file():
            return Outcome(rows=(Row(workload=name, figure="", refused=f"the process ended with {code}; see its log"),))
        return outcome_from(json.loads(out.read_text("utf-8")))


if __name__ == "__main__":
    sys.exit(main())
