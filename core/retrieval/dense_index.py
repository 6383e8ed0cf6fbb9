"""Search by vectors: the documents with the highest cosine to a query.

Up to EXACT_DOCUMENTS every vector is looked at. Beyond, HNSW (Malkov and Yashunin 2020, TPAMI; usearch) proposes
candidates, whose cosines are then computed from the vectors themselves, so that scores are the same either way.
Scores are rounded to six digits: no matrix product promises more, and texts that are equal must tie.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from core.retrieval.best import Chooser
from core.retrieval.names import Names
from core.strategies.vectors import unit

if TYPE_CHECKING:
    from usearch.index import Index

DIGITS = 6
LEAST_EXPANSION, EXPANSION_PER_RESULT = 1024, 10
PROPOSED_PER_RESULT = 2


class DenseIndex:
    """``chunks``: unit vectors by row, (rows, dim) each, all but the last with equally many rows. ``graph``: or None.

    Safe to read from several threads.
    """

    def __init__(self, ids: Names, chunks: Sequence[NDArray[np.float32]], graph: Index | None) -> None:
        self.ids = ids
        self._chunks, self._graph = chunks, graph

    def top(self, vector: NDArray[np.float32], depth: int) -> list[tuple[str, float]]:
        """Ids and cosines of the best ``depth`` documents for a query's vector (dim,); ties by document id."""
        if not self._chunks:
            return []
        query = unit(vector)
        rows = np.arange(len(self.ids)) if self._graph is None else self._near(self._graph, query, depth)
        scores = self._all(query) if self._graph is None else self._of(rows, query)
        return self._chooser.best(rows, np.round(scores, DIGITS), depth)

    def _all(self, query: NDArray[np.float32]) -> NDArray[np.float32]:
        return np.concatenate([chunk @ query for chunk in self._chunks])

    def _near(self, graph: Index, query: NDArray[np.float32], depth: int) -> NDArray[np.intp]:
        graph.expansion_search = max(LEAST_EXPANSION, EXPANSION_PER_RESULT * depth)  # type: ignore[misc]  # has a setter
        found = graph.search(query, PROPOSED_PER_RESULT * depth, threads=1)  # float16 may mistake near neighbours
        return np.asarray(found.keys, dtype=np.intp)

    def _of(self, rows: NDArray[np.intp], query: NDArray[np.float32]) -> NDArray[np.float32]:
        size = len(self._chunks[0])
        return np.array([self._chunks[row // size][row % size] @ query for row in rows.tolist()], dtype=np.float32)

    @cached_property
    def _chooser(self) -> Chooser:
        return Chooser(self.ids)
