"""What a figure was measured on, in one line."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

PACKAGES = ("torch", "transformers", "sentence-transformers", "rerankers", "openvino")


def described(device: str = "") -> str:
    """Cores, processor, card where there is one, Python, and the versions of ours and the peers."""
    cores = len(os.sched_getaffinity(0))
    parts = [f"{cores} cores of {_processor()}", *([device] if device else []), f"Python {platform.python_version()}"]
    return ", ".join([*parts, *(f"{package} {_version(package)}" for package in PACKAGES)])


def cuda_device() -> str:
    """The name of the first CUDA device, empty where there is none; asked in a process of its own, since torch is slow
    to import and a process that has touched a device keeps memory on it."""
    script = "import torch; print(torch.cuda.get_device_name(0) if torch.cuda.is_available() else '')"
    done = subprocess.run([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else ""


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text("utf-8").splitlines() if info.is_file() else []
    names = [line.split(":")[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"
