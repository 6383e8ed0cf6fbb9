"""A step in a process of its own: wall time and peak resident memory, of it and of an engine that it starts."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

PROJECT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One step: wall seconds, seconds of processors (of all its processes), its peak in MB (``engine_mb``: of the
    engine it started), and remarks."""

    step: str
    seconds: float
    cpu_s: float
    peak_mb: float
    note: str
    engine_mb: float | None = None
    bounded: bool = True


def watched(name: str, command: Sequence[str]) -> Row:
    """Run a step in a new process, which prints its remarks as JSON, and watch it and what it starts."""
    began = time.perf_counter()
    with subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, text=True) as process:
        peaks = {"engine": 0.0, "other": 0.0}
        used: dict[int, float] = {}
        while process.poll() is None:
            _watch(psutil.Process(process.pid), peaks, used)
            time.sleep(0.1)
        seconds = time.perf_counter() - began
        if process.returncode or process.stdout is None:
            raise RuntimeError(f"The step {name!r} failed with {process.returncode}.")
        found = json.loads(process.stdout.read())
    return Row(
        step=name,
        seconds=seconds,
        cpu_s=sum(used.values()),
        peak_mb=peaks["other"],
        engine_mb=peaks["engine"] or None,
        note=found["note"],
        bounded="unbounded" not in found,
    )


def _watch(process: psutil.Process, peaks: dict[str, float], used: dict[int, float]) -> None:
    """Enter the highest resident memory that each process says it ever had, and the processor time it has used."""
    try:
        processes = [process, *process.children(recursive=True)]
    except psutil.NoSuchProcess:
        return
    for one in processes:
        try:
            kind = "engine" if "core.worker" in one.cmdline() else "other"
            times = one.cpu_times()
            used[one.pid] = times.user + times.system
            status = Path(f"/proc/{one.pid}/status").read_text("utf-8")
        except (psutil.NoSuchProcess, psutil.ZombieProcess, OSError):
            continue
        high = [line.split()[1] for line in status.splitlines() if line.startswith("VmHWM")]
        peaks[kind] = max([peaks[kind], *(float(kilobytes) * 1024 / 1e6 for kilobytes in high)])
