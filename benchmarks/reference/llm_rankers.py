"""The rankers of llm-rankers (Zhuang et al.) with judges in place of their models."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from functools import cache
from types import ModuleType
from typing import Any
from unittest.mock import patch

import torch
import transformers
from torch.utils.data import DataLoader

from benchmarks.reference.absent import absent
from benchmarks.reference.opinions import pick
from core.domain.documents import CandidateList
from core.strategies.judges import PerfectJudge

PACKAGE = "llm-rankers"
QUERY = "query"
Verdicts = Callable[[str, str], tuple[int | None, int | None]]


def module(name: str) -> ModuleType:
    """A module of the package; T5Tokenizer is looked up in transformers when it is imported."""
    assert transformers.T5Tokenizer
    with absent("openai", "tiktoken"):
        return importlib.import_module(f"llmrankers.{name}")


def results(candidates: CandidateList) -> list[Any]:
    """The candidates as the package takes them; the text is the id."""
    kind = module("rankers").SearchResult
    return [kind(docid=id, score=0.0, text=id) for id in candidates.ids]


def both_orders(judge: PerfectJudge) -> Verdicts:
    """What the judge prefers of two documents, shown one way and the other."""

    @cache
    def verdicts(first: str, second: str) -> tuple[int | None, int | None]:
        return pick(judge, [first, second]), pick(judge, [second, first])

    return verdicts


def pairwise(candidates: CandidateList, verdicts: Verdicts, method: str, k: int) -> tuple[list[Any], int]:
    """What PairwiseLlmRanker returns, and how many comparisons it made."""
    pairwise = module("pairwise")

    class Judged(pairwise.PairwiseLlmRanker):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            self.method, self.k = method, k

        def compare(self, query: str, docs: Sequence[str]) -> list[str]:  # noqa: ARG002
            self.total_compare += 1
            words = {0: "Passage A", 1: "Passage B", None: ""}
            return [words[place] for place in verdicts(docs[0], docs[1])]

    ranker = Judged()
    return ranker.rerank(QUERY, results(candidates)), ranker.total_compare


class _Pairs:
    """A tokenizer and a model in one: a pair of documents is two numbers, and the answer is one."""

    config = None
    device = torch.device("cpu")

    def __init__(self, verdicts: Verdicts) -> None:
        self.verdicts = verdicts

    def __call__(self, texts: Sequence[str]) -> dict[str, list[list[int]]]:
        ids = [[int(id[1:]) for id in text.split(" | ")] for text in texts]
        return {"input_ids": ids, "attention_mask": [[1, 1]] * len(ids)}

    def pad(self, features: Sequence[dict[str, list[int]]], **_: object) -> dict[str, torch.Tensor]:
        return {name: torch.tensor([feature[name] for feature in features]) for name in features[0]}

    def generate(self, input_ids: torch.Tensor, **_: object) -> torch.Tensor:
        first = [self.verdicts(f"d{a}", f"d{b}")[0] for a, b in input_ids.tolist()]
        return torch.tensor([[2 if place is None else place] for place in first])

    def batch_decode(self, outputs: Sequence[Any], **_: object) -> list[str]:
        return [("Passage A", "Passage B", "")[int(row[0])] for row in outputs]


def all_pairs(candidates: CandidateList, verdicts: Verdicts) -> list[Any]:
    """What PairwiseLlmRanker returns with the method "allpair"."""
    pairwise = module("pairwise")
    ranker = object.__new__(pairwise.PairwiseLlmRanker)
    ranker.method, ranker.k, ranker.batch_size, ranker.prompt = "allpair", len(candidates.ids), 64, "{doc1} | {doc2}"
    ranker.tokenizer = ranker.llm = _Pairs(verdicts)
    ranker.decoder_input_ids = torch.zeros((64, 1))

    def loader(*given: Any, **named: Any) -> Any:  # noqa: ANN401
        return DataLoader(*given, **{**named, "num_workers": 0})  # in this process

    def collator(tokenizer: Any, **_: object) -> Any:  # noqa: ANN401
        return tokenizer.pad

    found: dict[str, float] = {}
    with patch.object(pairwise, "DataLoader", loader), patch.object(pairwise, "DataCollatorWithPadding", collator):

        def told(items: list[Any], **named: Any) -> list[Any]:  # noqa: ANN401
            found.update({item.docid: item.score for item in items})
            return sorted(items, **named)

        with patch.object(pairwise, "sorted", told, create=True):
            ordered = ranker.rerank(QUERY, results(candidates))
    for item in ordered:
        item.score = found.get(item.docid, 0.0)  # the reference keeps no sum for what never won
    return list(ordered)


def setwise(
    candidates: CandidateList, best: Callable[[Sequence[str]], int], method: str, k: int, children: int
) -> tuple[list[Any], list[tuple[str, ...]]]:
    """What SetwiseLlmRanker returns, and the windows that it asked about."""
    setwise = module("setwise")
    windows: list[tuple[str, ...]] = []

    class Judged(setwise.SetwiseLlmRanker):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            self.method, self.k, self.num_child, self.num_permutation = method, k, children, 1

        def compare(self, query: str, docs: Sequence[Any]) -> str:  # noqa: ARG002
            ids = tuple(doc.docid for doc in docs)
            windows.append(ids)
            return str(self.CHARACTERS[best(ids)]) if ids else "A"

    return Judged().rerank(QUERY, results(candidates)), windows
