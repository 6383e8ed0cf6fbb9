"""What no reranker can pass: the recall of the candidates, and a measure of their best possible order.

The best order has the candidates by falling grade; judged irrelevant documents stand before unjudged ones, so that
Judged@k is as high as it can be too. A document is relevant with a grade above 0.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.domain.collections import Qrels
from core.measures.effectiveness import evaluate_orders

UNJUDGED = -0.5  # between judged irrelevant (0) and anything graded below


@dataclass(frozen=True, slots=True, kw_only=True)
class Ceiling:
    """``recall``: query id to the share of its relevant documents that are candidates. ``best``: measure to query id
    to the value of the best order. Queries without a relevant document are left out and counted in ``without``.
    """

    recall: Mapping[str, float]
    best: Mapping[str, Mapping[str, float]]
    without: int

    @property
    def mean_recall(self) -> float | None:
        """Over the queries; None where no query has a relevant document."""
        return _mean(self.recall)

    def mean_best(self, measure: str) -> float | None:
        """Of one of the measures over the queries; None where no query has a relevant document."""
        return _mean(self.best[measure])


def ceiling(lists: Mapping[str, Sequence[str]], qrels: Qrels, measures: Sequence[str] = ()) -> Ceiling:
    """``lists``: query id to the ids of its candidates, in any order. A query may have no candidates at all: recall 0.

    InvalidInputError for an unknown measure.
    """
    relevant = {query: {document for document, grade in qrels.get(query, {}).items() if grade > 0} for query in lists}
    counted = [query for query in lists if relevant[query]]
    orders = {query: best_order(lists[query], qrels[query]) for query in counted}
    values: dict[str, dict[str, float]] = {query: dict.fromkeys(measures, 0.0) for query in counted}
    if measures and any(orders.values()):
        values |= evaluate_orders(orders, {query: qrels[query] for query in counted}, measures)
    return Ceiling(
        recall={query: len(relevant[query].intersection(lists[query])) / len(relevant[query]) for query in counted},
        best={measure: {query: values[query][measure] for query in counted} for measure in measures},
        without=len(lists) - len(counted),
    )


def best_order(ids: Sequence[str], labels: Mapping[str, int]) -> list[str]:
    """The candidates by falling grade; among equals the given order stays."""
    return sorted(ids, key=lambda id: -labels.get(id, UNJUDGED))


def _mean(values: Mapping[str, float]) -> float | None:
    return math.fsum(values.values()) / len(values) if values else None
