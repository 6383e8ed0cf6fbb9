"""A BM25 index over documents, by bm25s: scores of every document for a query.

score(q, d) = sum over query terms t of ln(1 + (N - df + 0.5) / (df + 0.5)) * tf / (tf + k1 (1 - b + b |d| / avg)).
Lucene's variant with Lucene's k1 and b; Kamphuis et al. 2020 (ECIR), Lu 2024 (arXiv:2407.03618).
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from typing import Any

import bm25s
import numpy as np
from bm25s.tokenization import Tokenized
from numpy.typing import NDArray

from core.domain.documents import Document
from core.measures.analysis import Analyzer

K1 = 1.2
B = 0.75


class Bm25Index:
    """``ids``: document ids by row. Safe to read from several threads. ``model``: None where no document has a term."""

    def __init__(self, ids: tuple[str, ...], model: Any) -> None:  # noqa: ANN401 - bm25s has no types
        self.ids = ids
        self.model = model
        self._rows = {document_id: row for row, document_id in enumerate(ids)}
        self._by_id = np.empty(len(ids), dtype=np.int64)
        self._by_id[sorted(range(len(ids)), key=ids.__getitem__)] = np.arange(len(ids))

    @classmethod
    def build(cls, documents: Iterable[Document]) -> Bm25Index:
        """Index a stream of documents; only their term numbers are held."""
        analyzer = Analyzer()
        vocabulary: dict[str, int] = {}
        ids: list[str] = []
        terms: list[array[int]] = []
        for document in documents:
            ids.append(document.id)
            stems = analyzer.stems(document.content)
            terms.append(array("i", (vocabulary.setdefault(stem, len(vocabulary)) for stem in stems)))
        if not vocabulary:
            return cls(tuple(ids), None)
        model = bm25s.BM25(k1=K1, b=B, method="lucene", backend="numpy", csc_backend="numpy")
        model.index(Tokenized(ids=terms, vocab=vocabulary), create_empty_token=False, show_progress=False)
        return cls(tuple(ids), model)

    def scores(self, query: str) -> NDArray[np.float32]:
        """(n_docs,) by row; 0 where no term of the query occurs. A term twice in the query counts twice."""
        stems = Analyzer().stems(query)
        known = self.model.get_tokens_ids(stems) if self.model is not None else []
        if not known:
            return np.zeros(len(self.ids), dtype=np.float32)
        found: NDArray[np.float32] = self.model.get_scores_from_ids(known)
        return found

    def top(self, query: str, depth: int) -> list[tuple[str, float]]:
        """Ids and scores of the best ``depth`` documents that have a term of the query; ties by document id."""
        scores = self.scores(query)
        rows = np.flatnonzero(scores > 0)
        if len(rows) > depth:
            threshold = np.partition(scores[rows], len(rows) - depth)[len(rows) - depth]
            rows = rows[scores[rows] >= threshold]
        best = rows[np.lexsort((self._by_id[rows], -scores[rows]))][:depth]
        return [(self.ids[row], float(scores[row])) for row in best]

    def row(self, document_id: str) -> int | None:
        """Where the document stands, or None where the index does not have it."""
        return self._rows.get(document_id)
