"""Trained decoders on random two-layer models: mxbai-rerank-v2 and BGE's Gemma reranker."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from copy import copy
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from typing import Any

import torch
from tokenizers.processors import TemplateProcessing
from transformers import AutoModelForCausalLM, AutoTokenizer

from benchmarks.reference.absent import absent, bare
from benchmarks.reference.models import Largest, Loaded, close, loaded, scores_of, scratch, texts
from benchmarks.reference.tally import Row, Tally
from core.domain.documents import CandidateList, Document
from core.domain.models import ModelKind
from core.strategies.pointwise.bge_gemma import INSTRUCTION, BgeGemma
from core.strategies.pointwise.mxbai_v2 import MxbaiRerankV2
from tests.support.tiny_decoders import save_decoder

LISTS = 40
LENGTH = 1024
WITHIN = 1e-4  # single precision over frames of several hundred tokens


def rows() -> Iterator[Row]:
    """All comparisons."""
    yield _mxbai("")
    yield _mxbai("Does the passage name a price?")
    yield _mxbai_port(long=False)
    yield _mxbai_port(long=True)
    for shape in ("gemma2", "llama"):
        for side in ("right", "left"):
            yield _bge(shape, side)
    yield _bge_port()


@cache
def tiny(shape: str) -> tuple[Path, Loaded]:
    """A random decoder's folder, and our model of it. The frame's marks are tokens; all but Qwen2 put one at the
    beginning of a text."""
    folder = save_decoder(scratch() / shape, shape, LENGTH)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    tokenizer.add_special_tokens({"additional_special_tokens": ["<|im_start|>", "<|im_end|>"]})
    tokenizer.add_tokens(["Yes"])
    if shape != "qwen2":
        special = [("<|begin|>", tokenizer.bos_token_id)]
        frame = TemplateProcessing(single="<|begin|> $A", pair="<|begin|> $A $B", special_tokens=special)
        tokenizer.backend_tokenizer.post_processor = frame
    model = AutoModelForCausalLM.from_pretrained(folder)
    torch.manual_seed(3)
    model.resize_token_embeddings(len(tokenizer), mean_resizing=False)
    with torch.no_grad():
        model.get_output_embeddings().weight.normal_(std=0.3)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder, loaded(folder, ModelKind.CAUSAL_LM, LENGTH)


def _as_before(tokenizer: Any) -> Any:  # noqa: ANN401
    """The tokenizer with the two methods that transformers 5 took away or changed, by FlagEmbedding's replacements."""
    bare("FlagEmbedding", "FlagEmbedding.utils")
    compat, plain = importlib.import_module("FlagEmbedding.utils.tokenizer_compat"), copy(tokenizer)
    tokenizer.prepare_for_model = partial(compat.prepare_for_model_compat, plain)
    tokenizer.pad = partial(compat.pad_with_compat, plain)
    return tokenizer


@cache
def _mxbai_ranker() -> Any:  # noqa: ANN401  (their class)
    bare("mxbai_rerank")
    with absent("batched"):
        kind = importlib.import_module("mxbai_rerank.mxbai_rerank_v2").MxbaiRerankV2
    ranker = kind(str(tiny("qwen2")[0]), device="cpu", torch_dtype=torch.float32, max_length=LENGTH)
    ranker.tokenizer = _as_before(ranker.tokenizer)
    return ranker


def _plain(candidates: CandidateList) -> CandidateList:
    """Queries and documents that end in a letter, so that no token spans the frame's line breaks on either side."""
    query = replace(candidates.query, text=candidates.query.text.rstrip(".?;:,") + " x")
    documents = tuple(replace(d, text=d.text.rstrip(".?;:,") + " x") for d in candidates.documents)
    return replace(candidates, query=query, documents=documents)


def _mxbai(instruction: str) -> Row:
    ranker, tally = _mxbai_ranker(), Tally()
    largest = Largest()
    for seed in range(LISTS):
        candidates = _plain(texts(seed))
        docs = [d.text for d in candidates.documents]
        theirs = ranker.predict([candidates.query.text] * len(docs), docs, instruction=instruction or None)
        ours = scores_of(MxbaiRerankV2(instruction=instruction), candidates, tiny("qwen2")[1])
        for own, found in zip(ours, theirs.tolist(), strict=True):
            tally.add(close(own, found, WITHIN))
            largest.told(own, found)
    setting = "a random two-layer Qwen2, documents of 2 to 41 words, padded on the left"
    return tally.row(
        "mxbai-rerank-v2", "mxbai-rerank", "MxbaiRerankV2.prepare_inputs and forward",
        f"{setting}, {'with' if instruction else 'without'} an instruction",
        note=largest.note,
    )  # fmt: skip


def _long(seed: int) -> CandidateList:
    """Documents that only differ behind the first half of what the model reads."""
    candidates = _plain(texts(seed, 4))
    filler = " ".join(["ferry"] * 90)
    documents = tuple(Document(id=d.id, text=f"{filler} {d.text}") for d in candidates.documents)
    return replace(candidates, documents=documents)


def _mxbai_port(*, long: bool) -> Row:
    """The port of rerankers reads a quarter of max_length of each document where the original reads all of it."""
    kind = importlib.import_module("rerankers.models.mxbai_v2").MxBaiV2Ranker
    port = kind(str(tiny("qwen2")[0]), device="cpu", dtype="float32", verbose=0, max_length=LENGTH)
    port.tokenizer = _as_before(port.tokenizer)
    original, tally = _mxbai_ranker(), Tally()
    for seed in range(LISTS // 2):
        candidates = _long(seed) if long else _plain(texts(seed))
        docs = [d.text for d in candidates.documents]
        right = original.predict([candidates.query.text] * len(docs), docs).tolist()
        theirs = port._predict([candidates.query.text] * len(docs), docs).tolist()
        ours = scores_of(MxbaiRerankV2(), candidates, tiny("qwen2")[1])
        for own, found, true in zip(ours, theirs, right, strict=True):
            tally.add(close(own, found, WITHIN), ours=close(own, true, WITHIN), reference=close(found, true, WITHIN))
    return tally.row(
        "mxbai-rerank-v2", "rerankers", "MxBaiV2Ranker._predict",
        f"documents {'of more than' if long else 'within'} {LENGTH // 4} tokens",
        note="right is the original (mxbai-rerank); the port cuts documents at a quarter of the length" if long else "",
    )  # fmt: skip


@cache
def _bge_ranker(shape: str, side: str) -> Any:  # noqa: ANN401  (their class)
    inference = "FlagEmbedding.inference"
    bare("FlagEmbedding", "FlagEmbedding.utils", "FlagEmbedding.abc", inference, f"{inference}.reranker")
    bare(f"{inference}.reranker.decoder_only", f"{inference}.reranker.encoder_only")
    with absent("peft", "datasets"):
        kind = importlib.import_module(f"{inference}.reranker.decoder_only.base").BaseLLMReranker
    ranker = kind(str(tiny(shape)[0]), devices="cpu")
    ranker.tokenizer.padding_side = side
    return ranker


def _bge(shape: str, side: str) -> Row:
    ranker, tally = _bge_ranker(shape, side), Tally()
    largest = Largest()
    for seed in range(LISTS):
        candidates = _plain(texts(seed))
        pairs = [(f"A: {candidates.query.text}", f"B: {d.text}") for d in candidates.documents]
        theirs = ranker.compute_score_single_gpu(pairs, batch_size=8, device="cpu")
        for own, found in zip(scores_of(BgeGemma(), candidates, tiny(shape)[1]), theirs, strict=True):
            tally.add(close(own, found, WITHIN))
            largest.told(own, found)
    return tally.row(
        "bge-gemma", "FlagEmbedding", "BaseLLMReranker.compute_score_single_gpu and last_logit_pool",
        f"a random two-layer {shape.capitalize()}, documents of 2 to 41 words, padded on the {side}",
        note=largest.note,
    )  # fmt: skip


def _bge_port() -> Row:
    """The port of rerankers pads on the right and reads the last position, which is padding in shorter rows."""
    kind = importlib.import_module("rerankers.models.llm_layerwise_ranker").LLMLayerWiseRanker
    port, original, tally = object.__new__(kind), _bge_ranker("llama", "left"), Tally()
    port.model, port.tokenizer = original.model, _as_before(AutoTokenizer.from_pretrained(tiny("llama")[0]))
    port.tokenizer.padding_side = "right"
    port.device, port.batch_size, port.max_sequence_length, port.params, port.prompt = "cpu", 16, 512, {}, INSTRUCTION
    for seed in range(LISTS):
        candidates = _plain(texts(seed))
        docs = [d.text for d in candidates.documents]
        pairs = [(f"A: {candidates.query.text}", f"B: {text}") for text in docs]
        right = original.compute_score_single_gpu(pairs, batch_size=1, device="cpu")
        found = {item.document.doc_id: item.score for item in port.rank(candidates.query.text, docs).results}
        ours = scores_of(BgeGemma(), candidates, tiny("llama")[1])
        for place, (own, true) in enumerate(zip(ours, right, strict=True)):
            theirs = found[place]
            tally.add(close(own, theirs, WITHIN), ours=close(own, true, WITHIN), reference=close(theirs, true, WITHIN))
    return tally.row(
        "bge-gemma", "rerankers", "LLMLayerWiseRanker.rank", "a plain causal model, as v2-gemma is",
        note="right is FlagEmbedding; the port takes the first scores of the last document's positions, at the last "
        "entry of the vocabulary, for those of the list",
    )  # fmt: skip
