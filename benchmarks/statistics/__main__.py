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
from benchmarks.statistics.bars import Bar

HELPERS = frozenset({"bars", "worlds"})


def main(arguments: Sequence[str] | None = None) -> int:
    """1 where a bar was missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.statistics", description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--percent", type=int, default=100, help="of the replications")
    parser.add_argument("--only", nargs="*", choices=suites(), default=suites(), help="suites")
    parser.add_argument("--write", type=Path, help="also write the table into this Markdown file")
    parser.add_argument("--json", type=Path, help="also write the rows as JSON")
    options = parser.parse_args(arguments)
    began = time.perf_counter()
    with ProcessPoolExecutor(max_workers=len(os.sched_getaffinity(0))) as pool:
        running = {name: pool.submit(run_suite, name, options.seed, options.percent) for name in options.only}
        bars = [bar for name in options.only for bar in running[name].result()]
    seconds = time.perf_counter() - began
    text = report(
        bars, f"Seed {options.seed}, {options.percent} % of the replications, {seconds:.0f} s on {machine()}."
    )
    sys.stdout.write(text)
    if options.write:
        options.write.write_text(text, "utf-8")
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


def report(bars: Sequence[Bar], how: str) -> str:
    """The document."""
    lines = [
        "# What the statistics keep",
        "",
        f"`make statistics SEED=1` simulates voters, fits, and counts. {how} Limits are binomial 95 % limits.",
        "",
        "| property | setting | bar | measured | limits | n | |",
        "|---|---|---|---|---|---|---|",
        *map(_row, bars),
        "",
    ]
    return "\n".join(lines)


def _row(bar: Bar) -> str:
    as_share = bar.unit == "share"
    measured, low, high = (
        f"{100 * value:.1f} %" if as_share else f"{value:.3g} {bar.unit}".strip()
        for value in (bar.measured, bar.low, bar.high)
    )
    verdict = {True: "reached", False: "**missed**", None: ""}[bar.reached]
    end = "; ".join(part for part in (verdict, bar.note) if part)
    return f"| {bar.suite} | {bar.setting} | {bar.bar} | {measured} | {low} to {high} | {bar.n:,} | {end} |"


if __name__ == "__main__":
    raise SystemExit(main())
