"""Packed and shared passes of causal language models against plain transformers, one text at a time."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import AutoModelForCausalLM

from core.catalog.digests import DigestCache
from core.domain.documents import Document
from core.domain.errors import CancelledError
from core.domain.models import ModelKind
from core.domain.requests import Generate, LabelLogprobs, Likelihood, Message, Part, Prompt, Request
from core.models.causal_lm import CausalLmAdapter, load
from core.models.packed import attention, passes
from core.strategies.pairwise.comparison import comparison
from core.strategies.pointwise.query_likelihood import _prompt as likelihood_prompt
from core.strategies.pointwise.yes_no import _prompt as yes_no_prompt
from tests.support.tiny_decoders import DECODERS, SINKS, WINDOW, save_decoder
from tests.support.tiny_models import TEXTS, context_for, entry_for

LABELS = ("yes", "no", " yes", "Passage A", "Passage B", "Passage A or B")
QUERIES = ("bicycle fare?", "bicycle ticket?", "nightly snapshot", "bicycle", "storm")
DOCUMENTS = (*TEXTS, TEXTS[0] + " " + TEXTS[1][:-9], "x")  # with a short window only the ends of texts count


def never() -> bool:
    return False


def adapter_for(folder: Path, **fields: object) -> CausalLmAdapter:
    revision = DigestCache(folder.parent / "digests.json").folder(folder)
    return load(
        entry_for(ModelKind.CAUSAL_LM, f"folder:{folder}", revision=revision, **fields), context_for(folder.parent)
    )


@pytest.fixture(scope="module", params=list(DECODERS))
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_decoder(tmp_path_factory.mktemp("decoder") / "tiny", request.param)


@pytest.fixture(scope="module")
def adapter(folder: Path) -> CausalLmAdapter:
    return adapter_for(folder)


@pytest.fixture(scope="module")
def llama(tmp_path_factory: pytest.TempPathFactory) -> CausalLmAdapter:
    return adapter_for(save_decoder(tmp_path_factory.mktemp("decoder") / "tiny", "llama"))


def prompt_of(document: str, query: str = QUERIES[0], *, chat: bool = True) -> Prompt:
    parts = (
        Part(text="Passage: "), Part(text=document, kind="document", document_id="d"),
        Part(text="\nQuery: "), Part(text=query, kind="query"), Part(text="\nAnswer:"),
    )  # fmt: skip
    return Prompt(messages=(Message(role="user", parts=parts),), chat=chat)


def label_requests() -> list[LabelLogprobs]:
    return [LabelLogprobs(prompt=prompt_of(text, query), labels=LABELS) for text in DOCUMENTS for query in QUERIES[:2]]


def likelihood_requests() -> list[Likelihood]:
    prompts = [Prompt(messages=(Message(role="user", parts=(Part(text=text),)),), chat=False) for text in DOCUMENTS]
    return [Likelihood(prompt=prompt, continuation=f" {query}") for prompt in prompts for query in QUERIES]


def continuation_logprobs(model: torch.nn.Module, ids: Sequence[int], begin: int) -> list[float]:
    with torch.inference_mode():
        normal = model(input_ids=torch.tensor([list(ids)])).logits[0].double().log_softmax(-1)
    return [normal[place - 1, ids[place]].item() for place in range(begin, len(ids))]


def plain_answers(adapter: CausalLmAdapter, folder: Path, requests: Sequence[Request]) -> list[tuple[float, ...]]:
    """By plain transformers on whole texts, one at a time; the token ids as the tokenizer gives them for the text."""
    model = AutoModelForCausalLM.from_pretrained(folder).eval()
    encode = adapter._tokenizer.raw.encode
    found = []
    for request in requests:
        text = request.prompt.messages[0].parts
        joined = "".join(part.text for part in text)
        prompt = f"<|begin|>user\n{joined}<|end|>\n<|begin|>assistant\n" if request.prompt.chat else joined
        begin = len(encode(prompt, add_special_tokens=False))
        follows = request.labels if isinstance(request, LabelLogprobs) else (request.continuation,)
        each = [continuation_logprobs(model, encode(prompt + one, add_special_tokens=False), begin) for one in follows]
        found.append(tuple(map(sum, each)) if isinstance(request, LabelLogprobs) else tuple(each[0]))
    return found


@pytest.mark.parametrize("requests", [label_requests, likelihood_requests])
def test_packed_answers_are_those_of_one_text_at_a_time(
    adapter: CausalLmAdapter, folder: Path, requests: Callable[[], list[Request]]
) -> None:
    assert adapter.execution == "packed"
    asked = requests()
    expected = plain_answers(adapter, folder, asked)
    run = sum(adapter.shares(asked))
    assert run < sum(len(ids) for request in asked for ids in adapter._rows(request)) / 1.5
    assert max(len(ids) for request in asked for ids in adapter._rows(request)) > 2 * WINDOW
    for answer, values in zip(adapter.answer(asked, never), expected, strict=True):
        assert answer.logprobs == pytest.approx(values, abs=1e-4)


@pytest.mark.parametrize("requests", [label_requests, likelihood_requests])
def test_company_order_and_budget_change_nothing(
    adapter: CausalLmAdapter, requests: Callable[[], list[Request]]
) -> None:
    asked = requests()
    together = [answer.logprobs for answer in adapter.answer(asked, never)]
    runs = [[adapter.answer([request], never)[0].logprobs for request in asked]]
    shuffled = random.Random(3).sample(range(len(asked)), len(asked))
    mixed = adapter.answer([asked[place] for place in shuffled], never)
    runs.append([mixed[shuffled.index(place)].logprobs for place in range(len(asked))])
    trie = adapter._runner._trie
    try:
        for tokens in (64, 200, 700):
            adapter._runner._trie = replace(trie, tokens=tokens, outputs=tokens // 4)
            runs.append([answer.logprobs for answer in adapter.answer(asked, never)])
    finally:
        adapter._runner._trie = trie
    for run in runs:
        for found, expected in zip(run, together, strict=True):
            assert found == pytest.approx(expected, abs=1e-4)
        assert sorted(range(len(run)), key=lambda at: -sum(run[at])) == sorted(
            range(len(run)), key=lambda at: -sum(together[at])
        )


def test_texts_after_a_shared_prefill_are_those_of_the_library(adapter: CausalLmAdapter, folder: Path) -> None:
    model = AutoModelForCausalLM.from_pretrained(folder).eval()
    assert adapter._runner.shares_prompts
    requests = [Generate(prompt=prompt_of(text, query), max_tokens=9) for text in DOCUMENTS for query in QUERIES[:2]]
    run = sum(adapter.shares(requests))
    assert run < sum(len(ids) for request in requests for ids in adapter._rows(request)) / 1.2
    for request, answer in zip(requests, adapter.answer(requests, never), strict=True):
        ids = torch.from_numpy(adapter._rows(request)[0].astype(np.int64))[None]
        with torch.inference_mode():
            output = model.generate(ids, attention_mask=torch.ones_like(ids), max_new_tokens=9, do_sample=False)
        tokens = output[0, ids.shape[1] :].tolist()
        assert answer.text == adapter._tokenizer.raw.decode(tokens, skip_special_tokens=True)
        assert answer.usage.generated_tokens == len(tokens)


def test_an_architecture_with_sinks_is_padded_and_says_so(tmp_path: Path) -> None:
    [shape] = SINKS
    folder = save_decoder(tmp_path / "tiny", shape)
    adapter = adapter_for(folder)
    assert adapter.execution.startswith("padded (")
    assert "s_aux" in adapter.execution
    asked = label_requests()
    for answer, values in zip(adapter.answer(asked, never), plain_answers(adapter, folder, asked), strict=True):
        assert answer.logprobs == pytest.approx(values, abs=1e-4)
    lengths = [sum(len(ids) for ids in adapter._rows(request)) for request in asked]
    assert adapter.shares(asked) == lengths
    assert adapter.arrange(asked).full == adapter.arrange(asked).added == tuple(sorted(lengths, reverse=True))


def test_a_pass_that_answers_otherwise_is_found_at_load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = save_decoder(tmp_path / "tiny", "mistral")
    honest = attention.attend

    def forgetful(*states, **options):
        return honest(*states, **{**options, "sliding_window": None if passes.current() else options["sliding_window"]})

    try:
        monkeypatch.setattr(attention, "attend", forgetful)
        execution = adapter_for(folder).execution
    finally:
        monkeypatch.undo()
        attention.register()
    assert execution.startswith("padded (packed values differ by")


def test_arrangement_and_shares_follow_the_prompts(llama: CausalLmAdapter) -> None:
    asked = label_requests()
    rows = [[ids.tolist() for ids in llama._rows(request)] for request in asked]
    found = llama.arrange(asked)
    assert [min(rows[place]) for place in found.order] == sorted(min(own) for own in rows)
    prefixes = {tuple(row[:end]) for own in rows for row in own for end in range(1, len(row) + 1)}
    assert sum(found.added) == len(prefixes)
    assert sum(llama.shares(asked)) == pytest.approx(len(prefixes), rel=0.02)  # parts too short to branch run twice
    texts = [Generate(prompt=request.prompt, max_tokens=7) for request in asked]
    assert llama.arrange(texts).full == tuple(len(ids) + 7 for ids in sorted(map(tuple, (min(own) for own in rows))))
    assert llama.arrange([]).order == ()


def documents(count: int) -> list[Document]:
    return [Document(id=f"d{at}", text=" ".join(TEXTS[at % 4].split()[at // 4 :])) for at in range(count)]


def few_shot(document: Document) -> LabelLogprobs:
    shown = "".join(f"Passage: {text}\nAnswer: yes\n\n" for text in TEXTS[:2])
    first = Message(role="user", parts=(Part(text=shown),))
    return LabelLogprobs(
        prompt=Prompt(messages=(first, *yes_no_prompt(QUERIES[0], document).messages)), labels=LABELS[:2]
    )


def all_pairs(count: int) -> list[Request]:
    listed = combinations(documents(count), 2)
    return [request for first, second in listed for request in comparison(QUERIES[0], first, second)]


WORKLOADS: dict[str, tuple[Callable[[], list[Request]], float]] = {
    "pointwise": (
        lambda: [LabelLogprobs(prompt=yes_no_prompt(QUERIES[0], d), labels=LABELS[:2]) for d in documents(10)], 1.4,
    ),
    "few-shot": (lambda: [few_shot(d) for d in documents(10)], 2.5),
    "likelihood": (
        lambda: [
            Likelihood(prompt=likelihood_prompt(d, "short"), continuation=f" {query}")
            for d in documents(8) for query in QUERIES
        ], 2.0,
    ),
    "PRP all-pair, N = 10": (lambda: all_pairs(10), 1.8),
}  # fmt: skip


@pytest.mark.parametrize("workload", WORKLOADS)
def test_tokens_run_against_one_at_a_time(tmp_path: Path, workload: str) -> None:
    llama = adapter_for(save_decoder(tmp_path / "tiny", "llama", length=4_000))
    build, least = WORKLOADS[workload]
    asked = build()
    naive = sum(len(ids) for request in asked for ids in llama._rows(request))
    assert not any(answer.usage.cuts for answer in llama.answer(asked[:1], never))
    assert naive / sum(llama.shares(asked)) >= least


@pytest.mark.parametrize("request_", [label_requests()[0], likelihood_requests()[0]], ids=["labels", "likelihood"])
def test_cancelling_is_asked_before_every_layer(llama: CausalLmAdapter, request_: Request) -> None:
    looks: list[int] = []

    def third() -> bool:
        looks.append(1)
        return len(looks) == 3

    with pytest.raises(CancelledError):
        llama.answer([request_], third)
    assert len(looks) == 3  # before the pass, and before each of two layers
    assert llama.answer([request_], never) == llama.answer([request_], never)
