"""Scores of encoder-decoders on a random two-layer T5: monoT5, RankT5, yes/no, query likelihood."""

from __future__ import annotations

import importlib
import math
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any
from unittest.mock import patch

import torch
from torch.utils.data import DataLoader
from transformers import AutoModelForSeq2SeqLM, AutoTokenizer

from benchmarks.reference import llm_rankers, rank_llm
from benchmarks.reference.models import Largest, Loaded, close, falling, loaded, scores_of, scratch, texts
from benchmarks.reference.tally import Row, Tally
from core.domain.documents import CandidateList
from core.domain.models import ModelKind
from core.domain.requests import Prompt
from core.strategies.labels import spellings
from core.strategies.pointwise import yes_no
from core.strategies.pointwise.monot5 import MonoT5
from core.strategies.pointwise.query_likelihood import QueryLikelihood
from core.strategies.pointwise.rankt5 import RankT5
from core.strategies.pointwise.yes_no import YesNo
from core.strategies.prompts import document_part, plain, query_part
from tests.support.tiny_seq2seq import save_t5

LISTS = 60
NO_MASK = "right is what the reference says to a prompt alone; with transformers 5 its batches have no attention mask"
ON = "a random two-layer T5, documents of 1 to 40 words in padded batches"


def rows() -> Iterator[Row]:
    """All comparisons."""
    yield _scores("monot5", MonoT5(), "rerankers", "T5Ranker._get_scores", _t5_ranker, math.exp)
    yield _rank_llm_monot5()
    yield _scores("rankt5", RankT5(), "rerankers", "T5Ranker._get_scores, return_logits", _rankt5, float)
    yield from _likelihoods()
    yield from _yes_no()


@cache
def tiny() -> tuple[Path, Loaded, Any, Any]:
    """Its folder, our model of it, and the library's model and tokenizer."""
    folder = save_t5(scratch() / "t5", gated=True)
    model = AutoModelForSeq2SeqLM.from_pretrained(folder).eval()
    return folder, loaded(folder, ModelKind.SEQ2SEQ), model, AutoTokenizer.from_pretrained(folder)


def _scores(
    name: str,
    strategy: MonoT5 | RankT5,
    package: str,
    code: str,
    theirs: Callable[[CandidateList], Sequence[float]],
    scale: Callable[[float], float],
) -> Row:
    tally, largest = Tally(), Largest()
    for seed in range(LISTS):
        candidates = texts(seed)
        for ours, found in zip(scores_of(strategy, candidates, tiny()[1]), theirs(candidates), strict=True):
            tally.add(close(scale(ours), found))
            largest.told(scale(ours), found)
    return tally.row(name, package, code, ON, note=largest.note)


@cache
def _ranker(**named: Any) -> Any:  # noqa: ANN401  (their class)
    kind = importlib.import_module("rerankers.models.t5ranker").T5Ranker
    return kind(str(tiny()[0]), device="cpu", dtype="float32", verbose=0, **named)


def _t5_ranker(candidates: CandidateList) -> list[float]:
    ranker = _ranker(token_false="▁false", token_true="▁true")
    return list(ranker._get_scores(candidates.query.text, [d.text for d in candidates.documents]))


def _rankt5(candidates: CandidateList) -> list[float]:
    template = "Query: {query} Document: {text}"
    ranker = _ranker(token_true="<extra_id_10>", token_false="▁false", return_logits=True, inputs_template=template)
    return list(ranker._get_scores(candidates.query.text, [d.text for d in candidates.documents]))


def _rank_llm_monot5() -> Row:
    """RankLLM hands its model no attention mask; what is right is what it says to a prompt alone."""
    ranker, tally = object.__new__(rank_llm.module("rerank.pointwise.monot5").MonoT5), Tally()
    _, _, ranker._llm, ranker._tokenizer = tiny()
    ranker._device = "cpu"
    ranker._true_id, ranker._false_id = (ranker._tokenizer.convert_tokens_to_ids(t) for t in ("▁true", "▁false"))
    for seed in range(LISTS):
        candidates = texts(seed)
        prompts = [f"Query: {candidates.query.text} Document: {d.text} Relevant: " for d in candidates.documents]
        together, ours = ranker.run_llm_batched(prompts)[2], scores_of(MonoT5(), candidates, tiny()[1])
        for prompt, own, found in zip(prompts, ours, together, strict=True):
            alone, score = float(ranker.run_llm(prompt)[2]), math.exp(own)
            tally.add(close(score, found), ours=close(score, alone), reference=close(float(found), alone))
    return tally.row(
        "monot5", rank_llm.PACKAGE, "MonoT5.run_llm_batched", ON,
        note=NO_MASK,
    )  # fmt: skip


class _WithoutEnd:
    """A tokenizer that leaves the end token away from one text: the query."""

    def __init__(self, tokenizer: Any, query: str) -> None:  # noqa: ANN401
        self.tokenizer, self.query = tokenizer, query

    def __call__(self, texts: list[str], **named: Any) -> Any:  # noqa: ANN401
        return self.tokenizer(texts, add_special_tokens=texts[0] != self.query, **named)


def _upr(candidates: CandidateList, *, end: bool) -> list[float]:
    ranker = object.__new__(importlib.import_module("rerankers.models.upr").UPRRanker)
    _, _, ranker.model, tokenizer = tiny()
    ranker.tokenizer = tokenizer if end else _WithoutEnd(tokenizer, candidates.query.text)
    ranker.device, ranker.batch_size, ranker.max_input_length, ranker.max_query_length = "cpu", 16, 512, 128
    ranker.verbalizer_head, ranker.verbalizer = "Passage:", "Please write a question based on this passage."
    return list(ranker._get_scores(candidates.query.text, [d.text for d in candidates.documents]))


def _likelihoods() -> Iterator[Row]:
    tally, orders, changed = Tally(), Tally(), 0
    for seed in range(LISTS):
        candidates = texts(seed)
        ours = scores_of(QueryLikelihood(prompt="upr"), candidates, tiny()[1])
        for own, found in zip(ours, _upr(candidates, end=False), strict=True):
            tally.add(close(own, found))
        same = falling(ours) == falling(_upr(candidates, end=True))
        orders.add(same)
        changed += not same
    code = "UPRRanker._get_scores"
    yield tally.row(
        "query-likelihood", "rerankers", code, f"{ON}; prompt = upr, the query given to both without an end token"
    )
    yield orders.row(
        "query-likelihood", "rerankers", code, "orders of the same lists where the reference counts the end token too",
        note="ours leaves the end token out, which endpoints cannot score", aside=True,
    )  # fmt: skip


def _their_words(query: str, document: Any) -> Prompt:  # noqa: ANN401
    question = "\nDoes the passage answer the query? Answer 'Yes' or 'No'"
    return plain("Passage: ", document_part(document), "\nQuery: ", query_part(query), question)


def _llm_rankers(candidates: CandidateList) -> list[float]:
    module = llm_rankers.module("pointwise")
    ranker = object.__new__(module.PointwiseLlmRanker)
    _, _, ranker.llm, ranker.tokenizer = tiny()
    ranker.method, ranker.batch_size = "yes_no", 4
    kind = llm_rankers.module("rankers").SearchResult
    ranking = [kind(docid=d.id, score=0.0, text=d.text) for d in candidates.documents]

    def loader(*given: Any, **named: Any) -> Any:  # noqa: ANN401
        return DataLoader(*given, **{**named, "num_workers": 0})  # in this process

    with patch.object(module, "DataLoader", loader), torch.inference_mode():
        found = {item.docid: item.score for item in ranker.rerank(candidates.query.text, ranking)}
    return [found[id] for id in candidates.ids]


def _yes_no() -> Iterator[Row]:
    tally, orders = Tally(), Tally()
    for seed in range(LISTS):
        candidates = texts(seed)
        theirs = _llm_rankers(candidates)
        with patch.object(yes_no, "_prompt", _their_words):
            every = scores_of(YesNo(), candidates, tiny()[1])
            with patch.object(yes_no, "YES", spellings("Yes")), patch.object(yes_no, "NO", spellings("No")):
                ours = scores_of(YesNo(), candidates, tiny()[1])
        for own, found in zip(ours, theirs, strict=True):
            tally.add(close(own, found))
        orders.add(falling(every) == falling(theirs))
    code = "PointwiseLlmRanker, yes_no"
    yield tally.row(
        "yes-no",
        llm_rankers.PACKAGE,
        code,
        f"{ON}; both asked in the words of the reference, with its labels Yes and No",
    )
    yield orders.row(
        "yes-no", llm_rankers.PACKAGE, code, "orders of the same lists where ours also counts yes and no in lower case",
        note="ours sums the spellings of each label", aside=True,
    )  # fmt: skip
