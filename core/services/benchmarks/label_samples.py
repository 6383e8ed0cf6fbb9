"""The values of several systems when only some of the judgments are known."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from core.domain.collections import Qrels
from core.measures.gain_values import Floats, GainMeasure, gain_measure
from core.services.benchmarks.measured import measure_values
from core.services.benchmarks.system_lists import Orders

Kept = NDArray[np.bool_]
UNJUDGED = -1


class LabelSamples:
    """``judgments``: how many there are, in the order of queries and documents of ``labels``."""

    def __init__(self, orders: Sequence[Orders], labels: Qrels, measure: str) -> None:
        """``orders``: of k systems. InvalidInputError for an unknown measure."""
        self._orders, self._labels, self._measure = orders, labels, measure
        self._pairs = [(query, document) for query, grades in labels.items() for document in grades]
        self._grades = np.array([labels[query][document] for query, document in self._pairs], dtype=np.float64)
        queries = {query: row for row, query in enumerate(labels)}
        self._query = np.array([queries[query] for query, _ in self._pairs], dtype=np.int64)
        self._fast = gain_measure(measure)
        self._table = _table(orders, labels) if self._fast is not None else None
        self.judgments = len(self._pairs)

    @property
    def fast(self) -> bool:
        """Whether a draw takes milliseconds."""
        return self._fast is not None

    def values(self, kept: Kept) -> Floats:
        """(k, q): over the queries that keep a judgment. ``kept``: (judgments,); what is not kept is unjudged."""
        rows = np.unique(self._query[kept])
        if self._fast is None or self._table is None:
            return self._slow(kept)
        return self._gains(self._fast, self._table, kept)[:, rows]

    def _gains(self, measure: GainMeasure, table: NDArray[np.int64], kept: Kept) -> Floats:
        grades = np.append(np.where(kept, self._grades, 0.0), 0.0)  # the last one is of what was never judged
        order = np.lexsort((-grades[:-1], self._query))
        sizes = np.bincount(self._query, minlength=table.shape[1])
        ideal = np.zeros((table.shape[1], sizes.max(initial=1)))
        ideal[np.arange(ideal.shape[1]) < sizes[:, None]] = grades[:-1][order]
        return measure.values(grades[table], ideal)

    def _slow(self, kept: Kept) -> Floats:
        some: dict[str, dict[str, int]] = {}
        for (query, document), known in zip(self._pairs, kept.tolist(), strict=True):
            if known:
                some.setdefault(query, {})[document] = self._labels[query][document]
        values = [measure_values(orders, some, (self._measure,))[self._measure] for orders in self._orders]
        return np.array(values).reshape(len(self._orders), len(some))


def _table(orders: Sequence[Orders], labels: Qrels) -> NDArray[np.int64]:
    """(k, n, m): which judgment each ranked document has."""
    longest = max((len(order) for of in orders for order in of.values()), default=0)
    found = np.full((len(orders), len(labels), max(1, longest)), UNJUDGED, dtype=np.int64)
    first = 0
    for row, (query, grades) in enumerate(labels.items()):
        number = {document: first + at for at, document in enumerate(grades)}
        first += len(grades)
        for system, of in enumerate(orders):
            order = of.get(query, ())
            found[system, row, : len(order)] = [number.get(document, UNJUDGED) for document in order]
    return found
