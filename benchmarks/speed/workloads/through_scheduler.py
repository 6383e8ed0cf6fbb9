"""What the scheduler keeps of the adapters' gains: the same requests through it, with its budget learned from time.

The scheduler cuts batches to about half a second each, so that people are served promptly; every batch runs its shared
leading part again. Told are the tokens that are run and the seconds, against the adapter with its own budget.
"""

from __future__ import annotations

from benchmarks.speed.context import Context
from benchmarks.speed.data import passages
from benchmarks.speed.engine import engine
from benchmarks.speed.judging import asked, strategy_of, system_of
from benchmarks.speed.models import LLM
from benchmarks.speed.ours import answer, executed_tokens
from benchmarks.speed.outcome import Outcome, Row
from core.models.base import Adapter

SPECS = {"PRP all-pair, N = 6": ("prp-all-pair", 1, 6), "LLM yes/no": ("yes-no", 2, 12)}
WORDS = 50


def through_scheduler(context: Context) -> Outcome:
    """PRP all-pair and yes/no; the model is warm and so are the budgets."""
    shelf = context.shelf
    entry = shelf.bundled(LLM)
    adapter = shelf.load(entry)
    rows: list[Row] = []
    for name, spec in SPECS.items():
        rows += _rows(context, adapter, name, *spec)
    return Outcome(rows=tuple(rows))


def _rows(context: Context, adapter: Adapter, name: str, spec: str, queries: int, depth: int) -> list[Row]:
    lists = passages().lists(queries, depth, words=WORDS)
    others = passages().lists(1, 5, words=WORDS, skip=queries)
    system, strategy = system_of(spec, adapter.entry), strategy_of(spec, adapter.entry)
    requests = [request for group in asked(strategy, lists) for request in group]
    together = engine(context.folder, context.threads, clock=context.clock)
    together.run([system], others)  # loads the model, and budgets learn their pace
    before = len(together.batches)
    began = context.clock()
    together.run([system], lists)
    seconds = context.clock() - began
    batches = together.batches[before:]
    adapter.forget()
    began = context.clock()
    answer(adapter, requests)
    directly = context.clock() - began
    run = sum(sum(adapter.shares(batch)) for batch in batches)
    least = executed_tokens(adapter, requests)
    workload = f"through the scheduler, {name}"
    note = f"{len(batches)} batches; {run:,.0f} tokens against {least:,.0f}"
    return [
        Row(workload=workload, figure="tokens over the adapter's own", unit="x", value=run / least, note=note),
        Row(workload=workload, figure="seconds over the adapter's own", unit="x", value=seconds / directly,
            seconds=(seconds, directly)),
    ]  # fmt: skip
