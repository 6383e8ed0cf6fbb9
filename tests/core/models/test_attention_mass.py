"""What documents' tokens are paid, against the attention that transformers writes out in full."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import AutoModelForCausalLM

from core.catalog.digests import DigestCache
from core.domain.errors import BadAnswerError, CancelledError
from core.domain.models import ModelKind
from core.domain.requests import AttentionMass, Message, Part, Prompt
from core.models.attended import attended, tokens_of
from core.models.causal_attention import layers_of
from core.models.causal_lm import CausalLmAdapter, load
from core.models.packed import attention, masses
from tests.support.tiny_decoders import DECODERS, SINKS, WINDOW, save_decoder
from tests.support.tiny_models import TEXTS, context_for, entry_for

LONG = [TEXTS[0], "x", TEXTS[2], " ".join(TEXTS[:2])]
QUERIES = ("When does the ferry leave?", "N/A", "bicycle fare")


def never() -> bool:
    return False


def adapter_for(folder: Path) -> CausalLmAdapter:
    revision = DigestCache(folder.parent / "digests.json").folder(folder)
    return load(entry_for(ModelKind.CAUSAL_LM, f"folder:{folder}", revision=revision), context_for(folder.parent))


@pytest.fixture(scope="module", params=list(DECODERS))
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_decoder(tmp_path_factory.mktemp("decoder") / "tiny", request.param)


@pytest.fixture(scope="module")
def adapter(folder: Path) -> CausalLmAdapter:
    return adapter_for(folder)


@pytest.fixture(scope="module")
def llama(tmp_path_factory: pytest.TempPathFactory) -> CausalLmAdapter:
    return adapter_for(save_decoder(tmp_path_factory.mktemp("decoder") / "tiny", "llama"))


def request_of(documents: Sequence[str], query: str, *, chat: bool = True, **fields: float) -> AttentionMass:
    parts = [Part(text="Here are passages.\n")]
    for number, text in enumerate(documents, start=1):
        parts += [Part(text=f"[{number}] "), Part(text=text, kind="document", document_id=f"d{number}")]
    parts += [Part(text="\nQuery: "), Part(text=query, kind="query"), Part(text="\n")]
    return AttentionMass(prompt=Prompt(messages=(Message(role="user", parts=tuple(parts)),), chat=chat), **fields)


def owners(request: AttentionMass) -> tuple[str, list[int], int]:
    """The rendered text, the document of each character (from 0; -1: none), and where the query begins."""
    text, owner, asked, document = "", [], 0, 0
    if request.prompt.chat:
        text = "<|begin|>user\n"
    owner += [-1] * len(text)
    for part in request.prompt.messages[0].parts:
        asked = len(text) if part.kind == "query" else asked
        text += part.text
        owner += [document if part.kind == "document" else -1] * len(part.text)
        document += part.kind == "document"
    if request.prompt.chat:
        text = text.rstrip() + "<|end|>\n<|begin|>assistant\n"
    return text, owner[: len(text)] + [-1] * (len(text) - len(owner)), asked


def expected(adapter: CausalLmAdapter, folder: Path, request: AttentionMass, layers: slice) -> list[np.ndarray]:
    """From attention matrices of the whole length, and an owner for every character."""
    text, owner, asked = owners(request)
    encoded = adapter._tokenizer.raw(text, add_special_tokens=False, return_offsets_mapping=True)
    model = AutoModelForCausalLM.from_pretrained(folder, attn_implementation="eager").eval()
    with torch.inference_mode():
        found = model(input_ids=torch.tensor([encoded["input_ids"]]), output_attentions=True).attentions
    whole = torch.stack(found)[layers, 0].double()  # (layers, heads, tokens, tokens)
    assert torch.allclose(whole.sum(-1), torch.ones(1, dtype=torch.double))  # rows sum to 1
    reads = next(place for place, (_, end) in enumerate(encoded["offset_mapping"]) if end > asked)
    paid = whole[:, :, reads:].mean(2).sum((0, 1)).numpy()
    place_of = [
        max(range(max(owner) + 1), key=lambda d, begin=begin, end=end: 2 * owner[begin:end].count(d) >= end - begin)
        if any(2 * owner[begin:end].count(d) >= end - begin for d in range(max(owner) + 1))
        else -1
        for begin, end in encoded["offset_mapping"]
    ]
    return [paid[[at for at, own in enumerate(place_of) if own == document]] for document in range(max(owner) + 1)]


@pytest.mark.parametrize("chat", [True, False])
def test_masses_are_those_of_attention_in_full(adapter: CausalLmAdapter, folder: Path, chat: bool) -> None:
    asked = [request_of(LONG, query, chat=chat) for query in QUERIES]
    for answer, request in zip(adapter.answer(asked, never), asked, strict=True):
        wanted = expected(adapter, folder, request, slice(None))
        assert answer.lengths == tuple(map(len, wanted))
        assert min(answer.lengths) >= 1
        for found, own in zip(answer.per_document(), wanted, strict=True):
            assert found == pytest.approx(own, abs=1e-5)
        assert answer.usage.prompt_tokens > 2 * WINDOW


@pytest.mark.parametrize(("first", "last", "layers"), [(0.0, 0.5, slice(0, 1)), (0.5, 1.0, slice(1, 2))])
def test_layers_are_chosen_by_their_share(
    adapter: CausalLmAdapter, folder: Path, first: float, last: float, layers: slice
) -> None:
    request = request_of(LONG, QUERIES[0], first_layer=first, last_layer=last)
    [answer] = adapter.answer([request], never)
    assert answer.masses == pytest.approx(np.concatenate(expected(adapter, folder, request, layers)), abs=1e-5)


def test_small_blocks_change_nothing(adapter: CausalLmAdapter, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = [request_of(LONG, query) for query in QUERIES]
    before = adapter.answer(asked, never)
    monkeypatch.setattr(masses, "_BLOCK_BYTES", 4_000)
    monkeypatch.setattr(attention, "_ROWS", 16)
    for found, whole in zip(adapter.answer(asked, never), before, strict=True):
        assert found.masses == pytest.approx(whole.masses, abs=1e-5)


def test_company_changes_nothing_and_documents_are_read_once(adapter: CausalLmAdapter) -> None:
    asked = [request_of(LONG, query) for query in QUERIES]
    asked += [replace(request, last_layer=0.5) for request in asked] + [request_of(LONG[::-1], QUERIES[0])]
    together = adapter.answer(asked, never)
    for request, answer in zip(asked, together, strict=True):
        [alone] = adapter.answer([request], never)
        assert answer.masses == pytest.approx(alone.masses, abs=1e-5)
        assert answer.lengths == alone.lengths
    run, alone = sum(adapter.shares(asked[:2])), adapter.shares(asked[:1])[0]
    assert run < 1.25 * alone
    arranged = adapter.arrange(asked[:2])
    assert sum(arranged.added) == pytest.approx(run, rel=0.02)


def test_a_pass_holds_both_queries_of_a_long_list(llama: CausalLmAdapter, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(llama._runner, "_trie", replace(llama._runner._trie, tokens=64))
    asked = [request_of(LONG, query) for query in QUERIES[:2]]
    works, layers = llama._attended(asked)
    assert len(works[0].ids) > 64
    assert len(llama._runner.attention_passes(works, layers)) == 1


def test_long_documents_are_cut_and_counted(llama: CausalLmAdapter) -> None:
    request = request_of([TEXTS[0] * 40, "short", ""], QUERIES[0])
    [answer] = llama.answer([request], never)
    assert answer.usage.prompt_tokens <= llama.max_length
    [cut] = answer.usage.cuts
    assert answer.lengths[0] == pytest.approx(cut.kept, abs=2)
    assert answer.lengths[2] == 0
    assert sum(answer.lengths) == len(answer.masses)


def test_layers_behind_the_last_are_not_run(llama: CausalLmAdapter) -> None:
    ran: list[int] = []
    layers = list(llama._model.base_model.layers)
    hooks = [layer.register_forward_hook(lambda *_, at=at: ran.append(at)) for at, layer in enumerate(layers)]
    llama.answer([request_of(LONG, "q", last_layer=0.4)], never)
    assert ran == [0]
    for hook in hooks:
        hook.remove()


def test_cancelling_ends_a_pass_between_layers(llama: CausalLmAdapter) -> None:
    looks = iter([False, False, True])
    with pytest.raises(CancelledError):
        llama.answer([request_of(LONG, "q")], lambda: next(looks))
    assert next(looks, None) is None


def test_what_cannot_be_answered_is_said(llama: CausalLmAdapter, tmp_path: Path) -> None:
    request = request_of(LONG, "q")
    [message] = request.prompt.messages
    without = Prompt(messages=(replace(message, parts=tuple(p for p in message.parts if p.kind != "query")),))
    with pytest.raises(BadAnswerError, match="no query"):
        llama.answer([replace(request, prompt=without)], never)
    for shares in ((0.6, 0.5), (-0.1, 1.0), (0.0, 1.1), (float("nan"), 1.0)):
        with pytest.raises(BadAnswerError, match="of the layers"):
            llama.answer([replace(request, first_layer=shares[0], last_layer=shares[1])], never)
    [shape] = SINKS
    sinks = adapter_for(save_decoder(tmp_path / "tiny", shape))
    with pytest.raises(BadAnswerError, match=r"cannot say what its attention is paid to: .*s_aux"):
        sinks.answer([request], never)


def test_a_layer_in_which_a_share_falls_counts() -> None:
    request = request_of(["x"], "q")
    ranges = {(0.0, 1.0): (0, 30), (0.25, 0.75): (7, 23), (0.55, 0.55): (16, 17), (1.0, 1.0): (29, 30)}
    for (first, last), wanted in ranges.items():
        assert layers_of(replace(request, first_layer=first, last_layer=last), 30) == wanted
    assert layers_of(replace(request, last_layer=0.55), 20) == (0, 11)


def test_whose_a_token_is() -> None:
    ends = np.array([2, 4, 8, 8, 9], dtype=np.int32)  # of 2, 2, 4, 0 (a piece of a character) and 1 characters
    assert tokens_of(ends, (3, 6)) == (1, 3)  # half of the second and half of the third
    assert tokens_of(ends, (4, 8)) == (2, 4)
    assert tokens_of(ends, (7, 8)) == (3, 4)  # a quarter of the third is not enough
    assert tokens_of(ends, (5, 5)) == (2, 2)
    ids = np.arange(6, dtype=np.int32)
    found = attended("m", ids, ends, [(0, 3), (3, 6)], 8, ())  # one token before the text; the second token is shared
    assert (found.spans, found.reads_from, list(found.readers)) == (((1, 3), (3, 4)), 5, [5])
    with pytest.raises(BadAnswerError, match="leaves out"):
        attended("m", ids, ends, [None], 8, ())
