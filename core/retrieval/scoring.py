"""BM25 scores of given documents: with the statistics of their collection, or of the list itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from core.domain.documents import Document
from core.domain.errors import InvalidInputError, UnknownNameError
from core.retrieval.bm25_index import Bm25Index
from core.retrieval.index_store import open_index


def lexical_scores(
    path: Path | None,
    collection: str | None,
    query: str,
    documents: Sequence[Document],
    cache_dir: Path,
    alive: Callable[[], object] = lambda: None,
) -> tuple[float, ...]:
    """Scores (n_docs,) aligned with ``documents``, higher is better, 0 where no term of the query occurs.

    With ``path`` and ``collection`` (file and fingerprint) exactly the scores that ``retrieve`` gives;
    UnknownNameError for a document that the collection does not have. With None for both, document
    frequencies and mean length are those of ``documents``, analysed as English. ``alive`` is called while an index is
    built.
    """
    if (path is None) != (collection is None):
        raise InvalidInputError("A collection needs both its fingerprint and its file.")
    if path is None or collection is None:
        return tuple(float(score) for score in Bm25Index.build(documents).scores(query))
    index = open_index(path, collection, cache_dir, alive)
    scores = index.scores(query)
    return tuple(float(scores[_row(index, document)]) for document in documents)


def _row(index: Bm25Index, document: Document) -> int:
    row = index.row(document.id)
    if row is None:
        raise UnknownNameError("document", document.id)
    return row
