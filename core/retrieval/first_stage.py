"""First-stage retrieval: frozen candidate lists by BM25."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from core.datasets.collection_file import CollectionFile
from core.domain.documents import CandidateList, Query
from core.domain.errors import InvalidInputError
from core.retrieval.index_store import open_index


def retrieve(
    path: Path, collection: str, queries: Sequence[Query], depth: int, cache_dir: Path
) -> Iterator[CandidateList]:
    """For each query, in order, the at most ``depth`` documents that share a term with it, best first.

    Fewer, even none, where fewer documents match; equal scores are ordered by document id.
    ``path`` and ``collection``: file and fingerprint. InvalidInputError for a depth under 1; StorageError.
    """
    if depth < 1:
        raise InvalidInputError(f"Depth must be at least 1, not {depth}.")
    return _retrieve(path, collection, queries, depth, cache_dir)


def _retrieve(
    path: Path, collection: str, queries: Sequence[Query], depth: int, cache_dir: Path
) -> Iterator[CandidateList]:
    index = open_index(path, collection, cache_dir)
    reader = CollectionFile(path)
    try:
        for query in queries:
            found = index.top(query.text, depth)
            yield CandidateList(
                query=query,
                documents=reader.documents([document_id for document_id, _ in found]),
                collection=collection,
                first_stage=f"bm25 top {depth}",
                first_stage_scores=tuple(score for _, score in found),
            )
    finally:
        reader.close()
