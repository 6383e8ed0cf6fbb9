"""The command line of the benchmark, shared by the process that leads and the one that measures."""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.speed.context import Context
from benchmarks.speed.data import PROJECT
from benchmarks.speed.workloads import CPU, GPU

ROUNDS, QUICK_ROUNDS = 5, 2
SWITCHES = ("quick", "full", "processor-time", "gpu", "tiny")


def parser(description: str) -> argparse.ArgumentParser:
    """Options that decide what is measured."""
    found = argparse.ArgumentParser(description=description)
    found.add_argument("workloads", nargs="*", metavar="WORKLOAD", help=f"of {', '.join(CPU)}; all of them if none")
    found.add_argument("--threads", type=int, default=1, help="threads of every program (1)")
    found.add_argument(
        "--rounds", type=int, help=f"measured rounds of a comparison ({ROUNDS}, with --quick {QUICK_ROUNDS})"
    )
    found.add_argument("--quick", action="store_true", help="small and few: whether everything runs, not how fast")
    found.add_argument("--full", action="store_true", help="larger lists and all rounds everywhere; an hour and more")
    found.add_argument(
        "--processor-time", action="store_true", help="processor seconds, for a machine with other work on it"
    )
    found.add_argument("--gpu", action="store_true", help="the set for one large GPU, with a table of its own")
    found.add_argument(
        "--tiny", action="store_true", help="with --gpu: the same code on models of two layers, on the CPU"
    )
    place = Path(tempfile.gettempdir()) / "runoff-speed"
    found.add_argument("--folder", type=Path, default=place, help=f"for models that are made once ({place})")
    return found


def writing(found: argparse.ArgumentParser) -> argparse.ArgumentParser:
    """Options of the leading process: what is kept, and how many comparisons run at a time."""
    found.add_argument("--write", action="store_true", help="write docs/speed.md, docs/speed.json and the charts")
    found.add_argument("--docs", type=Path, default=PROJECT / "docs", help="where --write writes")
    found.add_argument("--jobs", type=int, default=1, help="comparisons at a time, each on cores of its own (1)")
    found.add_argument("--beside", default="", help="what else ran on the machine, for the report")
    return found


def chosen(options: argparse.Namespace) -> list[str]:
    """Names of the workloads to run; SystemExit for one that does not exist."""
    known = GPU if options.gpu else CPU
    unknown = [name for name in options.workloads if name not in known]
    if unknown:
        raise SystemExit(f"Unknown workload {unknown[0]!r}. Known: {', '.join(known)}.")
    return list(options.workloads) or list(known)


def context_of(options: argparse.Namespace) -> Context:
    """What the workloads are told."""
    return Context(
        threads=options.threads,
        rounds=options.rounds or (QUICK_ROUNDS if options.quick else ROUNDS),
        folder=options.folder.resolve(),
        quick=options.quick,
        full=options.full,
        gpu=options.gpu,
        processor_time=options.processor_time,
        tiny=options.tiny,
    )


def again(options: argparse.Namespace) -> Sequence[str]:
    """The same options for another process, without workloads and writing."""
    words = ["--threads", str(options.threads), "--folder", str(options.folder)]
    if options.rounds:
        words += ["--rounds", str(options.rounds)]
    return [*words, *(f"--{name}" for name in SWITCHES if getattr(options, name.replace("-", "_")))]
