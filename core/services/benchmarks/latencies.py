"""Which probes belong beside a benchmark: those of one machine, so that systems are timed alike."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from core.domain.benchmarks import Probe
from core.services.benchmarks.views import Latency


def latencies(probes: Sequence[Probe]) -> Mapping[str, tuple[Latency, ...]]:
    """System (fingerprint) to one latency for each depth, shallow first.

    ``probes``: newest first. Of the machine on which most cells were probed (the newest of equals); a system or depth
    that was never probed there is shown as it was probed last, with its own machine. Probes that were disturbed on
    every query are left out.
    """
    timed = [probe for probe in probes if probe.wall_ms]
    counts = Counter(probe.machine for probe in timed)
    main = max(counts, key=lambda machine: counts[machine]) if counts else ""
    chosen: dict[tuple[str, int], Probe] = {}
    for probe in sorted(timed, key=lambda probe: probe.machine != main):
        chosen.setdefault((probe.system, probe.depth), probe)
    found: dict[str, list[Latency]] = {}
    for (system, _), probe in sorted(chosen.items(), key=lambda item: item[0]):
        found.setdefault(system, []).append(_latency(probe))
    return {system: tuple(of) for system, of in found.items()}


def _latency(probe: Probe) -> Latency:
    return Latency(
        depth=probe.depth,
        p50_ms=probe.p50_ms,
        p95_ms=probe.p95_ms,
        n=len(probe.wall_ms),
        disturbed=probe.disturbed,
        memory_bytes=probe.memory_bytes,
        device=probe.device,
        machine=probe.machine,
        orders_equal=probe.orders_equal,
    )
