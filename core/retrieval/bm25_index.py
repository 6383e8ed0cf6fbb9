"""A BM25 index over documents, by bm25s: scores of every document for a query.

score(q, d) = sum over query terms t of ln(1 + (N - df + 0.5) / (df + 0.5)) * tf / (tf + k1 (1 - b + b |d| / avg)).
Lucene's variant with Lucene's k1 and b; Kamphuis et al. 2020 (ECIR), Lu 2024 (arXiv:2407.03618).
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path

import bm25s
import numpy as np
from bm25s.tokenization import Tokenized
from numpy.typing import NDArray

from core.domain.documents import Document
from core.measures.analysis import Analyzer
from core.retrieval.best import Chooser
from core.retrieval.names import Names

K1 = 1.2
B = 0.75
IDS, TERMS = "ids", "terms"


class Bm25Index:
    """``ids``: document ids by row; ``terms``: the vocabulary by column. Safe to read from several threads.

    ``model``: None where no document has a term. ``language``: see core.measures.analysis.
    """

    def __init__(self, ids: Names, terms: Names, model: bm25s.BM25 | None, language: str) -> None:
        self.ids, self.language = ids, language
        self._terms, self._model = terms, model

    @classmethod
    def build(cls, documents: Iterable[Document], language: str = "en") -> Bm25Index:
        """Index a list in memory; core.retrieval.bm25_build is for corpora."""
        analyzer = Analyzer(language)
        vocabulary: dict[str, int] = {}
        ids: list[str] = []
        terms: list[array[int]] = []
        for document in documents:
            ids.append(document.id)
            stems = analyzer.stems(document.content)
            terms.append(array("i", (vocabulary.setdefault(stem, len(vocabulary)) for stem in stems)))
        model = None
        if vocabulary:
            model = _model()
            model.index(Tokenized(ids=terms, vocab=vocabulary), create_empty_token=False, show_progress=False)
        return cls(Names.of(ids), Names.of(vocabulary), model, language)

    @classmethod
    def load(cls, folder: Path, language: str) -> Bm25Index:
        """Memory-map what core.retrieval.bm25_build wrote; OSError, ValueError where it cannot be read."""
        ids, terms = Names.load(folder, IDS), Names.load(folder, TERMS)
        model = None
        if len(terms):
            model = _model()
            model.load_scores(folder, mmap=True, num_docs=len(ids))
        return cls(ids, terms, model, language)

    def scores(self, query: str) -> NDArray[np.float32]:
        """(n_docs,) by row; 0 where no term of the query occurs. A term twice in the query counts twice."""
        if self._model is None:
            return np.zeros(len(self.ids), dtype=np.float32)
        stems = Analyzer(self.language).stems(query)
        known = [number for stem in stems if (number := self._terms.number(stem)) is not None]
        if not known:
            return np.zeros(len(self.ids), dtype=np.float32)
        found: NDArray[np.float32] = self._model.get_scores_from_ids(known)
        return found

    def top(self, query: str, depth: int) -> list[tuple[str, float]]:
        """Ids and scores of the best ``depth`` documents that have a term of the query; ties by document id."""
        scores = self.scores(query)
        rows = np.flatnonzero(scores > 0)
        return self._chooser.best(rows, scores[rows], depth)

    def row(self, document_id: str) -> int | None:
        """Where the document stands, or None where the index does not have it."""
        return self.ids.number(document_id)

    @cached_property
    def _chooser(self) -> Chooser:
        return Chooser(self.ids)


def _model() -> bm25s.BM25:
    model = bm25s.BM25(k1=K1, b=B, method="lucene", backend="numpy", csc_backend="numpy")
    model.nonoccurrence_array = None
    return model
