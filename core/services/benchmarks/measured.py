"""Values of one system by measure and judged query, and the range they may have once everything is judged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.domain.collections import Qrels
from core.domain.errors import InvalidInputError
from core.measures.bounds import bounds, judged_share
from core.measures.bounds_ndcg_many import many_ndcg_bounds
from core.measures.effectiveness import evaluate_orders
from core.measures.intervals import mean_interval
from core.measures.names import parse_measure
from core.services.benchmarks.views import MeasureCell

Floats = NDArray[np.float64]
Orders = Mapping[str, Sequence[str]]
JUDGED_DEPTH = 10


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Measured:
    """``values``: (n,), of the judged queries in query order, 0 where there is no order. ``worst``, ``best``: (n,), the
    lowest and highest value over all judgments of the unjudged documents, None for a measure without bounds."""

    values: Floats
    worst: Floats | None
    best: Floats | None

    @property
    def cell(self) -> MeasureCell:
        """Mean and 95 % interval over the queries."""
        return measure_cell(self.values, self.worst, self.best)


def measured(orders: Orders, labels: Qrels, measures: Sequence[str]) -> dict[str, Measured]:
    """Values and bounds by measure; InvalidInputError for an unknown measure."""
    values = measure_values(orders, labels, measures)
    found: dict[str, Measured] = {}
    for measure in measures:
        worst, best = _bounds(orders, labels, measure)
        found[measure] = Measured(values=values[measure], worst=worst, best=best)
    return found


def measure_values(orders: Orders, labels: Qrels, measures: Sequence[str]) -> dict[str, Floats]:
    """Measure to values (n,). Of the same cutoff all at once and without the ranks below, which halves the time."""
    if not any(orders.get(query) for query in labels):
        return {measure: np.zeros(len(labels)) for measure in measures}
    by_cutoff: dict[int | None, list[str]] = {}
    for measure in measures:
        by_cutoff.setdefault(_cutoff(measure), []).append(measure)
    values: dict[str, Floats] = {}
    for cutoff, group in by_cutoff.items():
        found = evaluate_orders({query: order[:cutoff] for query, order in orders.items()}, labels, group)
        values |= {measure: np.array([found[query][measure] for query in labels]) for measure in group}
    return values


def measure_cell(values: Floats, worst: Floats | None = None, best: Floats | None = None) -> MeasureCell:
    """The mean of values (n,) with its t interval; InvalidInputError without any query."""
    if not len(values):
        raise InvalidInputError("A mean needs at least one query with relevance labels.")
    found = mean_interval(values.tolist()) if len(values) > 1 else None
    return MeasureCell(
        mean=float(values.mean()),
        low=None if found is None else found.low,
        high=None if found is None else found.high,
        worst=None if worst is None else float(worst.mean()),
        best=None if best is None else float(best.mean()),
    )


def judged_in_top(orders: Orders, labels: Qrels) -> float:
    """Mean share of the first ten documents that have a judgment, over judged queries that were ranked; 0 for none."""
    shares = [judged_share(orders[query], labels[query], JUDGED_DEPTH) for query in labels if orders.get(query)]
    return float(np.mean(shares)) if shares else 0.0


def _cutoff(measure: str) -> int | None:
    """The last rank that counts; None where all do, or where unjudged documents are passed over."""
    given = parse_measure(measure).params
    return None if given.get("judged_only", False) else given.get("cutoff")


def _bounds(orders: Orders, labels: Qrels, measure: str) -> tuple[Floats | None, Floats | None]:
    """(n,), (n,): both ends; 0 and 0 where nothing was ranked, whatever is judged."""
    ranked = [query for query in labels if orders.get(query)]
    ends = _ends([orders[query] for query in ranked], [labels[query] for query in ranked], labels, measure)
    if ends is None:
        return None, None
    found = np.zeros((2, len(labels)))
    found[:, [row for row, query in enumerate(labels) if orders.get(query)]] = ends.T
    return found[0], found[1]


def _ends(
    orders: Sequence[Sequence[str]], grades: Sequence[Mapping[str, int]], labels: Qrels, measure: str
) -> Floats | None:
    """(r, 2) of the ranked queries; None for a measure without bounds."""
    highest = max((grade for of in labels.values() for grade in of.values()), default=0)
    parsed = parse_measure(measure)
    if parsed.NAME == "nDCG" and parsed.params.keys() <= {"cutoff"}:
        return many_ndcg_bounds(orders, grades, cutoff=parsed.params.get("cutoff"), max_grade=max(highest, 0))
    ends: list[tuple[float, float]] = []
    for order, of in zip(orders, grades, strict=True):
        one = bounds(order, of, measure, max_grade=max(highest, 0))
        if one is None:
            return None
        ends.append(one)
    return np.array(ends, dtype=np.float64).reshape(-1, 2)
