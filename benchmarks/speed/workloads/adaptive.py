"""Adaptive strategies over 20 queries at once: as many rounds as the longest query has, and the serial order.

Counts and orders are measured here, not seconds: the model is the first layers of SmolLM2-135M-Instruct, and the
scheduler's clock stands still, so that a batch is as large as the round (its budget by time does not cut it).
"""

from __future__ import annotations

from dataclasses import dataclass

from benchmarks.speed.context import Context
from benchmarks.speed.data import passages
from benchmarks.speed.engine import engine
from benchmarks.speed.judging import system_of
from benchmarks.speed.outcome import Outcome, Row
from core.domain.documents import CandidateList
from core.domain.models import ModelEntry
from core.domain.requests import Answer, Request
from core.models.base import Adapter
from core.strategies.driver import Driven, drive
from core.strategies.resolve import build

SPECS = {"heapsort": "prp-heapsort?k=3", "windows": "listwise?window=4&step=2&max_tokens=16"}
DEPTH, WORDS = 8, 30
WARM = 8  # queries before the measured ones: budgets grow fourfold from batch to batch
ROOM = 1_000_000  # tokens of a batch: a whole round of all queries


@dataclass(frozen=True, slots=True, kw_only=True)
class _Alone:
    """Answers one request at a time: the strategy as it runs by itself."""

    adapter: Adapter

    def answer(self, request: Request) -> Answer:
        """One forward call."""
        return self.adapter.answer([request], lambda: False)[0]


def merged_rounds(context: Context) -> Outcome:
    """Heapsort and windows; the project has no setwise strategy yet."""
    queries = context.size(20, 4)
    lists = passages().lists(queries, DEPTH, words=WORDS)
    shelf = context.shelf
    entry = shelf.shallow_llm()
    alone = _Alone(adapter=shelf.load(entry))
    rows: list[Row] = []
    for name, spec in SPECS.items():
        rows += _rows(context, name, spec, entry, lists, alone)
    return Outcome(rows=tuple(rows), facts=("adaptive: setwise is not among the project's strategies.",))


def _rows(
    context: Context, name: str, spec: str, entry: ModelEntry, lists: list[CandidateList], alone: _Alone
) -> list[Row]:
    system = system_of(_with_model(spec, entry), entry)
    serial = [drive(build(system), one, alone) for one in lists]
    together = engine(context.folder, context.threads, budget=ROOM, clock=lambda: 0.0)
    together.run([system], passages().lists(WARM, DEPTH, words=WORDS, skip=len(lists)))
    before = len(together.batches)
    rankings, _ = together.run([system], lists)
    batches = len(together.batches) - before
    depths = [len(driven.rounds) for driven in serial]
    workload = f"{name} over {len(lists)} queries ({spec})"
    changed = sum(
        rankings[system.fingerprint, one.hash].order != _order(one, driven)
        for one, driven in zip(lists, serial, strict=True)
    )
    note = f"longest query {max(depths)} rounds, all queries one after another {sum(depths)}"
    return [
        Row(
            workload=workload, figure="rounds", value=batches, line=max(depths), at_least=False, note=note,
        ),
        Row(workload=workload, figure="orders that differ from the serial form", value=changed, line=0, at_least=False),
    ]  # fmt: skip


def _with_model(spec: str, entry: ModelEntry) -> str:
    name, _, parameters = spec.partition("?")
    return f"{name}:{entry.id}?{parameters}"


def _order(one: CandidateList, driven: Driven) -> tuple[str, ...]:
    return tuple(one.ids[position] for position in driven.outcome.order)
