"""BM25 as a model: answers ScoreList from the statistics of a collection, or of the list itself.

The scores come from core.retrieval, so a document has the same score in the first stage and as a system.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from core.domain.errors import BadAnswerError, CancelledError, ModelUnavailableError
from core.domain.models import ModelEntry
from core.domain.requests import Answer, Request, ScoreList, ScoreListAnswer
from core.models.base import LoadContext
from core.retrieval.scoring import lexical_scores


class LexicalAdapter:
    """BM25; nothing is loaded before the first request for a collection."""

    def __init__(self, entry: ModelEntry, context: LoadContext) -> None:
        self.entry = entry
        self.batch_tokens = 1_000_000
        self.memory_bytes = 0
        self._context = context

    def weight(self, request: Request) -> int:
        """Roughly its tokens: characters / 4."""
        scored = _scored(self.entry, request)
        return 1 + sum(len(document.text) for document in scored.documents) // 4

    def answer(self, requests: Sequence[Request], cancelled: Callable[[], bool]) -> list[Answer]:
        """Scores of every list, in order."""
        answers: list[Answer] = []
        for request in requests:
            if cancelled():
                raise CancelledError("Cancelled.")
            answers.append(self._one(_scored(self.entry, request)))
        return answers

    def close(self) -> None:
        """Nothing to give back: indexes lie in the cache directory."""

    def _one(self, request: ScoreList) -> ScoreListAnswer:
        path = None
        if request.collection is not None:
            path = self._context.collections.get(request.collection)
            if path is None:
                raise ModelUnavailableError(f"{self.entry.id}: collection {request.collection[:12]} is not open here.")
        scores = lexical_scores(path, request.collection, request.query, request.documents, self._context.cache_dir)
        return ScoreListAnswer(scores=tuple(float(score) for score in scores))


def load(entry: ModelEntry, context: LoadContext) -> LexicalAdapter:
    """The BM25 adapter."""
    return LexicalAdapter(entry, context)


def _scored(entry: ModelEntry, request: Request) -> ScoreList:
    if not isinstance(request, ScoreList):
        raise BadAnswerError(f"{entry.id} answers ScoreList, not {type(request).__name__}.")
    return request
