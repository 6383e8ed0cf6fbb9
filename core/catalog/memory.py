"""Whether a model's weights fit into the memory of this machine: parameters times bytes, nothing is loaded."""

from __future__ import annotations

import re
from pathlib import Path

from core.domain.models import ModelEntry

BYTES = {"fp32": 4, "bf16": 2, "fp16": 2}
MEMINFO = Path("/proc/meminfo")
CGROUP = Path("/sys/fs/cgroup")


def weights_bytes(entry: ModelEntry) -> int | None:
    """Of the loaded weights alone, without activations; None where the size or the precision is not known."""
    width = BYTES.get(entry.precision)
    return None if entry.parameters is None or width is None else entry.parameters * width


def available_bytes(meminfo: Path = MEMINFO, cgroup: Path = CGROUP) -> int | None:
    """Main memory that can be had now: what Linux calls available, within the limit of the container if it has one.

    None where the system does not say (no Linux).
    """
    try:
        found = re.search(r"^MemAvailable:\s+(\d+) kB", meminfo.read_text("ascii"), re.MULTILINE)
    except OSError:
        return None
    if found is None:
        return None
    free = int(found.group(1)) * 1024
    limit, used = _number(cgroup / "memory.max"), _number(cgroup / "memory.current")
    if limit is None or used is None:
        return free
    return min(free, max(0, limit - used + _reclaimable(cgroup / "memory.stat")))


def _reclaimable(file: Path) -> int:
    """File pages of a container that are given back when memory is asked for."""
    try:
        found = re.search(r"^inactive_file (\d+)$", file.read_text("ascii"), re.MULTILINE)
    except OSError:
        return 0
    return int(found.group(1)) if found else 0


def _number(file: Path) -> int | None:
    """The number in ``file``; None where there is no such file, or no limit ("max")."""
    try:
        text = file.read_text("ascii").strip()
    except OSError:
        return None
    return int(text) if text.isdecimal() else None
