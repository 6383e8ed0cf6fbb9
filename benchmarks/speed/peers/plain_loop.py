"""The loop that everybody writes first: transformers, one query at a time, its documents in one padded batch."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.speed.parity import Scores
from benchmarks.speed.timing import Variant
from core.domain.documents import CandidateList
from core.models.environment import transformers

NAME = "plain transformers loop"
BATCH = 100  # a query's documents in one go, for the depths of this benchmark


def variant(folder: Path, lists: Sequence[CandidateList]) -> Variant:
    """AutoModelForSequenceClassification as its documentation shows it."""
    import torch

    library = transformers()
    model = library.AutoModelForSequenceClassification.from_pretrained(folder, local_files_only=True).eval()
    tokenizer = library.AutoTokenizer.from_pretrained(folder, local_files_only=True)

    def encode(one: CandidateList, start: int) -> Any:  # noqa: ANN401 - transformers' own mapping
        texts = [document.content for document in one.documents[start : start + BATCH]]
        queries = [one.query.text] * len(texts)
        return tokenizer(queries, texts, padding=True, truncation=True, max_length=512, return_tensors="pt")

    def scored(chosen: Sequence[CandidateList]) -> Scores:
        scores: Scores = []
        with torch.inference_mode():
            for one in chosen:
                starts = range(0, len(one.documents), BATCH)
                scores.append([v for start in starts for v in model(**encode(one, start)).logits[:, 0].tolist()])
        return scores

    def tokenise() -> None:
        for one in lists:
            for start in range(0, len(one.documents), BATCH):
                encode(one, start)

    return Variant(name=NAME, run=lambda: scored(lists), warm_up=lambda: scored(lists[:1]), tokenise=tokenise)
