"""Workloads by name: one row or several of the table in PERFORMANCE.md each; modules are imported when they run."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import cast

from benchmarks.speed.context import Context
from benchmarks.speed.outcome import Outcome

Workload = Callable[[Context], Outcome]

_AT = "benchmarks.speed.workloads"
CPU: dict[str, tuple[str, str]] = {
    "cross-encoder-20": (f"{_AT}.cross_encoder", "twenty"),
    "cross-encoder-100": (f"{_AT}.cross_encoder_deep", "hundred"),
    "cross-encoder-uniform": (f"{_AT}.cross_encoder", "uniform_lengths"),
    "pointwise-zero-shot": (f"{_AT}.pointwise", "zero_shot"),
    "pointwise-few-shot": (f"{_AT}.pointwise", "few_shot"),
    "query-likelihood": (f"{_AT}.likelihood", "six_queries"),
    "prp-all-pair": (f"{_AT}.pairwise", "all_pairs"),
    "adaptive": (f"{_AT}.adaptive", "merged_rounds"),
    "through-scheduler": (f"{_AT}.through_scheduler", "through_scheduler"),
    "second-run": (f"{_AT}.second_run", "unchanged"),
    "memory": (f"{_AT}.memory", "peak"),
    "invariance": (f"{_AT}.invariance", "invariance"),
    "scaling": (f"{_AT}.scaling", "scaling"),
}
GPU: dict[str, tuple[str, str]] = {
    "gpu-cross-encoder": ("benchmarks.speed.gpu.cross_encoder", "cross_encoder"),
    "gpu-pointwise": ("benchmarks.speed.gpu.language_model", "pointwise"),
    "gpu-prp-all-pair": ("benchmarks.speed.gpu.language_model", "all_pairs"),
    "gpu-listwise": ("benchmarks.speed.gpu.language_model", "listwise"),
}


def find(name: str) -> Workload:
    """The function behind a name."""
    module, function = {**CPU, **GPU}[name]
    return cast(Workload, getattr(importlib.import_module(module), function))
