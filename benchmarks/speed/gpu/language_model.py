"""A language model of 8B shape: pointwise, PRP all-pair and listwise, against one prompt at a time."""

from __future__ import annotations

from benchmarks.speed.context import Context
from benchmarks.speed.data import passages
from benchmarks.speed.gpu import peak
from benchmarks.speed.gpu.shapes import device, dtype, language_model, shelf
from benchmarks.speed.judging import asked, strategy_of
from benchmarks.speed.language_models import Asked, against_one_at_a_time
from benchmarks.speed.ours import answer
from benchmarks.speed.outcome import Outcome, Row
from benchmarks.speed.peers.one_at_a_time import OneAtATime
from benchmarks.speed.timing import Variant, interleave
from core.domain.requests import GenerateAnswer
from core.models.base import Adapter

TOLERANCE_BF16 = 0.5  # of a log-probability: bf16 has eight bits, and 32 layers add up


def pointwise(context: Context) -> Outcome:
    """Yes/no over 100 passages of two queries."""
    depth = 3 if context.tiny else 100
    return _compared(context, "LLM yes/no, 8B shape", "yes-no", queries=2, depth=depth, line=None)


def all_pairs(context: Context) -> Outcome:
    """PRP over 20 passages: 380 prompts."""
    depth = 3 if context.tiny else 20
    return _compared(context, f"PRP all-pair, N = {depth}, 8B shape", "prp-all-pair", queries=1, depth=depth, line=10.0)


def listwise(context: Context) -> Outcome:
    """A window of 20 passages for 16 queries, together and one after another; text is generated."""
    adapter = _loaded(context)
    queries, depth, tokens = (2, 3, 16) if context.tiny else (16, 20, 100)
    lists = passages().lists(queries, depth)
    entry, _ = language_model(context)
    strategy = strategy_of(f"listwise:{entry.id}?max_tokens={tokens}", entry)
    requests = [request for group in asked(strategy, lists) for request in group]
    written = 0

    def together() -> list[list[float]]:
        nonlocal written
        answers = answer(adapter, requests)
        written = sum(found.usage.generated_tokens for found in answers if isinstance(found, GenerateAnswer))
        return []

    def one_by_one() -> list[list[float]]:
        for request in requests:
            answer(adapter, [request])
        return []

    times = interleave([Variant(name="together", run=together), Variant(name="alone", run=one_by_one)], context.rounds)
    ratios = sorted(b / a for a, b in zip(times["together"].whole, times["alone"].whole, strict=True))
    seconds = sorted(times["together"].whole)[context.rounds // 2]
    row = Row(
        workload=f"listwise, {queries} windows of {depth}, 8B shape",
        figure="Runoff's own windows one after another",
        unit="x",
        value=ratios[len(ratios) // 2],
        low=ratios[0],
        high=ratios[-1],
        rounds=len(ratios),
        note=f"{written:,} tokens written in {seconds:.1f} s; random weights write nothing worth comparing",
    )
    return Outcome(rows=(row,))


def _compared(context: Context, name: str, spec: str, *, queries: int, depth: int, line: float | None) -> Outcome:
    adapter, peer = _loaded(context), _peer(context)
    entry, shape = language_model(context)
    lists = passages().lists(queries, depth)
    strategy = strategy_of(f"{spec}:{entry.id}", entry)
    questions = Asked(strategy=strategy, lists=lists, requests=asked(strategy, lists))
    found = against_one_at_a_time(
        name,
        questions,
        adapter,
        peer,
        context,
        rounds=context.at_most(3),
        line=None if context.tiny else line,
        tolerance=1e-4 if context.tiny else TOLERANCE_BF16,
        same_ranks=context.tiny,
    )
    size = 256 if context.tiny else peak.SIZE
    most = peak.gemm_peak(device(context), dtype(context), size=size)
    fact = f"{name}: {shape.multiply_adds / 1e9:.2f} G multiply-adds a token; GEMM peak {most / 1e12:.1f} TFLOP/s."
    return Outcome(rows=found.rows, facts=(*found.facts, fact))


def _loaded(context: Context) -> Adapter:
    return shelf(context).load(language_model(context)[0])


def _peer(context: Context) -> OneAtATime:
    place = shelf(context)
    entry, _ = language_model(context)
    return OneAtATime(place.folder / entry.id, device=device(context), dtype=dtype(context))
