"""Query by query: where two systems differ, where all of them do, and means by category."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from core.domain.documents import Query
from core.services.benchmarks.measured import Floats, measure_cell
from core.services.benchmarks.overlaps import mean_overlap
from core.services.benchmarks.reading import BenchmarkReader, Look
from core.services.benchmarks.views import CategoryRow, Disagreement, QueryDifference

EQUAL = 1e-9


def differences(
    reader: BenchmarkReader, look: Look, first: str, second: str, measure: str
) -> tuple[QueryDifference, ...]:
    """Judged queries, largest difference first; equal ones in query order."""
    look.check_measure(measure)
    if not look.scope.labels:
        return ()
    one, other = (reader.values(look, look.system(spec)).measures[measure].values for spec in (first, second))
    queries = _queries(look)
    made = [
        QueryDifference(query_id=id, text=queries[id].text, category=queries[id].category, first=a, second=b)
        for id, a, b in zip(look.scope.judged, one.tolist(), other.tolist(), strict=True)
    ]
    return tuple(sorted(made, key=lambda found: -found.difference))


def disagreements(reader: BenchmarkReader, look: Look, measure: str) -> tuple[Disagreement, ...]:
    """Every query that at least one system ranked; none for fewer than two complete systems."""
    look.check_measure(measure)
    if len(look.systems) < 2:
        return ()
    specs = [system.spec for system in look.systems]
    orders = [reader.lists(look, system).orders for system in look.systems]
    values = _values(reader, look, measure)
    made = []
    for query in look.scope.queries:
        ranked = [of[query.id] for of in orders if query.id in of]
        if not ranked:
            continue
        made.append(_disagreement(query, specs, values.get(query.id), mean_overlap(ranked)))
    return tuple(sorted(made, key=lambda found: (-found.spread, 1.0 if found.overlap is None else found.overlap)))


def categories(reader: BenchmarkReader, look: Look, measure: str) -> tuple[CategoryRow, ...]:
    """By name; judged queries without a category under an empty one. Empty where no query has a category."""
    look.check_measure(measure)
    queries = _queries(look)
    of = [queries[id].category for id in look.scope.judged]
    if not any(of):
        return ()
    found = {system.spec: reader.values(look, system).measures[measure] for system in look.systems}
    made = []
    for category in sorted(set(of)):
        rows = np.array([name == category for name in of])
        cells = {
            spec: measure_cell(part.values[rows], _some(part.worst, rows), _some(part.best, rows))
            for spec, part in found.items()
        }
        made.append(CategoryRow(category=category, queries=int(rows.sum()), cells=cells))
    return tuple(made)


def _disagreement(
    query: Query, specs: Sequence[str], values: Sequence[float] | None, overlap: float | None
) -> Disagreement:
    best: tuple[str, ...] = ()
    worst: tuple[str, ...] = ()
    spread = 0.0
    if values is not None and max(values) - min(values) > EQUAL:
        spread = float(np.std(values))
        best = tuple(spec for spec, value in zip(specs, values, strict=True) if max(values) - value <= EQUAL)
        worst = tuple(spec for spec, value in zip(specs, values, strict=True) if value - min(values) <= EQUAL)
    return Disagreement(
        query_id=query.id,
        text=query.text,
        category=query.category,
        spread=spread,
        overlap=overlap,
        best=best,
        worst=worst,
    )


def _values(reader: BenchmarkReader, look: Look, measure: str) -> dict[str, list[float]]:
    """Query to values, one per complete system."""
    if not look.scope.labels:
        return {}
    table = np.array([reader.values(look, system).measures[measure].values for system in look.systems])
    return dict(zip(look.scope.judged, table.T.tolist(), strict=True))


def _queries(look: Look) -> Mapping[str, Query]:
    return {query.id: query for query in look.scope.queries}


def _some(values: Floats | None, rows: Floats) -> Floats | None:
    return None if values is None else values[rows]
