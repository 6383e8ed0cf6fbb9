"""Layerwise rerankers: every exit equals MiniCPM written out layer by layer, and a plain Llama with heads."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import LlamaConfig, LlamaModel, PreTrainedTokenizerFast

from core.catalog.digests import DigestCache
from core.domain.documents import Document
from core.domain.errors import BadAnswerError, CancelledError, ModelUnavailableError
from core.domain.models import ModelKind
from core.domain.requests import Cut, Embed, Score
from core.models.cross_encoder import load
from core.models.prompts import PromptTooLongError
from core.strategies.driver import drive
from core.strategies.pointwise.bge_layerwise import BgeLayerwise
from tests.support.tiny_models import TEXTS, byte_level, context_for, entry_for, save_bert_classifier
from tests.support.vector_judge import listed

QUERY = "What is the fare for a bicycle?"
TASK = (
    "Given a query A and a passage B, determine whether the passage contains an answer to the query by providing a "
    "prediction of either 'Yes' or 'No'."
)
LAYERS, START, WIDTH, HEADS = 5, 2, 24, 3
CONFIG: dict[str, Any] = {
    "architectures": ["LayerWiseMiniCPMForCausalLM"], "model_type": "minicpm", "vocab_size": 380, "hidden_size": WIDTH,
    "intermediate_size": 40, "num_hidden_layers": LAYERS, "num_attention_heads": HEADS, "num_key_value_heads": HEADS,
    "max_position_embeddings": 512, "rms_norm_eps": 1e-5, "hidden_act": "silu", "scale_emb": 12, "scale_depth": 1.4,
    "dim_model_base": 256, "rope_scaling": None, "bos_token_id": 1, "eos_token_id": 2, "start_layer": START,
    "head_multi": True, "head_type": "simple", "auto_map": {"AutoConfig": "configuration_minicpm_reranker.Never"},
}  # fmt: skip
Weights = dict[str, torch.Tensor]


def never() -> bool:
    return False


def save_minicpm(folder: Path, **changes: Any) -> Path:
    """A random MiniCPM with heads, in the names of the published weights."""
    folder.mkdir()
    config = {**CONFIG, **changes}
    (folder / "config.json").write_text(json.dumps(config))
    (folder / "configuration_minicpm_reranker.py").write_text("raise SystemExit('never run')")
    rng = torch.Generator().manual_seed(4)

    def drawn(*shape: int, scale: float = 0.3) -> torch.Tensor:
        return torch.randn(shape, generator=rng) * scale

    weights = {"model.embed_tokens.weight": drawn(380, WIDTH), "model.norm.weight": 1 + drawn(WIDTH)}
    for layer in range(LAYERS):
        name = f"model.layers.{layer}"
        weights |= {f"{name}.self_attn.{part}_proj.weight": drawn(WIDTH, WIDTH) for part in "qkvo"}
        weights |= {f"{name}.mlp.{part}_proj.weight": drawn(40, WIDTH) for part in ("gate", "up")}
        weights |= {f"{name}.mlp.down_proj.weight": drawn(WIDTH, 40)}
        norms = ("input_layernorm", "post_attention_layernorm")
        weights |= {f"{name}.{norm}.weight": 1 + drawn(WIDTH) for norm in norms}
    heads = LAYERS + 1 - START if config["head_multi"] else 1
    names = [f"lm_head.{head}.linear_head.weight" for head in range(heads)]
    weights |= {name: drawn(1, WIDTH) for name in (names if config["head_multi"] else ["lm_head.linear_head.weight"])}
    save_file(weights, folder / "model.safetensors", {"format": "pt"})
    byte_level(512).save_pretrained(folder)
    return folder


def adapter_for(folder: Path, **fields: Any) -> Any:
    revision = DigestCache(folder.parent / "digests.json").folder(folder)
    entry = entry_for(ModelKind.CROSS_ENCODER, f"folder:{folder}", revision=revision, **fields)
    return load(entry, context_for(folder.parent))


def pair(text: str, layer: int | None = None, query: str = QUERY) -> Score:
    return Score(query=query, document=Document(id="d", text=text), exit_layer=layer)


def ids_of(folder: Path, text: str, query: str = QUERY) -> list[int]:
    """The input as the published code joins it: every piece tokenised by itself."""
    tokenizer = PreTrainedTokenizerFast.from_pretrained(folder)
    pieces = [f"A: {query}", "\n", f"B: {text}", "\n", TASK]
    return [tokenizer.bos_token_id, *(id for p in pieces for id in tokenizer(p, add_special_tokens=False)["input_ids"])]


def rms(rows: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
    return rows / torch.sqrt((rows**2).mean(-1, keepdim=True) + 1e-5) * weight


def rotated(rows: torch.Tensor) -> torch.Tensor:
    """Rotary positions of one head: (n, size), pairs are (i, i + size / 2)."""
    count, size = rows.shape
    angles = torch.arange(count)[:, None] / 10_000 ** (torch.arange(0, size, 2) / size)
    first, second = rows[:, : size // 2], rows[:, size // 2 :]
    return torch.cat(
        [first * angles.cos() - second * angles.sin(), second * angles.cos() + first * angles.sin()], dim=1
    )


def minicpm_by_hand(folder: Path, ids: list[int], layer: int, several: bool = True) -> float:
    """MiniCPM up to ``layer``, its final norm, the head: one text, one head of attention at a time."""
    w: Weights = {name: tensor.double() for name, tensor in load_file(folder / "model.safetensors").items()}
    states = w["model.embed_tokens.weight"][ids] * 12
    depth, size = 1.4 / math.sqrt(LAYERS), WIDTH // HEADS
    blind = torch.triu(torch.full((len(ids), len(ids)), -math.inf, dtype=torch.double), 1)
    for number in range(layer):
        name = f"model.layers.{number}"
        rows = rms(states, w[f"{name}.input_layernorm.weight"])
        q, k, v = (rows @ w[f"{name}.self_attn.{part}_proj.weight"].T for part in "qkv")
        mixed = []
        for head in range(HEADS):
            part = slice(head * size, (head + 1) * size)
            weights = rotated(q[:, part]) @ rotated(k[:, part]).T / math.sqrt(size) + blind
            mixed.append(weights.softmax(-1) @ v[:, part])
        states = states + torch.cat(mixed, dim=1) @ w[f"{name}.self_attn.o_proj.weight"].T * depth
        rows = rms(states, w[f"{name}.post_attention_layernorm.weight"])
        gate = torch.nn.functional.silu(rows @ w[f"{name}.mlp.gate_proj.weight"].T)
        states = (
            states + (gate * (rows @ w[f"{name}.mlp.up_proj.weight"].T)) @ w[f"{name}.mlp.down_proj.weight"].T * depth
        )
    head = f"lm_head.{layer - START}.linear_head.weight" if several else "lm_head.linear_head.weight"
    return float(rms(states[-1], w["model.norm.weight"]) @ w[head][0])


def test_every_exit_equals_minicpm_by_hand_in_every_company(tmp_path: Path) -> None:
    folder = save_minicpm(tmp_path / "tiny")
    adapter = adapter_for(folder)
    requests = [pair(text, layer) for layer in (2, 3, 5, None) for text in (*TEXTS, "x", "")]
    together = adapter.answer(requests, never)
    turned = adapter.answer(requests[::-1], never)[::-1]
    for request, first, second in zip(requests, together, turned, strict=True):
        ids = ids_of(folder, request.document.text)
        expected = minicpm_by_hand(folder, ids, request.exit_layer or LAYERS)
        [alone] = adapter.answer([request], never)
        assert [first.score, second.score, alone.score] == pytest.approx([expected] * 3, abs=1e-5)
        assert first.usage.prompt_tokens == len(ids) == adapter.shares([request])[0]
    scores = [answer.score for answer in together]
    assert np.std(scores[:4]) > 1e-2
    assert abs(scores[0] - scores[6]) > 1e-2


def test_one_head_for_all_layers(tmp_path: Path) -> None:
    folder = save_minicpm(tmp_path / "tiny", head_multi=False)
    for layer in (2, 4):
        [found] = adapter_for(folder).answer([pair(TEXTS[0], layer)], never)
        expected = minicpm_by_hand(folder, ids_of(folder, TEXTS[0]), layer, several=False)
        assert found.score == pytest.approx(expected, abs=1e-5)


def test_a_decoder_of_transformers_with_heads(tmp_path: Path) -> None:
    folder = tmp_path / "llama"
    torch.manual_seed(8)
    config = LlamaConfig(
        vocab_size=380, hidden_size=24, intermediate_size=40, num_hidden_layers=3, num_attention_heads=4,
        num_key_value_heads=2, max_position_embeddings=512, initializer_range=0.3, bos_token_id=1, eos_token_id=2,
    )  # fmt: skip
    plain = LlamaModel(config).eval()
    plain.save_pretrained(folder)
    byte_level(512).save_pretrained(folder)
    stated = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**stated, "start_layer": 1, "head_type": "simple"}))
    weights = load_file(folder / "model.safetensors")
    heads = {f"lm_head.{head}.linear_head.weight": torch.randn(1, 24) for head in range(3)}
    save_file({**weights, **heads}, folder / "model.safetensors", {"format": "pt"})
    adapter = adapter_for(folder)
    with torch.inference_mode():
        hidden = plain(torch.tensor([ids_of(folder, TEXTS[0])]), output_hidden_states=True).hidden_states
    for layer in (1, 2, 3):
        state = hidden[layer] if layer == 3 else plain.norm(hidden[layer])
        expected = (state[0, -1] @ heads[f"lm_head.{layer - 1}.linear_head.weight"][0]).item()
        assert adapter.answer([pair(TEXTS[0], layer)], never)[0].score == pytest.approx(expected, abs=1e-5)


def test_layers_behind_the_exit_are_not_run(tmp_path: Path) -> None:
    adapter = adapter_for(save_minicpm(tmp_path / "tiny"))
    run: list[int] = []
    for number, layer in enumerate(adapter._model.layers, start=1):
        layer.register_forward_hook(lambda *_given, number=number: run.append(number))
    adapter.answer([pair(TEXTS[0], 3)], never)
    assert run == [1, 2, 3]
    run.clear()
    adapter.answer([pair(TEXTS[0])], never)
    assert run == [1, 2, 3, 4, 5]


def test_only_the_document_is_cut(tmp_path: Path) -> None:
    folder = save_minicpm(tmp_path / "tiny")
    adapter = adapter_for(folder, max_length=200)
    long = " ".join(TEXTS)
    ids = ids_of(folder, long)
    [answer] = adapter.answer([pair(long)], never)
    total = len(PreTrainedTokenizerFast.from_pretrained(folder)(f"B: {long}")["input_ids"])
    kept = 200 - (len(ids) - total)
    assert answer.usage.cuts == (Cut(document_id="d", tokens=total, kept=kept),)
    row = adapter._row(pair(long)).ids.tolist()
    begin = ids.index(PreTrainedTokenizerFast.from_pretrained(folder)("\n")["input_ids"][0]) + 1
    assert row == ids[: begin + kept] + ids[begin + total :]
    with pytest.raises(PromptTooLongError):
        adapter.answer([pair("x", query=long)], never)


def test_the_strategy_on_the_model(tmp_path: Path) -> None:
    folder = save_minicpm(tmp_path / "tiny")
    adapter = adapter_for(folder)

    class Model:
        def answer(self, request: Any) -> Any:
            return adapter.answer([request], never)[0]

    outcome = drive(BgeLayerwise(layer=4), listed(*TEXTS), Model()).outcome
    expected = [minicpm_by_hand(folder, ids_of(folder, text, "what is a ferry"), 4) for text in TEXTS]
    assert outcome.scores == pytest.approx(expected, abs=1e-5)


def test_what_cannot_be_answered_says_why(tmp_path: Path) -> None:
    adapter = adapter_for(save_minicpm(tmp_path / "tiny"))
    for layer in (1, 6):
        with pytest.raises(BadAnswerError, match=f"layers 2 to 5, not after {layer}"):
            adapter.answer([pair("x", layer)], never)
    with pytest.raises(BadAnswerError, match="Embed"):
        adapter.answer([Embed(text="x", role="query")], never)
    with pytest.raises(CancelledError):
        adapter.answer([pair("x")], lambda: True)
    ordinary = adapter_for(save_bert_classifier(tmp_path / "bert"))
    with pytest.raises(BadAnswerError, match="one head"):
        ordinary.answer([pair("x", 2)], never)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"head_type": "complex"}, "'complex'"),
        ({"model_type": "made-up"}, "'made-up' needs program code"),
        ({"rope_scaling": {"type": "linear", "factor": 2.0}}, "rope_scaling"),
        ({"start_layer": 1}, "lack a head"),
        ({"num_hidden_layers": 6}, "others of a decoder"),
    ],
)
def test_checkpoints_that_cannot_be_mapped(tmp_path: Path, changes: dict[str, Any], reason: str) -> None:
    folder = save_minicpm(tmp_path / "tiny")
    (folder / "config.json").write_text(json.dumps({**CONFIG, **changes}))
    with pytest.raises(ModelUnavailableError, match=reason):
        adapter_for(folder)
