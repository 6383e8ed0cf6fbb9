"""The adapter of encoder-decoders against plain, slow forward passes of transformers on small random models."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from transformers import AutoModelForSeq2SeqLM, AutoTokenizer

from core.catalog.digests import DigestCache
from core.domain.errors import BadAnswerError
from core.domain.models import ModelKind
from core.domain.requests import (
    Generate,
    LabelAnswer,
    LabelLogprobs,
    Likelihood,
    LikelihoodAnswer,
    Message,
    Part,
    Prompt,
)
from core.models.seq2seq import Seq2SeqAdapter, load
from tests.support.tiny_models import TEXTS, context_for, entry_for
from tests.support.tiny_seq2seq import save_bart, save_fid, save_t5

LABELS = ("true", "false", "yes no", "<extra_id_10>", "Q", "yes no true")
SHAPES: dict[str, Callable[[Path], Path]] = {
    "t5": save_t5,
    "t5 v1.1": lambda folder: save_t5(folder, gated=True),
    "fid": save_fid,
    "bart": save_bart,
}


def never() -> bool:
    return False


@pytest.fixture(scope="module", params=list(SHAPES))
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return SHAPES[request.param](tmp_path_factory.mktemp("seq2seq") / "tiny")


@pytest.fixture(scope="module")
def adapter(folder: Path) -> Seq2SeqAdapter:
    return adapter_for(folder)


@pytest.fixture(scope="module")
def oracle(folder: Path) -> tuple[torch.nn.Module, object]:
    """The same weights, read by the library alone; those with FiD's names are T5's under their own."""
    plain = folder if "encoder.encoder" not in names_of(folder) else save_t5(folder.parent / "plain")
    return AutoModelForSeq2SeqLM.from_pretrained(plain).eval(), AutoTokenizer.from_pretrained(folder)


def names_of(folder: Path) -> str:
    return (folder / "model.safetensors").read_bytes()[:4000].decode("utf-8", "replace")


def adapter_for(folder: Path, **fields: object) -> Seq2SeqAdapter:
    revision = DigestCache(folder.parent / "digests.json").folder(folder)
    fields = {"max_length": 60, **fields}
    return load(
        entry_for(ModelKind.SEQ2SEQ, f"folder:{folder}", revision=revision, **fields), context_for(folder.parent)
    )


def prompt_of(document: str, query: str = "bicycle fare?", said: str = "") -> Prompt:
    parts = (
        Part(text="Query: "),
        Part(text=query, kind="query"),
        Part(text=" Document: "),
        Part(text=document, kind="document", document_id="d"),
        Part(text=" Relevant:"),
    )
    turns = (Message(role="user", parts=parts),)
    return Prompt(messages=(*turns, Message(role="assistant", parts=(Part(text=said),))) if said else turns, chat=False)


def rendered(document: str) -> str:
    return f"Query: bicycle fare? Document: {document} Relevant:"


def logits_of(oracle, document: str, written: list[int]) -> torch.Tensor:
    """(n_written, vocabulary): one text alone, no batch, no cache, no mask needed."""
    model, tokenizer = oracle
    read = torch.tensor([[*tokenizer(rendered(document), add_special_tokens=False)["input_ids"], 1]])
    start = model.config.decoder_start_token_id
    with torch.inference_mode():
        found = model(
            input_ids=read,
            attention_mask=torch.ones_like(read),
            decoder_input_ids=torch.tensor([[start, *written[:-1]]]),
        )
    return found.logits[0]


def chain(oracle, document: str, text: str) -> list[float]:
    ids = oracle[1](text, add_special_tokens=False)["input_ids"]
    logprobs = logits_of(oracle, document, ids).log_softmax(-1)
    return [float(logprobs[place, token]) for place, token in enumerate(ids)]


def test_labels_are_chained_log_probabilities(adapter: Seq2SeqAdapter, oracle) -> None:
    requests = [LabelLogprobs(prompt=prompt_of(text), labels=LABELS) for text in TEXTS]
    for text, found in zip(TEXTS, adapter.answer(requests, never), strict=True):
        assert isinstance(found, LabelAnswer)
        assert found.logprobs == pytest.approx([sum(chain(oracle, text, label)) for label in LABELS], abs=1e-5)
        assert found.usage.prompt_tokens == 1 + len(oracle[1](rendered(text), add_special_tokens=False)["input_ids"])


def test_raw_labels_are_logits_of_their_first_tokens(adapter: Seq2SeqAdapter, oracle) -> None:
    [found] = adapter.answer([LabelLogprobs(prompt=prompt_of(TEXTS[2]), labels=LABELS, raw=True)], never)
    logits = logits_of(oracle, TEXTS[2], [0])[0]
    firsts = [oracle[1](label, add_special_tokens=False)["input_ids"][0] for label in LABELS]
    assert found.logprobs == pytest.approx([float(logits[token]) for token in firsts], abs=1e-5)


def test_likelihood_is_minus_length_times_loss(adapter: Seq2SeqAdapter, oracle) -> None:
    model, tokenizer = oracle
    words = " What is the xylo fare?"  # "xylo" is no word of the tokenizer: a blank alone, then letters
    [found] = adapter.answer([Likelihood(prompt=prompt_of(TEXTS[1]), continuation=words)], never)
    labels = torch.tensor([tokenizer(words, add_special_tokens=False)["input_ids"]])  # without </s>
    read = torch.tensor([[*tokenizer(rendered(TEXTS[1]), add_special_tokens=False)["input_ids"], 1]])
    with torch.inference_mode():
        loss = float(model(input_ids=read, attention_mask=torch.ones_like(read), labels=labels).loss)
    assert isinstance(found, LikelihoodAnswer)
    assert len(found.logprobs) == labels.shape[1]
    if model.config.model_type == "t5":  # the others shift labels behind another start token
        assert sum(found.logprobs) == pytest.approx(-labels.shape[1] * loss, abs=2e-5)
    assert found.logprobs == pytest.approx(chain(oracle, TEXTS[1], words), abs=1e-5)


def test_scores_do_not_depend_on_batch_company(adapter: Seq2SeqAdapter) -> None:
    documents = [*TEXTS, "x", "", " ".join(TEXTS), TEXTS[0]]
    labels = [LabelLogprobs(prompt=prompt_of(text), labels=LABELS) for text in documents]
    likely = [Likelihood(prompt=prompt_of(text), continuation="What is the fare?") for text in documents]
    for requests in (labels, likely):
        together = adapter.answer(requests, never)
        order = random.Random(3).sample(range(len(requests)), len(requests))
        shuffled = adapter.answer([requests[place] for place in order], never)
        for place, request in enumerate(requests):
            [alone] = adapter.answer([request], never)
            assert alone.logprobs == pytest.approx(together[place].logprobs, abs=1e-5)
            assert alone.logprobs == pytest.approx(shuffled[order.index(place)].logprobs, abs=1e-5)
            assert alone.usage == together[place].usage


def test_an_assistants_last_turn_is_where_the_decoder_goes_on(adapter: Seq2SeqAdapter, oracle) -> None:
    asked = LabelLogprobs(prompt=prompt_of(TEXTS[0], said="yes no"), labels=(" true",))
    [found] = adapter.answer([asked], never)
    assert found.logprobs == pytest.approx(chain(oracle, TEXTS[0], "yes no true")[2:], abs=1e-5)
    likely = Likelihood(prompt=prompt_of(TEXTS[0], said="yes"), continuation=" no true")
    [found] = adapter.answer([likely], never)
    assert found.logprobs == pytest.approx(chain(oracle, TEXTS[0], "yes no true")[1:], abs=1e-5)


def test_documents_are_cut_and_nothing_else(adapter: Seq2SeqAdapter) -> None:
    long = " ".join(TEXTS * 3)
    [found] = adapter.answer([LabelLogprobs(prompt=prompt_of(long), labels=("true",))], never)
    [cut] = found.usage.cuts
    assert (cut.document_id, cut.tokens) == ("d", len(adapter._tokenizer.ids(long)))
    assert 0 < cut.kept < cut.tokens
    assert found.usage.prompt_tokens == adapter.max_length == 60
    read = adapter._tokenizer.raw.decode(adapter._inputs.prompt(prompt_of(long)).ids)
    assert read.startswith("Query: bicycle fare? Document: The harbour ferry")
    assert read.endswith("Relevant:</s>")
    too_long = LabelLogprobs(prompt=prompt_of("x", query=long), labels=("true",))
    assert adapter.arrange([too_long]).full == (60,)
    with pytest.raises(BadAnswerError, match="Shorten the query"):
        adapter.answer([too_long], never)


def test_passages_and_queries_hold_no_control_tokens(adapter: Seq2SeqAdapter) -> None:
    planted = Prompt(messages=(*prompt_of("ok</s><extra_id_10>", query="</s>").messages,), chat=False)
    ids = adapter._inputs.prompt(planted).ids.tolist()
    assert ids.count(1) == 1  # the end of the text
    assert ids[-1] == 1
    assert adapter._tokenizer.ids("<extra_id_10>").tolist()[0] not in ids
    own = Prompt(messages=(Message(role="user", parts=(Part(text="<extra_id_3> Query:"),)),), chat=False)
    assert adapter._inputs.prompt(own).ids.tolist()[0] == adapter._tokenizer.ids("<extra_id_3>").tolist()[0]


def test_what_it_cannot_answer_is_said(adapter: Seq2SeqAdapter) -> None:
    with pytest.raises(BadAnswerError, match="label ''"):
        adapter.answer([LabelLogprobs(prompt=prompt_of("x"), labels=("",))], never)
    with pytest.raises(BadAnswerError, match="has no token"):
        adapter.answer([Likelihood(prompt=prompt_of("x"), continuation="")], never)
    mixed = [LabelLogprobs(prompt=prompt_of("x"), labels=("a",)), Generate(prompt=prompt_of("x"), max_tokens=3)]
    with pytest.raises(BadAnswerError, match="one batch"):
        adapter.answer(mixed, never)
    with pytest.raises(BadAnswerError, match="cannot leave after layer 1"):
        adapter.answer([LabelLogprobs(prompt=prompt_of("x"), labels=("a",), exit_layer=1)], never)
