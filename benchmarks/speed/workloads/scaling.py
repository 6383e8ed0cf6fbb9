"""Time and peak memory against N and against the number of queries, every series in a process of its own."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from benchmarks.speed.context import Context
from benchmarks.speed.families import CROSS_ENCODER, WORDS
from benchmarks.speed.memory import OURS, PEER, Point, in_child
from benchmarks.speed.models import LLM
from benchmarks.speed.outcome import Outcome, Row, Series

log = logging.getLogger("benchmarks.speed")
DEPTHS, QUERIES = "documents", "queries"
USUAL = {
    CROSS_ENCODER: (10, 30, 100, 300, 1000),
    "embedder": (10, 30, 100, 300, 1000),
    "LLM yes/no": (10, 30, 100),
    "query likelihood": (10, 30, 100),
    "PRP all-pair": (5, 10, 15),
}
FULL = {**USUAL, **dict.fromkeys(("LLM yes/no", "query likelihood"), (10, 30, 100, 300, 1000))}
FULL["PRP all-pair"] = (5, 10, 20, 30)
QUICK = {CROSS_ENCODER: (10, 100), "LLM yes/no": (5, 10)}
PER_QUERY = 10  # documents where the number of queries varies
BY_QUERIES = {CROSS_ENCODER: (1, 4, 16), "embedder": (1, 4, 16), "LLM yes/no": (1, 2, 4), "query likelihood": (1, 2, 4)}
MOST_GROWTH_MB = 100.0


def scaling(context: Context) -> Outcome:
    """Ours for every family, and sentence-transformers for the cross-encoder."""
    shelf = context.shelf
    shelf.cross_encoder()
    shelf.folder_of(shelf.bundled(LLM))
    sizes = QUICK if context.quick else FULL if context.full else USUAL
    series = [_by_depth(context, family, OURS, depths) for family, depths in sizes.items()]
    rows = [_flat(one) for one in series]
    peer = _by_depth(context, CROSS_ENCODER, PEER, sizes[CROSS_ENCODER][:4])
    by_queries = {} if context.quick else BY_QUERIES
    series += [peer, *(_by_queries(context, family, numbers) for family, numbers in by_queries.items())]
    return Outcome(rows=tuple(rows), series=tuple(series), facts=(f"scaling: passages of {WORDS} words.",))


def _by_depth(context: Context, family: str, variant: str, depths: Sequence[int]) -> Series:
    name = family if variant == OURS else f"{family}, {variant}"
    return _series(context, name, DEPTHS, depths, family, variant, [(depth, 1) for depth in depths])


def _by_queries(context: Context, family: str, numbers: Sequence[int]) -> Series:
    return _series(context, family, QUERIES, numbers, family, OURS, [(PER_QUERY, number) for number in numbers])


def _series(
    context: Context, name: str, axis: str, x: Sequence[int], family: str, variant: str, points: Sequence[Point]
) -> Series:
    found = in_child(family, variant, points, threads=context.threads, folder=context.folder)
    for (depth, queries), one in zip(points, found, strict=True):
        log.info("  %s, N = %d, %d queries: %.2f s, %.0f MB", name, depth, queries, one.seconds, one.over_loaded_mb)
    return Series(
        family=name,
        axis=axis,
        x=tuple(x),
        seconds=tuple(one.seconds for one in found),
        peak_mb=tuple(one.over_loaded_mb for one in found),
    )


def _flat(series: Series) -> Row:
    """How much more memory the longest list takes than one a tenth as long, or than the shortest."""
    longest = series.x[-1]
    base = max((place for place, x in enumerate(series.x) if x * 10 <= longest), default=0)
    grown = series.peak_mb[-1] - series.peak_mb[base]
    return Row(
        workload="scaling",
        figure=f"{series.family}: memory from N = {series.x[base]} to {longest}",
        unit="MB",
        value=grown,
        line=MOST_GROWTH_MB,
        at_least=False,
        note=f"{series.seconds[base]:.2f} s and {series.seconds[-1]:.2f} s",
    )
