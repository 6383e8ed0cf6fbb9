"""From variants to rows: interleaved rounds, the gate after the first, and a ratio for every peer that agrees."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence

from benchmarks.speed.context import Context
from benchmarks.speed.outcome import Row
from benchmarks.speed.parity import TOLERANCE, Orders, Parity, Scores, compare
from benchmarks.speed.timing import Ratio, Variant, interleave, ratio

log = logging.getLogger("benchmarks.speed")
WHOLE, COMPUTE = "from text", "compute"


def compared(
    workload: str,
    ours: Variant,
    peers: Sequence[Variant],
    context: Context,
    lines: Mapping[str, float],
    orders: Mapping[str, Orders] | None = None,
    rounds: int | None = None,
    tolerance: float = TOLERANCE,
    same_ranks: bool = True,
) -> list[Row]:
    """Two rows per peer: from text (with a line where ``lines`` has one) and compute alone.

    ``rounds``: as the context says if None. ``orders``: by variant, filled by its run, where scores do not say them.
    ``same_ranks``: False for bf16, where nearly equal scores may change places.
    """
    gates: dict[str, Parity] = {}

    def keep(scores: Mapping[str, Scores]) -> set[str]:
        for peer in peers:
            both = (orders[ours.name], orders[peer.name]) if orders else None
            gates[peer.name] = gate = compare(
                scores[ours.name], scores[peer.name], tolerance=tolerance, orders=both, same_ranks=same_ranks
            )
            log.info("  %s: scores within %.1e %s", peer.name, gate.difference, gate.refused)
        return {ours.name, *(name for name, gate in gates.items() if not gate.refused)}

    times = interleave([ours, *peers], rounds or context.rounds, context.clock, keep)
    rows: list[Row] = []
    for peer in peers:
        gate, line = gates[peer.name], lines.get(peer.name)
        if gate.refused:
            rows.append(Row(workload=workload, figure=_figure(peer, WHOLE), unit="x", refused=gate.refused, line=line))
            continue
        note = f"scores within {gate.difference:.0e}" + ("" if same_ranks else f" ({tolerance:g} allowed)")
        whole = ratio(times[ours.name].whole, times[peer.name].whole)
        compute = ratio(times[ours.name].computing, times[peer.name].computing)
        rows.append(row_of(workload, _figure(peer, WHOLE), whole, line=line, note=note))
        rows.append(row_of(workload, _figure(peer, COMPUTE), compute))
    return rows


def row_of(
    workload: str, figure: str, found: Ratio, *, line: float | None = None, at_least: bool = True, note: str = ""
) -> Row:
    """A ratio as a row."""
    return Row(
        workload=workload,
        figure=figure,
        unit="x",
        value=found.value,
        low=found.low,
        high=found.high,
        rounds=found.rounds,
        line=line,
        at_least=at_least,
        seconds=found.seconds,
        note=note,
    )


def _figure(peer: Variant, what: str) -> str:
    return f"{peer.name}, {what}"
