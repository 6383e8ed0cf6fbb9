"""The depth sweep: what retrieving and reranking fewer candidates gives.

At depth d a system sees the first d candidates and nothing else is returned: a relevant document further down is lost,
for the system and for the ceiling alike.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from core.domain.first_stages import Retriever
from core.domain.variants import WHOLE, Variant
from core.services.benchmarks.latencies import latencies
from core.services.benchmarks.measured import measure_cell
from core.services.benchmarks.reading import BenchmarkReader, Look
from core.services.benchmarks.views import SweepPoint
from core.services.candidate_ceiling import ceiling

Lists = Mapping[str, Sequence[str]]  # query id -> candidate ids in first-stage order


def best_mean(lists: Lists, look: Look, measure: str) -> float:
    """The mean of a perfect reranker over the judged queries, 0 where nothing can be gained."""
    best = ceiling(lists, look.scope.labels, (measure,)).best[measure]
    return math.fsum(best.values()) / len(look.scope.labels)


def sweep(reader: BenchmarkReader, look: Look, lists: Lists, specs: Sequence[str], measure: str) -> list[SweepPoint]:
    """Of these complete systems, those depths that are complete too. ``lists``: ``BenchmarkReader.candidates``."""
    look.check_measure(measure)
    if not look.scope.labels:
        return []
    timed = latencies(look.probes)
    variants = _variants(look, lists)
    ceilings = {
        depth: best_mean({query: ids[:depth] for query, ids in lists.items()}, look, measure) for depth in variants
    }
    looks = {depth: look if cut == WHOLE else reader.variant(look, cut) for depth, cut in variants.items()}
    found = []
    for spec in specs:
        system = look.system(spec)
        probed = {latency.depth: latency for latency in timed.get(system.fingerprint, ())}
        for depth, there in looks.items():
            if system.fingerprint not in there.failed:
                continue
            cell, latency = measure_cell(reader.plain(there, system, measure)), probed.get(depth)
            found.append(
                SweepPoint(
                    system=spec,
                    depth=depth,
                    mean=cell.mean,
                    low=cell.low,
                    high=cell.high,
                    ceiling=ceilings[depth],
                    p50_ms=None if latency is None else latency.p50_ms,
                    p95_ms=None if latency is None else latency.p95_ms,
                    machine="" if latency is None else latency.machine,
                )
            )
    return found


def _variants(look: Look, lists: Lists) -> dict[int, Variant]:
    """Depth to form of the list, shallow first; lists that came with the collection are as deep as the longest."""
    stage = look.plan.first_stage
    written = stage.retriever is Retriever.WRITTEN
    whole = max(map(len, lists.values()), default=stage.depth) if written else stage.depth
    cut = {variant.first: variant for variant in look.plan.variants if variant.first and variant.first < whole}
    return {**cut, whole: WHOLE}
