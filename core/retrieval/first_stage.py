"""First-stage retrieval: frozen candidate lists by BM25, by vectors, or by both."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.datasets.collection_file import CollectionFile
from core.domain.documents import CandidateList, Query
from core.domain.errors import InvalidInputError
from core.domain.models import ModelEntry
from core.domain.work import RetrieveWork
from core.retrieval import dense_store, index_store
from core.retrieval.fusion import reciprocal_ranks
from core.retrieval.step import Step, Wanted

Hits = list[tuple[str, float]]  # document ids and scores, best first
Found = Generator[Step | Wanted | CandidateList, None, None]
_Search = Generator[Step | Wanted | tuple[Query, Hits], None, None]
QUERIES_TOGETHER = 256  # whose vectors are asked for at once


def retrieve(work: RetrieveWork, cache_dir: Path) -> Found:
    """For each query, in order, the best at most ``work.depth`` documents; between them steps and what is wanted.

    BM25 finds documents that share a term with the query: fewer, even none, where fewer match. Dense vectors find
    ``depth`` documents of any corpus that has as many. Hybrid is reciprocal rank fusion of both at this depth. Equal
    scores are ordered by document id. InvalidInputError for a depth under 1, an unknown method, or dense and hybrid
    without a model; StorageError.
    """
    if work.depth < 1:
        raise InvalidInputError(f"Depth must be at least 1, not {work.depth}.")
    if work.method not in METHODS:
        raise InvalidInputError(f"Unknown first stage {work.method!r}. Known: {', '.join(METHODS)}.")
    return _lists(work, METHODS[work.method](work, cache_dir))


def _lists(work: RetrieveWork, found: _Search) -> Found:
    reader = CollectionFile(work.path)
    source = "" if work.model is None else f" {work.model.id}"
    try:
        for item in found:
            if not isinstance(item, tuple):
                yield item
                continue
            query, hits = item
            yield CandidateList(
                query=query,
                documents=reader.documents([document_id for document_id, _ in hits]),
                collection=work.collection,
                first_stage=f"{work.method}{source} top {work.depth}",
                first_stage_scores=tuple(score for _, score in hits),
            )
    finally:
        found.close()
        reader.close()


def _bm25(work: RetrieveWork, cache_dir: Path) -> _Search:
    index = yield from index_store.opening(work.path, work.collection, cache_dir)
    for query in work.queries:
        yield query, index.top(query.text, work.depth)


def _dense(work: RetrieveWork, cache_dir: Path) -> _Search:
    index = yield from dense_store.opening(work.path, work.collection, _model(work), cache_dir)
    yield from _by_vector(work.queries, lambda _query, vector: index.top(vector, work.depth))


def _hybrid(work: RetrieveWork, cache_dir: Path) -> _Search:
    model = _model(work)
    lexical = yield from index_store.opening(work.path, work.collection, cache_dir)
    dense = yield from dense_store.opening(work.path, work.collection, model, cache_dir)

    def search(query: Query, vector: NDArray[np.float32]) -> Hits:
        lists = [lexical.top(query.text, work.depth), dense.top(vector, work.depth)]
        return reciprocal_ranks([[document for document, _ in hits] for hits in lists], work.depth)

    yield from _by_vector(work.queries, search)


METHODS: Mapping[str, Callable[[RetrieveWork, Path], _Search]] = {"bm25": _bm25, "dense": _dense, "hybrid": _hybrid}


def _by_vector(queries: Sequence[Query], search: Callable[[Query, NDArray[np.float32]], Hits]) -> _Search:
    for start in range(0, len(queries), QUERIES_TOGETHER):
        part = queries[start : start + QUERIES_TOGETHER]
        step = Step(note="embedding queries", done=start, total=len(queries))
        wanted = Wanted(texts=[query.text for query in part], role="query", step=step)
        while not wanted.complete:
            yield wanted
        for query, vector in zip(part, wanted.rows, strict=True):
            yield query, search(query, vector)


def _model(work: RetrieveWork) -> ModelEntry:
    if work.model is None:
        raise InvalidInputError(
            f"A {work.method} first stage needs an embedding model; name one, as in {work.method}:ID."
        )
    return work.model
