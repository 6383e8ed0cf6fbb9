"""Time and peak memory of jobs of one family in a process of its own.

``python -m benchmarks.speed.memory FAMILY VARIANT N:QUERIES ... --threads T --folder FOLDER``.

Resident memory is read from /proc: after the libraries are imported, after the model is loaded, and the peak while a
job runs (the kernel's high-water mark, set back before each). Jobs go from small to large, since an allocator keeps
what it once had. Prints JSON.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from core.models.base import Adapter

OURS, PEER = "ours", "sentence-transformers"
MEGABYTE = 1e6

Point = tuple[int, int]  # documents a query, queries
Jobs = list[Callable[[], object]]
Prepare = Callable[[], tuple[Jobs, float]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """Resident memory in MB at the three moments, the model's weights, and seconds of one warm run."""

    imported_mb: float
    loaded_mb: float
    peak_mb: float
    weights_mb: float
    seconds: float

    @property
    def over_weights_mb(self) -> float:
        """What the job took at its peak beyond libraries and weights."""
        return self.peak_mb - self.imported_mb - self.weights_mb

    @property
    def over_loaded_mb(self) -> float:
        """What the job took at its peak beyond the loaded model."""
        return max(0.0, self.peak_mb - self.loaded_mb)


def parameters_mb(adapter: Adapter) -> float:
    """Weights of a loaded model."""
    return adapter.memory_bytes / MEGABYTE


def in_child(family: str, variant: str, points: Sequence[Point], *, threads: int, folder: Path) -> list[Measured]:
    """The same in a new process. ``points``: documents and queries, from small to large."""
    command = [sys.executable, "-m", "benchmarks.speed.memory", family, variant]
    command += [f"{depth}:{queries}" for depth, queries in points]
    command += ["--threads", str(threads), "--folder", str(folder)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return [Measured(**found) for found in json.loads(done.stdout.splitlines()[-1])]


def resident_mb(field: str = "VmRSS") -> float:
    """Of this process; ``VmHWM``: the most it ever was."""
    lines = Path("/proc/self/status").read_text("utf-8").splitlines()
    return next(float(line.split()[1]) * 1024 / MEGABYTE for line in lines if line.startswith(f"{field}:"))


def forget_peak() -> None:
    """Set the high-water mark back to what is resident now."""
    Path("/proc/self/clear_refs").write_text("5", "utf-8")


def measured(prepare: Prepare) -> list[Measured]:
    """``prepare`` loads the model and gives the jobs and the MB of its weights; libraries are imported already."""
    imported = resident_mb()
    jobs, weights = prepare()
    loaded = resident_mb()
    found = []
    for job in jobs:
        forget_peak()
        job()  # warm up, and the peak of a first run counts
        began = time.perf_counter()
        job()
        seconds, peak = time.perf_counter() - began, resident_mb("VmHWM")
        found.append(
            Measured(imported_mb=imported, loaded_mb=loaded, peak_mb=peak, weights_mb=weights, seconds=seconds)
        )
    return found


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("family")
    parser.add_argument("variant", choices=[OURS, PEER])
    parser.add_argument("points", nargs="+")
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--folder", type=Path, required=True)
    options = parser.parse_args()
    os.environ.update({"OMP_NUM_THREADS": str(options.threads), "HF_HUB_OFFLINE": "1"})
    from benchmarks.speed.families import prepared

    points = [(int(depth), int(queries)) for depth, _, queries in (point.partition(":") for point in options.points)]
    found = measured(prepared(options.family, options.variant, points, options.threads, options.folder))
    sys.stdout.write("\n" + json.dumps([asdict(one) for one in found]) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
