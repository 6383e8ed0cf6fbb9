"""Run every suite, two at a time, and print the table of bars.

``python -m benchmarks.statistics [--seed 1] [--percent 100] [--only NAME ...] [--write docs/statistics.md]``
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import pkgutil
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict
from pathlib import Path

from benchmarks import statistics
from benchmarks.report import machine
from benchmarks.statistics._document import document, updated
from benchmarks.statistics.bars import Bar

HELPERS = frozenset({"bars", "worlds"})


def main(arguments: Sequence[str] | None = None) -> int:
    """1 where a bar was missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.statistics", description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--percent", type=int, default=100, help="of the replications")
    parser.add_argument("--only", nargs="*", choices=suites(), default=suites(), help="suites")
    parser.add_argument("--write", type=Path, help="also write the table into this Markdown file; of --only, its rows")
    parser.add_argument("--json", type=Path, help="also write the rows as JSON")
    options = parser.parse_args(arguments)
    began = time.perf_counter()
    with ProcessPoolExecutor(max_workers=len(os.sched_getaffinity(0))) as pool:
        running = {name: pool.submit(run_suite, name, options.seed, options.percent) for name in options.only}
        bars = [bar for name in options.only for bar in running[name].result()]
    seconds = time.perf_counter() - began
    how = f"Seed {options.seed}, {options.percent} % of the replications, {seconds:.0f} s on {machine()}."
    sys.stdout.write(document(bars, how))
    if options.write and set(options.only) == set(suites()):
        options.write.write_text(document(bars, how), "utf-8")
    elif options.write:
        options.write.write_text(updated(options.write.read_text("utf-8"), bars, how), "utf-8")
    if options.json:
        options.json.write_text(json.dumps([asdict(bar) for bar in bars], indent=1), "utf-8")
    return int(any(bar.reached is False for bar in bars))


def suites() -> list[str]:
    """Modules of this package that are suites."""
    names = [module.name for module in pkgutil.iter_modules(statistics.__path__)]
    return sorted(name for name in names if not name.startswith("_") and name not in HELPERS)


def run_suite(name: str, seed: int, percent: int) -> list[Bar]:
    """All bars of one suite."""
    module = importlib.import_module(f"benchmarks.statistics.{name}")
    return list(module.suite(seed, percent))


if __name__ == "__main__":
    raise SystemExit(main())
