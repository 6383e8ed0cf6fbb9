"""A cross-encoder of bge-v2-m3 shape over 21 queries of 100 passages, as a share of the card's measured peak."""

from __future__ import annotations

from benchmarks.speed.comparing import compared
from benchmarks.speed.context import Context
from benchmarks.speed.data import passages
from benchmarks.speed.gpu import peak
from benchmarks.speed.gpu.shapes import Shape, device, dtype, encoder, shelf
from benchmarks.speed.ours import cross_encoding, executed_tokens, pairs_of
from benchmarks.speed.outcome import Outcome, Row
from benchmarks.speed.peers import sentence_transformers_peer
from benchmarks.speed.timing import interleave

TOLERANCE_BF16 = 0.05
SHARE = 55.0  # percent of the measured peak


def cross_encoder(context: Context) -> Outcome:
    """Ours against sentence-transformers, and against the peak."""
    place = shelf(context)
    entry, shape = encoder(context)
    adapter = place.load(entry)
    lists = passages().lists(2, 5) if context.tiny else passages().lists(21, 100)
    name = f"cross-encoder of bge-v2-m3 shape, {len(lists)} x {len(lists[0].documents)} passages"
    ours = cross_encoding(adapter, lists)
    peers = sentence_transformers_peer.variants(
        place.folder / entry.id, lists, device=device(context), dtype=dtype(context)
    )
    tolerance = 1e-4 if context.tiny else TOLERANCE_BF16
    rows = compared(name, ours, peers, context, {}, tolerance=tolerance, same_ranks=context.tiny)
    times = interleave([ours], context.rounds)[ours.name].computing
    tokens = executed_tokens(adapter, pairs_of(lists))
    rows.append(_share(context, name, shape, tokens, sorted(times)))
    return Outcome(rows=tuple(rows), facts=(f"{name}: {tokens:,.0f} tokens; execution {adapter.execution}.",))


def _share(context: Context, name: str, shape: Shape, tokens: float, seconds: list[float]) -> Row:
    """The layers' products per second over the peak; attention itself is not counted, which is to our disadvantage."""
    size = 256 if context.tiny else peak.SIZE
    most = peak.gemm_peak(device(context), dtype(context), size=size)
    shares = [100 * 2 * shape.multiply_adds * tokens / (taken * most) for taken in seconds]
    middle = shares[len(shares) // 2]
    return Row(
        workload=name,
        figure="share of the measured GEMM peak",
        unit="%",
        value=middle,
        low=min(shares),
        high=max(shares),
        rounds=len(shares),
        line=None if context.tiny else SHARE,
        note=f"peak {most / 1e12:.1f} TFLOP/s (product of {size}); {tokens / seconds[len(seconds) // 2]:,.0f} tokens/s",
    )
