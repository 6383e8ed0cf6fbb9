"""AnswerDotAI's ``rerankers``: ``rank`` per query, as it comes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from benchmarks.speed.parity import Scores
from benchmarks.speed.timing import Variant
from core.domain.documents import CandidateList

NAME = "rerankers"


def variant(folder: Path, lists: Sequence[CandidateList]) -> Variant:
    """Its transformer ranker on the CPU in fp32, batch size at its default."""
    from rerankers import Reranker

    ranker = Reranker(str(folder), model_type="cross-encoder", device="cpu", dtype="float32", verbose=0)
    if ranker is None:
        raise RuntimeError("rerankers gave no ranker")
    texts = [[document.content for document in one.documents] for one in lists]
    ids = [list(range(len(one.documents))) for one in lists]

    def run() -> Scores:
        scores: Scores = []
        for one, documents, numbers in zip(lists, texts, ids, strict=True):
            ranked = ranker.rank(one.query.text, documents, doc_ids=numbers)
            found = {int(result.document.doc_id): float(result.score) for result in ranked.results}
            scores.append([found[number] for number in numbers])
        return scores

    def tokenise() -> None:
        for one, documents in zip(lists, texts, strict=True):
            for start in range(0, len(documents), ranker.batch_size):
                ranker.tokenize([(one.query.text, text) for text in documents[start : start + ranker.batch_size]])

    def warm_up() -> None:
        ranker.rank(lists[0].query.text, texts[0][:20])

    return Variant(name=NAME, run=run, warm_up=warm_up, tokenise=tokenise)
