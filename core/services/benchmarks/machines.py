"""Whether a latency was measured on the machine that is here now.

The line that describes a machine names what was loaded when it was written, so two lines of one machine differ. What
both say must agree: Python, processor, versions of libraries; and device and threads, once the engine has loaded torch
and so knows them.
"""

from __future__ import annotations

import platform
import re
from importlib.metadata import PackageNotFoundError, version

from core.domain.benchmarks import Probe
from core.domain.work import EngineStatus

_VERSIONED = re.compile(r"([A-Za-z_][\w-]*) (\d[\w.+!-]*)")
_THREADS = re.compile(r"\d+ threads?")
_PROCESSORS = ("x86_64", "aarch64", "arm64", "AMD64")


def same_machine(probe: Probe, status: EngineStatus) -> bool:
    """Whether nothing that is known speaks against it."""
    parts = probe.machine.split(", ")
    processors = [part for part in parts if part in _PROCESSORS]
    if processors and platform.machine() not in processors:
        return False
    if any(not _installed(*match.groups()) for part in parts if (match := _VERSIONED.fullmatch(part))):
        return False
    if "torch " not in status.machine or "torch " not in probe.machine:
        return True
    return status.device == probe.device and _threads(status.machine) == _threads(probe.machine)


def _installed(name: str, given: str) -> bool:
    """Whether this version is here; a name that is no library of ours decides nothing."""
    if name == "Python":
        return platform.python_version() == given
    try:
        return version(name).partition("+")[0] == given.partition("+")[0]
    except PackageNotFoundError:
        return True


def _threads(machine: str) -> list[str]:
    return [part for part in machine.split(", ") if _THREADS.fullmatch(part)]
