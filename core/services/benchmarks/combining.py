"""One order of systems from several benchmarks and measures, whose values must not be averaged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from core.services.benchmarks.views import Results
from core.services.board.board_views import Combined
from core.services.board.combined_orders import combined


def combined_results(results: Mapping[str, Results], measures: Sequence[str]) -> Combined:
    """``results``: by title, for example the name of the collection. Every one gives an order by each measure that it
    has; what it lacks is said in ``left_out``."""
    orders: dict[str, dict[str, float]] = {}
    left_out: list[str] = []
    for title, found in results.items():
        if not found.rows:
            left_out.append(f"{title}: no system has ranked every query.")
            continue
        if not found.judged_queries:
            left_out.append(f"{title}: no query has relevance labels.")
            continue
        for measure in measures:
            if measure in found.plan.measures:
                orders[f"{title}: {measure}"] = {row.spec: row.measures[measure].mean for row in found.rows}
            else:
                left_out.append(f"{title}: {measure} was not measured.")
    return combined(orders, left_out)
