"""Every figure that has a line to reach, measured on this machine: python -m benchmarks.figures.

The real application runs in a process of its own over a temporary RUNOFF_HOME, with Chromium and websocket clients
in front of it. The table goes to stdout; --json and --write keep it. About four minutes, nothing but loopback.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import os
import signal
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

from playwright.sync_api import Browser

from benchmarks import browser as front
from benchmarks import comparison, voters
from benchmarks.report import Figure, as_json, markdown, median_of, percentile_of
from benchmarks.server import Server, convert_models, fresh_home

log = logging.getLogger("benchmarks")
SEED = 20
PREPARED_SECONDS = 100.0


def main() -> int:
    """Measure, print, keep; 1 where a line was missed."""
    options = _options()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", datefmt="%H:%M:%S", stream=sys.stderr)
    for noisy in ("httpx", "alembic", "websockets", "core"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that servers and the browser end with this process
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory(prefix="runoff-figures-", ignore_cleanup_errors=True) as folder:
        figures = measure(Path(folder), options)
    table = markdown(figures, load)
    sys.stdout.write(table)
    if options.write:
        options.write.write_text(f"# Figures\n\nWritten by `python -m benchmarks.figures`.\n\n{table}", "utf-8")
    if options.json:
        options.json.write_text(json.dumps(as_json(figures, load), indent=1) + "\n", "utf-8")
    return 0 if all(figure.reached for figure in figures) else 1


def measure(folder: Path, options: argparse.Namespace) -> list[Figure]:
    """All figures, in the order of the table."""
    seed = folder / "models"
    log.info("converting the bundled models")
    convert_models(seed)
    with front.chromium() as browser:
        first, home = _first_starts(browser, folder, seed, options.starts)
        standing = _standing_server(browser, home, options)
        later = _starts(browser, [home] * options.starts, "later start")
    crowd = _crowd(home, options)
    return [*first, *later, *standing, *crowd, _five_systems(home, options)]


def _first_starts(browser: Browser, folder: Path, seed: Path, count: int) -> tuple[list[Figure], Path]:
    """Starts without a database; also the home of the last one."""
    homes = [fresh_home(folder / f"home-{number}", seed) for number in range(count)]
    battles: list[float] = []
    figures = _starts(browser, homes, "first start", lambda server: battles.append(front.first_battle(browser, server)))
    figures.append(median_of("first battle after the first start", "s", battles, line=10.0))
    return figures, homes[-1]


def _starts(
    browser: Browser, homes: Sequence[Path], name: str, then: Callable[[Server], None] = lambda _server: None
) -> list[Figure]:
    found = []
    for home in homes:
        log.info(name)
        with Server(home) as server:
            found.append(front.open_home(browser, server))
            then(server)
    return _told(
        [
            median_of(f"page shell, {name}", "s", [start.shell_seconds for start in found], line=1.5),
            median_of(f"page content, {name}", "s", [start.content_seconds for start in found], line=3.0),
        ]
    )


def _standing_server(browser: Browser, home: Path, options: argparse.Namespace) -> list[Figure]:
    """Memory and clicks at one server, which ends with its battles prepared."""
    with Server(home) as server:
        log.info("every page")
        front.visit_every_page(browser, server)
        memory = server.memory_mb()
        log.info("waiting until the LLM's battles are prepared")
        note = "" if server.wait_until_prepared(PREPARED_SECONDS) else "while battles were being prepared"
        log.info("one person votes %d times", options.votes)
        clicks = front.clicks(browser, server, options.votes, SEED)
    painted = [click.painted_ms for click in clicks]
    name = "click on a verdict to the next battle painted"
    return _told(
        [
            median_of("memory of the web process after every page", "MB", [memory], line=250.0),
            percentile_of(f"{name}, p50", "ms", painted, 50, line=200.0, note=note),
            percentile_of(f"{name}, p95", "ms", painted, 95, note=note),
            median_of("click on a verdict to an idle page", "ms", [click.idle_ms for click in clicks], note=note),
        ]
    )


def _crowd(home: Path, options: argparse.Namespace) -> list[Figure]:
    """Many people at one server, and whether its database has what was acknowledged and nothing else."""
    log.info("%d people vote", options.voters)
    with Server(home) as server:
        note = "" if server.wait_until_prepared(PREPARED_SECONDS / 2) else "while battles were being prepared"
        before = _recorded(server)
        people = {"voters": options.voters, "votes": options.crowd_votes}
        outcome = asyncio.run(voters.vote(server.base, **people, seconds=60.0, seed=SEED))
        memory = server.memory_mb()
        after = _recorded(server)
    for error in outcome.errors[:5]:
        log.warning("a voter saw: %s", error)
    amiss = (Counter(after) - Counter(before) - Counter(outcome.acknowledged)).total()
    amiss += (Counter(outcome.acknowledged) - Counter(after)).total() + len(outcome.errors)
    kilobytes = sum(outcome.frame_kb) / max(len(outcome.frame_kb), 1)
    name = f"{options.voters} people voting at once, click to script finished"
    told = f"{len(outcome.acknowledged)} acknowledged"
    return _told(
        [
            percentile_of(f"{name}, p50", "ms", outcome.click_ms, 50, note=f"{kilobytes:.0f} kB a click"),
            percentile_of(f"{name}, p95", "ms", outcome.click_ms, 95, line=300.0, note=note),
            median_of("votes lost or doubled, errors shown", "", [float(amiss)], line=0.0, note=told),
            median_of("memory of the web process after the crowd", "MB", [memory]),
        ]
    )


def _recorded(server: Server) -> list[str]:
    """The battle of every vote in the database."""
    store = server.store()
    try:
        return [vote.battle for vote in store.votes()]
    finally:
        store.close()


def _five_systems(home: Path, options: argparse.Namespace) -> Figure:
    log.info("comparisons of five systems")
    seconds = comparison.measure(Server(home).settings, options.rounds, SEED)
    return median_of("five systems without an LLM, 20 new documents, warm", "s", seconds, line=1.5)


def _told(figures: list[Figure]) -> list[Figure]:
    """The same, after a line about each in the log, so that a run that fails later has said what it knew."""
    for figure in figures:
        log.info("%s: %.2f %s", figure.name, figure.value, figure.unit)
    return figures


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", type=Path, help="keep the figures in this file")
    parser.add_argument("--write", type=Path, help="keep the table in this Markdown file")
    parser.add_argument("--starts", type=int, default=3)
    parser.add_argument("--votes", type=int, default=24)
    parser.add_argument("--voters", type=int, default=20)
    parser.add_argument("--crowd-votes", type=int, default=15)
    parser.add_argument("--rounds", type=int, default=7)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
