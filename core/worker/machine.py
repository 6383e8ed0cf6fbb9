"""Where a ranking was made, in one line: device, threads, precision, library versions.

Reads only what is already imported: asking must not load torch.
"""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Sequence

import numpy as np

from core.domain.models import ModelEntry

_LIBRARIES = ("torch", "transformers", "sentence_transformers", "bm25s")


def describe_device(wanted: str) -> str:
    """The device in use: what is configured, or what torch would choose once it is loaded."""
    torch = sys.modules.get("torch")
    cuda = getattr(torch, "cuda", None)
    if cuda is None or not cuda.is_available() or wanted == "cpu":
        return "cpu" if wanted == "auto" else wanted
    return f"cuda ({cuda.get_device_name()})"


def describe_machine(device: str, threads: int, models: Sequence[ModelEntry] = ()) -> str:
    """For example "cpu, 2 threads, fp32, x86_64, Python 3.11.7, numpy 2.4.1, torch 2.13.0"."""
    count = threads or getattr(sys.modules.get("torch"), "get_num_threads", os.cpu_count)() or 1
    parts = [describe_device(device), f"{count} thread{'s' if count != 1 else ''}"]
    precisions = sorted({model.precision for model in models})
    if precisions:
        parts.append("/".join(precisions))
    parts += [platform.machine(), f"Python {platform.python_version()}", f"numpy {np.__version__}"]
    for name in _LIBRARIES:
        version = getattr(sys.modules.get(name), "__version__", None)
        if version:
            parts.append(f"{name} {version}")
    return ", ".join(parts)
