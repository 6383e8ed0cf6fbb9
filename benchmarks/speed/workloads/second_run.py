"""The same systems over the same lists again, in a scheduler that has only the answers on disk."""

from __future__ import annotations

import tempfile
from pathlib import Path

from benchmarks.speed.context import Context
from benchmarks.speed.data import passages
from benchmarks.speed.engine import engine
from benchmarks.speed.judging import system_of
from benchmarks.speed.models import EMBEDDER
from benchmarks.speed.outcome import Outcome, Row

NAME = "second run, unchanged"


def unchanged(context: Context) -> Outcome:
    """A cross-encoder and a bi-encoder; models are warm in neither run."""
    shelf = context.shelf
    entry = shelf.cross_encoder()
    systems = [system_of(f"cross-encoder:{entry.id}", entry), system_of("bi-encoder", shelf.bundled(EMBEDDER))]
    lists = passages().lists(context.size(12, 3), 20)
    with tempfile.TemporaryDirectory(prefix="runoff-speed-") as name:
        folder = Path(name)
        cold = engine(folder, context.threads, disk=True)
        first, cold_s = cold.run(systems, lists)
        cold.cache.close()
        warm = engine(folder, context.threads, disk=True)
        second, warm_s = warm.run(systems, lists)
        warm.cache.close()
    changed = sum(first[key].order != second[key].order or first[key].scores != second[key].scores for key in first)
    rows = (
        Row(workload=NAME, figure="forward passes", value=len(warm.batches), line=0, at_least=False,
            note=f"{len(cold.batches)} batches in the first run"),
        Row(workload=NAME, figure="models loaded", value=len(warm.loaded), line=0, at_least=False),
        Row(workload=NAME, figure="share of the time", unit="%", value=100 * warm_s / cold_s, line=2.0, at_least=False,
            seconds=(warm_s, cold_s), note="the first run loads its models"),
        Row(workload=NAME, figure="rankings that changed", value=changed, line=0, at_least=False),
    )  # fmt: skip
    return Outcome(rows=rows)
