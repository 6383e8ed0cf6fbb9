"""RankLLM's listwise code with judges in place of its models."""

from __future__ import annotations

import contextlib
import importlib
import io
from collections.abc import Callable, Sequence
from functools import cache
from types import ModuleType
from typing import Any

import torch
import transformers
import yaml

from benchmarks.reference.absent import absent, bare
from core.domain.documents import CandidateList

PACKAGE = "rank-llm"
_LISTWISE = "rank_llm.rerank.listwise"
Writer = Callable[[Sequence[str]], str]


def module(name: str) -> ModuleType:
    """A module under rank_llm, without the packages' own imports (those of LiT5 do not load in transformers 5)."""
    assert transformers.T5Tokenizer
    assert torch.cuda
    bare("rank_llm", "rank_llm.rerank", _LISTWISE, "rank_llm.rerank.pairwise", "rank_llm.rerank.pointwise")
    with absent("dacite", "vllm", "ftfy", "sglang"):
        return importlib.import_module(f"rank_llm.{name}")


def result_of(candidates: CandidateList, kind: str = "Result") -> Any:  # noqa: ANN401  (their class)
    """The list as the package takes it; the content of a document is its text."""
    data = module("data")
    found = [
        data.Candidate(docid=document.id, score=float(-place), doc={"title": document.title, "contents": document.text})
        for place, document in enumerate(candidates.documents)
    ]
    more = {"invocations_history": []} if kind == "Result" else {}
    return getattr(data, kind)(query=data.Query(text=candidates.query.text, qid="q"), candidates=found, **more)


@cache
def handler(template: str) -> Any:  # noqa: ANN401  (their class)
    """The handler of one of the package's templates."""
    folder = module("rerank.listwise.listwise_rankllm").__spec__.origin.rsplit("/listwise/", 1)[0]
    with open(f"{folder}/prompt_templates/{template}.yaml", encoding="utf-8") as file:
        data = yaml.safe_load(file)
    turns = "multiturn" if data["method"].startswith("multi") else "singleturn"
    kind = {"multiturn": "MultiTurnListwiseInferenceHandler", "singleturn": "SingleTurnListwiseInferenceHandler"}[turns]
    with contextlib.redirect_stdout(io.StringIO()):
        return getattr(module(f"rerank.listwise.{turns}_listwise_inference_handler"), kind)(data)


def ranker(window: int, stride: int, write: Writer, *, alpha: bool = False) -> Any:  # noqa: ANN401  (their class)
    """A ListwiseRankLLM whose model is ``write``: what it says to the ids of a window; ``windows`` are kept."""
    base = module("rerank.listwise.listwise_rankllm").ListwiseRankLLM

    class Judged(base):  # type: ignore[misc, valid-type]
        def __init__(self) -> None:
            self._window_size, self._stride, self._use_alpha = window, stride, alpha
            self._inference_handler = handler("rank_zephyr_alpha_template" if alpha else "rank_zephyr_template")
            self.windows: list[tuple[str, ...]] = []

        def create_prompt(self, result: Any, rank_start: int, rank_end: int) -> tuple[list[str], int]:  # noqa: ANN401
            return [candidate.docid for candidate in result.candidates[rank_start:rank_end]], 0

        def run_llm(self, prompt: list[str], **_: object) -> tuple[str, int]:
            self.windows.append(tuple(prompt))
            return write(prompt), 0

    Judged.__abstractmethods__ = frozenset()
    return Judged()


def reranked(ranker: Any, candidates: CandidateList, top_k: int | None = None) -> list[str]:  # noqa: ANN401
    """Ids after one pass of sliding_windows. ``top_k``: what the caller retrieved, at least the list."""
    n_docs = len(candidates.ids)
    found = ranker.sliding_windows(
        result_of(candidates, "Request"), 0, n_docs, top_k or n_docs, populate_invocations_history=False
    )
    return [candidate.docid for candidate in found.candidates]


def received(text: str, n_docs: int, *, alpha: bool = False) -> list[int]:
    """Places in the order that receive_permutation makes of a text."""
    data = module("data")
    found = [data.Candidate(docid=place, score=None, doc={}) for place in range(n_docs)]
    result = data.Result(query=data.Query(text="q", qid="q"), candidates=found, invocations_history=[])
    judged = ranker(n_docs, 1, lambda _: text, alpha=alpha)
    return [candidate.docid for candidate in judged.receive_permutation(result, text, 0, n_docs).candidates]
