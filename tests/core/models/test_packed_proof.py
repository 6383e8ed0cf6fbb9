"""A model whose packed passes would be wrong runs padded ones, and says so; its scores stay right."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from transformers import BertConfig, BertModel, MistralConfig, ModernBertConfig

from core.domain.errors import CancelledError
from core.domain.models import ModelKind
from core.models.packed import attention, rows
from core.models.packed.interrupt import Interruptible
from core.models.packed.model import PackedModel
from core.models.packed.parity import probe_rows, refusal
from core.models.packed.plan import side_by_side
from core.models.packed.rows import layers_of
from tests.core.models.test_packed_cross_encoders import REQUESTS, plain_scores, scores
from tests.support.tiny_shapes import load_folder, save_shape


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """For patches of the attention, which transformers remembers."""
    yield monkeypatch
    monkeypatch.undo()
    attention.register()


def right(folder: Path, adapter: Any) -> None:
    assert scores(adapter) == pytest.approx(plain_scores(folder, adapter.max_length), abs=1e-5)
    assert adapter._model.config._attn_implementation == "sdpa"


def test_attention_that_forgets_the_window(tmp_path: Path, broken: pytest.MonkeyPatch) -> None:
    whole = attention.attend
    broken.setattr(attention, "attend", lambda *given, **named: whole(*given, **{**named, "sliding_window": None}))
    folder = save_shape(tmp_path / "tiny", "modernbert", ModelKind.CROSS_ENCODER)
    adapter = load_folder(folder, ModelKind.CROSS_ENCODER)
    assert adapter.execution.startswith("padded (packed values differ by ")
    broken.undo()
    attention.register()
    right(folder, adapter)
    adapter = load_folder(save_shape(tmp_path / "bert", "bert", ModelKind.CROSS_ENCODER), ModelKind.CROSS_ENCODER)
    assert adapter.execution == "packed"


def test_attention_that_mixes_texts(tmp_path: Path, broken: pytest.MonkeyPatch) -> None:
    def mixed(_module: Any, query: Any, key: Any, value: Any, *_rest: Any, **_named: Any) -> tuple[Any, None]:
        found = torch.nn.functional.scaled_dot_product_attention(query, key, value)
        return found.transpose(1, 2), None

    under_way = attention.attend
    broken.setattr(
        attention, "attend", lambda *given, **named: (mixed if attention.current() else under_way)(*given, **named)
    )
    for kind in (ModelKind.CROSS_ENCODER, ModelKind.EMBEDDER):
        adapter = load_folder(save_shape(tmp_path / kind, "bert", kind), kind)
        assert adapter.execution.startswith("padded (packed values differ by ")
    broken.undo()
    attention.register()
    assert len(scores(load_folder(tmp_path / "cross-encoder", ModelKind.CROSS_ENCODER))) == len(REQUESTS)


@pytest.mark.parametrize(("shape", "execution"), [("qwen2", "packed"), ("bert", "padded (packed values differ by ")])
def test_a_last_layer_that_loses_rows(tmp_path: Path, monkeypatch: Any, shape: str, execution: str) -> None:
    """Without leaving out rows a decoder is right; the head of an encoder then has no text to read."""
    monkeypatch.setattr(rows, "_EVERY_ROW", rows.re.compile("nothing at all"))  # keys and values of some rows only
    folder = save_shape(tmp_path / "tiny", shape, ModelKind.CROSS_ENCODER)
    adapter = load_folder(folder, ModelKind.CROSS_ENCODER)
    assert adapter.execution.startswith(execution)
    assert scores(adapter) == pytest.approx(plain_scores(folder, adapter.max_length), abs=1e-5)


def test_refusals_by_hand() -> None:
    one = np.array([1.0, 200.0])
    assert refusal(lambda: one, lambda: one + 0.015, "fp32") == ""
    assert refusal(lambda: one, lambda: one + 0.03, "fp32") == "packed values differ by 3.0e-02"
    assert refusal(lambda: one, lambda: one * float("nan"), "fp32") == "packed values differ by nan"
    assert refusal(lambda: one, lambda: one[:1], "fp32") == "packing gave (1,) values instead of (2,)"

    def fails() -> np.ndarray:
        raise RuntimeError("no such kernel")

    assert refusal(lambda: one, fails, "bf16") == "packing failed: no such kernel"


def test_one_text_of_the_proof_is_longer_than_any_window() -> None:
    plain, mistral = BertConfig(), MistralConfig(sliding_window=100)
    assert [len(row) for row in probe_rows([7, 8, 9], plain, 512)] == [5, 17, 40, 64]
    assert probe_rows([7, 8, 9], plain, 512)[1][:4] == [8, 9, 7, 8]
    assert [len(row) for row in probe_rows([7], mistral, 512)] == [5, 17, 40, 109]
    assert [len(row) for row in probe_rows([7], mistral, 30)] == [5, 17, 30, 30]
    modern = ModernBertConfig(local_attention=128)
    assert len(probe_rows([7], modern, 512)[-1]) == 137


@pytest.fixture
def model() -> BertModel:
    torch.manual_seed(0)
    config = BertConfig(vocab_size=50, hidden_size=16, num_hidden_layers=3, num_attention_heads=2, intermediate_size=32)
    return BertModel(config).eval()


def test_only_wanted_rows_leave_the_last_layer(model: BertModel) -> None:
    packed = PackedModel(model)
    texts, wanted = [[5, 6, 7], [8, 9], [10, 11, 12, 13]], np.array([0, 4, 5, 8])
    sizes: dict[str, int] = {}
    last = layers_of(model)[-1]  # type: ignore[index]  # it has layers
    for name in ("attention.self.query", "attention.self.key", "intermediate.dense", "output.dense"):
        inner = last.get_submodule(name)
        if name != "attention.self.key":
            name = name + " "
        inner.register_forward_hook(lambda _m, _g, out, name=name: sizes.update({name: int(out.any(-1).sum())}))
    with torch.inference_mode():
        every = packed.states(side_by_side(texts))
        assert set(sizes.values()) == {9}
        some = packed.states(side_by_side(texts, wanted=wanted))
        assert sizes.pop("attention.self.key") == 9
        assert set(sizes.values()) == {4}
        assert (some - every[wanted]).abs().max() < 1e-6
        packed.selects = False
        assert torch.equal(packed.states(side_by_side(texts, wanted=wanted)), every[wanted])


def test_a_model_is_given_up_before_a_layer_and_works_afterwards(model: BertModel) -> None:
    ran: list[int] = []
    for place, layer in enumerate(model.encoder.layer):
        layer.register_forward_hook(lambda _m, _g, _o, place=place: ran.append(place))
    watched, packed = Interruptible(model), PackedModel(model)
    plan = side_by_side([[5, 6, 7], [8, 9]], wanted=np.array([0, 3]))
    with torch.inference_mode():
        before = packed.states(plan)
        for layers in range(3):
            ran.clear()
            with pytest.raises(CancelledError), watched.watching(lambda layers=layers: len(ran) == layers):
                packed.states(plan)
            assert ran == list(range(layers))
            assert torch.equal(packed.states(plan), before)
        padded = model(input_ids=torch.tensor([[5, 6, 7]])).last_hidden_state[0, 0]
        assert (padded - before[0]).abs().max() < 1e-6
