"""BM25 as a model: answers ScoreList from the statistics of a collection, or of the list itself.

The scores come from core.retrieval, so a document has the same score in the first stage and as a system.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from core.domain.errors import BadAnswerError, CancelledError, ModelUnavailableError
from core.domain.models import ModelEntry
from core.domain.requests import Answer, Request, ScoreList, ScoreListAnswer
from core.models.base import Arrangement, LoadContext, by_length
from core.retrieval.scoring import lexical_scores


class LexicalAdapter:
    """BM25; nothing is loaded before the first request for a collection."""

    def __init__(self, entry: ModelEntry, context: LoadContext) -> None:
        self.entry = entry
        self.batch_tokens = 1_000_000
        self.memory_bytes = 0  # of the memory-mapped index of the last collection that was asked for
        self._context = context
        self._sizes: dict[str, int] = {}

    @property
    def execution(self) -> str:
        """It runs in an index of this machine."""
        return "index"

    def arrange(self, requests: Sequence[Request]) -> Arrangement:
        """Longest list first; lists share nothing."""
        return by_length([self._tokens(request) for request in requests])

    def shares(self, requests: Sequence[Request]) -> list[float]:
        """Roughly the tokens of each list: characters / 4."""
        return [float(self._tokens(request)) for request in requests]

    def answer(self, requests: Sequence[Request], cancelled: Callable[[], bool]) -> list[Answer]:
        """Scores of every list, in order."""
        answers: list[Answer] = []
        for request in requests:
            if cancelled():
                raise CancelledError("Cancelled.")
            answers.append(self._one(_scored(self.entry, request), cancelled))
        return answers

    def forget(self) -> None:
        """Nothing of a query or a document is remembered."""

    def synchronize(self) -> None:
        """All work is done on this thread."""

    def close(self) -> None:
        """Nothing to give back: indexes lie in the cache directory."""

    def _tokens(self, request: Request) -> int:
        return 1 + sum(len(document.text) for document in _scored(self.entry, request).documents) // 4

    def _one(self, request: ScoreList, alive: Callable[[], bool]) -> ScoreListAnswer:
        path = None
        if request.collection is not None:
            path = self._context.collections.get(request.collection)
            if path is None:
                raise ModelUnavailableError(f"{self.entry.id}: collection {request.collection[:12]} is not open here.")
        cache_dir = self._context.cache_dir
        scores = lexical_scores(path, request.collection, request.query, request.documents, cache_dir, alive)
        self.memory_bytes = self._index_bytes(request.collection)
        return ScoreListAnswer(scores=tuple(float(score) for score in scores))

    def _index_bytes(self, collection: str | None) -> int:
        """Size of an index that has been opened; 0 for a list without a collection, whose index is gone already."""
        if collection is None:
            return 0
        if collection not in self._sizes:
            folder = self._context.cache_dir / "indexes" / collection
            self._sizes[collection] = sum(file.stat().st_size for file in folder.glob("*") if file.is_file())
        return self._sizes[collection]


def load(entry: ModelEntry, context: LoadContext) -> LexicalAdapter:
    """The BM25 adapter."""
    return LexicalAdapter(entry, context)


def _scored(entry: ModelEntry, request: Request) -> ScoreList:
    if not isinstance(request, ScoreList):
        raise BadAnswerError(f"{entry.id} answers ScoreList, not {type(request).__name__}.")
    return request
