"""Which latency probe counts for each system: of one device, and as far as possible of one machine."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from statistics import fmean

from core.domain.benchmarks import Probe
from core.services.choosing.choice import Cost


def devices(probes: Sequence[Probe]) -> tuple[str, ...]:
    """Devices on which anything was timed, most probes first, then by name."""
    counts = Counter(probe.device for probe in probes if probe.wall_ms)
    return tuple(sorted(counts, key=lambda device: (-counts[device], device)))


def probed_costs(probes: Sequence[Probe], device: str, depth: int) -> Mapping[str, Cost]:
    """System (fingerprint) to its cost at ``depth`` on ``device``, without a price; systems never timed are missing.

    ``probes``: newest first. Of several machines with this device the one that timed most systems counts, and another
    only for systems that were never timed on it.
    """
    timed = [probe for probe in probes if probe.wall_ms and probe.device == device and probe.depth == depth]
    counts = Counter(probe.machine for probe in timed)
    main = max(counts, key=lambda machine: counts[machine]) if counts else ""
    chosen: dict[str, Probe] = {}
    for probe in sorted(timed, key=lambda probe: probe.machine != main):
        chosen.setdefault(probe.system, probe)
    return {system: _cost(probe) for system, probe in chosen.items()}


def _cost(probe: Probe) -> Cost:
    return Cost(
        p95_ms=probe.p95_ms,
        p50_ms=probe.p50_ms,
        mean_ms=fmean(probe.wall_ms),
        n=len(probe.wall_ms),
        memory_bytes=probe.memory_bytes,
        machine=probe.machine,
    )
