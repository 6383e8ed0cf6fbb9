"""What a latency probe needs of adapters: true memory, and nothing remembered of the texts of an earlier list."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from core.catalog.builtin import BUILTIN
from core.catalog.digests import DigestCache
from core.datasets.importing import import_source
from core.domain.documents import Document
from core.domain.models import ModelKind
from core.domain.requests import Embed, LabelLogprobs, Message, Part, Prompt, Request, Score, ScoreList
from core.models import device
from core.models.load import load
from tests.support.tiny_models import context_for, entry_for, save_bert, save_bert_classifier, save_llama

TEXT = "The harbour ferry leaves at nine."
PROMPT = Prompt(messages=(Message(role="user", parts=(Part(text=TEXT, kind="document", document_id="d"),)),))
KINDS: dict[ModelKind, tuple[Callable[[Path], Path], Request]] = {
    ModelKind.EMBEDDER: (save_bert, Embed(text=TEXT, role="document")),
    ModelKind.CROSS_ENCODER: (save_bert_classifier, Score(query="fare?", document=Document(id="d", text=TEXT))),
    ModelKind.CAUSAL_LM: (save_llama, LabelLogprobs(prompt=PROMPT, labels=("yes", "no"))),
}


@pytest.fixture(scope="module", params=list(KINDS), ids=str)
def loaded(request, tmp_path_factory) -> tuple[object, Request]:
    save, asked = KINDS[request.param]
    folder = save(tmp_path_factory.mktemp("model") / "tiny")
    revision = DigestCache(folder.parent / "digests.json").folder(folder)
    return load(entry_for(request.param, f"folder:{folder}", revision=revision), context_for(folder.parent)), asked


class Counting:
    """A tokenizer that counts how often it is asked."""

    def __init__(self, raw) -> None:
        self.raw, self.seen = raw, []

    def __call__(self, *texts, **options):
        self.seen.append(texts)
        return self.raw(*texts, **options)

    @property
    def backend_tokenizer(self):
        return self

    def encode_batch_fast(self, texts, **options):
        self.seen.append(texts)
        return self.raw.backend_tokenizer.encode_batch_fast(texts, **options)

    def no_truncation(self):
        self.raw.backend_tokenizer.no_truncation()

    def no_padding(self):
        self.raw.backend_tokenizer.no_padding()

    def __getattr__(self, name):
        return getattr(self.raw, name)


def test_a_forgotten_text_is_tokenised_again_and_answered_alike(loaded, monkeypatch):
    adapter, asked = loaded
    counting = Counting(adapter._tokenizer.raw)
    seen = counting.seen
    monkeypatch.setattr(adapter._tokenizer, "raw", counting)
    (first,) = adapter.answer([asked], lambda: False)
    adapter.forget()
    seen.clear()
    adapter.answer([asked], lambda: False)
    often = len(seen)
    assert often
    adapter.answer([asked], lambda: False)
    assert len(seen) == often  # remembered
    adapter.forget()
    adapter.synchronize()
    (again,) = adapter.answer([asked], lambda: False)
    assert len(seen) == 2 * often
    assert repr(again) == repr(first)


def test_memory_is_the_parameters_and_buffers_each_counted_once(loaded):
    adapter, _ = loaded
    tensors = {t.data_ptr(): t.nbytes for t in [*adapter._model.parameters(), *adapter._model.buffers()]}
    assert adapter.memory_bytes == sum(tensors.values()) > 10_000


def test_tied_weights_are_counted_once():
    model = torch.nn.Sequential(torch.nn.Linear(10, 10, bias=False), torch.nn.Linear(10, 10, bias=False))
    assert device.memory_of(model) == 2 * 400
    model[1].weight = model[0].weight
    assert device.memory_of(model) == 400


def test_only_a_gpu_is_waited_for(monkeypatch):
    waited = []
    monkeypatch.setattr(torch.cuda, "synchronize", waited.append)
    device.synchronize(torch.device("cpu"))
    assert not waited
    device.synchronize(torch.device("cuda", 0))
    assert waited == [torch.device("cuda", 0)]


def test_the_lexical_model_takes_the_index_of_the_collection_it_was_asked_for(tmp_path):
    folder = tmp_path / "beir"
    folder.mkdir()
    rows = "".join(f'{{"_id": "d{i}", "title": "", "text": "the ferry number {i}"}}\n' for i in range(30))
    (folder / "corpus.jsonl").write_text(rows)
    (folder / "queries.jsonl").write_text('{"_id": "q", "text": "ferry"}\n')
    collection, _ = import_source(folder, tmp_path / "collections", name="ferries")
    entry = next(entry for entry in BUILTIN if entry.kind is ModelKind.LEXICAL)
    context = replace(context_for(tmp_path / "cache"), collections={collection.fingerprint: collection.path})
    adapter = load(entry, context)
    assert adapter.memory_bytes == 0
    pasted = ScoreList(query="ferry", documents=(Document(id="d1", text="the ferry number 1"),))
    adapter.answer([replace(pasted, collection=collection.fingerprint)], lambda: False)
    files = [file for file in (tmp_path / "cache" / "indexes" / collection.fingerprint).iterdir() if file.is_file()]
    assert adapter.memory_bytes == sum(len(file.read_bytes()) for file in files) > 0
    adapter.answer([pasted], lambda: False)
    assert adapter.memory_bytes == 0
    longer = replace(pasted, documents=pasted.documents * 2)
    sizes = [1 + 19 // 4, 1 + 38 // 4]
    assert adapter.shares([pasted, longer]) == sizes
    assert adapter.arrange([pasted, longer]).order == (1, 0)
    assert adapter.execution == "index"


@pytest.mark.parametrize("kind", list(KINDS), ids=str)
def test_nothing_of_a_closed_model_stays_behind(kind: ModelKind, tmp_path: Path) -> None:
    save, asked = KINDS[kind]
    folder = save(tmp_path / "tiny")
    revision = DigestCache(tmp_path / "digests.json").folder(folder)
    adapter = load(entry_for(kind, f"folder:{folder}", revision=revision), context_for(tmp_path))
    adapter.answer([asked], lambda: False)
    gc.collect()
    modules = [weakref.ref(module) for module in adapter._model.modules()]
    gc.disable()  # it might come too late: an idle engine makes no garbage
    try:
        adapter.close()
        assert not [module() for module in modules if module() is not None]
    finally:
        gc.enable()
    assert not len(adapter._tokenizer._ids)
