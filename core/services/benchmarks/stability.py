"""Whether a system's order depends on the order of its input, and whether it comes out the same when repeated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import fmean

from core.domain.benchmarks import Probe
from core.domain.collections import Qrels
from core.domain.systems import System
from core.measures.effectiveness import evaluate_orders
from core.measures.rank_similarity import kendall_tau, overlap
from core.services.benchmarks.reading import BenchmarkReader, Look
from core.services.benchmarks.system_lists import Orders
from core.services.benchmarks.views import Stability

TOP = 10
Pair = tuple[str, tuple[str, ...], tuple[str, ...]]  # query, order of the list as it is, order of a shuffled copy


def stability(reader: BenchmarkReader, look: Look, specs: Sequence[str]) -> tuple[Stability, ...]:
    """Of these complete systems, from the shuffled copies that are ranked so far and from the probes."""
    shuffled = [reader.variant(look, variant) for variant in look.plan.variants if variant.shuffle]
    return tuple(_of(reader, look, shuffled, look.system(spec)) for spec in specs)


def repeated(probes: Sequence[Probe], system: str) -> float | None:
    """Share of probed queries ranked as before, over all depths that compared any; None where none did."""
    mine = [probe for probe in probes if probe.system == system and probe.orders_equal is not None and probe.wall_ms]
    if not mine:
        return None
    lists = sum(len(probe.wall_ms) for probe in mine)
    return sum(len(probe.wall_ms) * (probe.orders_equal or 0.0) for probe in mine) / lists


def _of(reader: BenchmarkReader, look: Look, shuffled: Sequence[Look], system: System) -> Stability:
    whole = reader.lists(look, system).orders
    pairs: list[Pair] = []
    for copies in shuffled:
        pairs += _pairs(whole, reader.lists(copies, system).orders)
    moved = _moved(pairs, look.scope.labels, look.plan.measures[0])
    return Stability(
        system=system.spec,
        lists=len(pairs),
        tau=fmean(kendall_tau(one, other) for _, one, other in pairs) if pairs else None,
        top=fmean(overlap(one, other, TOP) for _, one, other in pairs) if pairs else None,
        moved=fmean(moved) if moved else None,
        repeated=repeated(look.probes, system.fingerprint),
    )


def _pairs(whole: Orders, shuffled: Orders) -> list[Pair]:
    """Queries that both ranked; a list of one document has no order."""
    return [(query, whole[query], order) for query, order in shuffled.items() if len(whole.get(query, ())) > 1]


def _moved(pairs: Sequence[Pair], labels: Qrels, measure: str) -> list[float]:
    """Absolute change of the measure for every pair of a judged query."""
    judged = [(query, one, other) for query, one, other in pairs if query in labels]
    if not judged:
        return []
    orders: dict[str, tuple[str, ...]] = {}
    grades: dict[str, Mapping[str, int]] = {}
    for number, (query, one, other) in enumerate(judged):
        orders |= {f"{number} whole": one, f"{number} shuffled": other}
        grades |= {f"{number} whole": labels[query], f"{number} shuffled": labels[query]}
    found = evaluate_orders(orders, grades, (measure,))
    return [
        abs(found[f"{number} whole"][measure] - found[f"{number} shuffled"][measure]) for number in range(len(judged))
    ]
