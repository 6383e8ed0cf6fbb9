"""Peak memory of a cross-encoder over a growing list, ours and sentence-transformers', each in its own process."""

from __future__ import annotations

from benchmarks.speed.context import Context
from benchmarks.speed.families import LONG_CROSS_ENCODER
from benchmarks.speed.memory import OURS, PEER, Measured, in_child
from benchmarks.speed.outcome import Outcome, Row

NAME = "peak memory, cross-encoder"
MOST_MB, MOST_GROWTH_MB = 400.0, 50.0


def peak(context: Context) -> Outcome:
    """N = 20, 100 and 400 whole passages of one query."""
    context.shelf.cross_encoder()
    depths = (20, 60) if context.quick else (20, 100, 400)
    rows: list[Row] = []
    found: dict[tuple[str, int], Measured] = {}
    for variant in (OURS, PEER):
        points = [(depth, 1) for depth in (depths if variant == OURS else depths[:2])]
        children = in_child(LONG_CROSS_ENCODER, variant, points, threads=context.threads, folder=context.folder)
        for (depth, _), child in zip(points, children, strict=True):
            found[variant, depth] = child
            rows.append(_row(variant, depth, child))
    first = depths[-2]  # beyond one budget of tokens; a shorter list does not fill it
    grown = found[OURS, depths[-1]].peak_mb - found[OURS, first].peak_mb
    figure = f"growth from N = {first} to {depths[-1]}"
    flat = Row(workload=NAME, figure=figure, unit="MB", value=grown, line=MOST_GROWTH_MB, at_least=False)
    return Outcome(rows=(*rows, flat))


def _row(variant: str, depth: int, child: Measured) -> Row:
    note = (
        f"peak {child.peak_mb:.0f} MB of the process: {child.imported_mb:.0f} MB libraries, "
        f"{child.weights_mb:.0f} MB weights"
    )
    return Row(
        workload=NAME,
        figure=f"{'Runoff' if variant == OURS else variant}, N = {depth}, beyond libraries and weights",
        unit="MB",
        value=child.over_weights_mb,
        line=MOST_MB if variant == OURS else None,
        at_least=False,
        note=note,
    )
