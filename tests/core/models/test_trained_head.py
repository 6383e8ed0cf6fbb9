"""Trained heads against the same formulas written out in numpy, one number at a time."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from core.catalog.digests import DigestCache
from core.domain.errors import BadAnswerError, CancelledError, ModelUnavailableError
from core.domain.models import ModelKind
from core.domain.requests import Score, Transform
from core.models.trained_head import HEADS, load
from tests.support.tiny_models import context_for, entry_for

TSPRANK: dict[str, Any] = {"head": "tsprank", "input_dim": 8, "layers": 2, "heads": 2, "feed_forward": 6}
Weights = dict[str, np.ndarray]


def never() -> bool:
    return False


def save_head(folder: Path, config: dict[str, Any], seed: int = 0) -> Path:
    """A random head whose weights are all far from zero."""
    folder.mkdir(parents=True)
    (folder / "config.json").write_text(json.dumps(config))
    rng = torch.Generator().manual_seed(seed)
    weights = HEADS[config["head"]](config).state_dict()
    save_file({n: torch.randn(t.shape, generator=rng) / 2 for n, t in weights.items()}, folder / "model.safetensors")
    return folder


def adapter_for(folder: Path) -> Any:
    revision = DigestCache(folder.parent / "digests.json").folder(folder)
    return load(entry_for(ModelKind.TRAINED_HEAD, f"folder:{folder}", revision=revision), context_for(folder.parent))


def transform(vectors: np.ndarray) -> Transform:
    return Transform(vectors=tuple(tuple(float(value) for value in row) for row in vectors))


def weights_of(folder: Path) -> Weights:
    return {name: tensor.double().numpy() for name, tensor in load_file(folder / "model.safetensors").items()}


def softmax(values: np.ndarray) -> np.ndarray:
    powers = np.exp(values - values.max(axis=-1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True))


def norm(rows: np.ndarray, weight: np.ndarray, bias: np.ndarray) -> np.ndarray:
    centred = rows - rows.mean(axis=1, keepdims=True)
    return np.asarray(centred / np.sqrt((centred**2).mean(axis=1, keepdims=True) + 1e-5) * weight + bias)


def encoder_layer(rows: np.ndarray, w: Weights, name: str, heads: int) -> np.ndarray:
    """A transformer layer with its norms behind: attention of all items to all, then a feed-forward map with ReLU."""
    q, k, v = np.split(rows @ w[f"{name}.self_attn.in_proj_weight"].T + w[f"{name}.self_attn.in_proj_bias"], 3, axis=1)
    size = rows.shape[1] // heads
    mixed = []
    for head in range(heads):
        part = slice(head * size, (head + 1) * size)
        mixed.append(softmax(q[:, part] @ k[:, part].T / np.sqrt(size)) @ v[:, part])
    out = np.concatenate(mixed, axis=1) @ w[f"{name}.self_attn.out_proj.weight"].T
    rows = rows + out + w[f"{name}.self_attn.out_proj.bias"]
    rows = norm(rows, w[f"{name}.norm1.weight"], w[f"{name}.norm1.bias"])
    hidden = np.maximum(rows @ w[f"{name}.linear1.weight"].T + w[f"{name}.linear1.bias"], 0)
    rows = rows + hidden @ w[f"{name}.linear2.weight"].T + w[f"{name}.linear2.bias"]
    return norm(rows, w[f"{name}.norm2.weight"], w[f"{name}.norm2.bias"])


def compared(left: np.ndarray, right: np.ndarray, w: Weights, name: str) -> float:
    """One bilinear comparison, output by output."""
    outputs = [left @ matrix @ right for matrix in w[f"{name}.bi.weight"]] + w[f"{name}.bi.bias"]
    if f"{name}.proj.1.weight" not in w:
        return float(outputs[0])
    return float(np.tanh(outputs) @ w[f"{name}.proj.1.weight"][0] + w[f"{name}.proj.1.bias"][0])


def matrix_by_hand(vectors: np.ndarray, w: Weights, config: dict[str, Any]) -> np.ndarray:
    items = vectors.astype(np.float64)
    if "embedding.weight" in w:
        items = items @ w["embedding.weight"].T + w["embedding.bias"]
    elif "embedding.0.weight" in w:
        hidden = np.maximum(items @ w["embedding.0.weight"].T + w["embedding.0.bias"], 0)
        items = hidden @ w["embedding.3.weight"].T + w["embedding.3.bias"]
    for layer in range(config["layers"]):
        items = encoder_layer(items, w, f"transformer.transformer_encoder.layers.{layer}", config["heads"])
    found = np.zeros((len(items), len(items)))
    for i, left in enumerate(items):
        for j, right in enumerate(items):
            name = (
                "comparisor"
                if not config.get("separate", True)
                else "upper_comparisor"
                if j >= i
                else "lower_comparisor"
            )
            found[i, j] = compared(left, right, w, name)
    return found


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"separate": False},
        {"deep": True},
        {"width": 12, "heads": 3},
        {"layers": 0},
        {"layers": 0, "width": 4, "separate": False, "deep": True},
    ],
)
def test_the_comparator_equals_the_formula(tmp_path: Path, changes: dict[str, Any]) -> None:
    config = {**TSPRANK, **changes}
    folder = save_head(tmp_path / "head", config)
    adapter = adapter_for(folder)
    rng = np.random.default_rng(1)
    for count in (1, 2, 7):
        vectors = rng.normal(size=(count, 8)).astype(np.float32)
        [answer] = adapter.answer([transform(vectors)], never)
        assert answer.values.shape == (count, count)
        assert answer.values == pytest.approx(matrix_by_hand(vectors, weights_of(folder), config), rel=1e-5, abs=1e-5)


def test_one_comparator_does_not_see_the_order_and_two_do(tmp_path: Path) -> None:
    vectors = np.random.default_rng(2).normal(size=(6, 8)).astype(np.float32)
    order = np.array([3, 0, 5, 1, 4, 2])
    for separate in (False, True):
        adapter = adapter_for(save_head(tmp_path / str(separate), {**TSPRANK, "separate": separate}))
        [plain, turned] = adapter.answer([transform(vectors), transform(vectors[order])], never)
        difference = np.abs(turned.values - plain.values[np.ix_(order, order)]).max()
        assert (difference < 1e-4) is not separate


@pytest.mark.parametrize("kind", ["linear", "square-root", "power"])
def test_the_adapter_equals_the_formula(tmp_path: Path, kind: str) -> None:
    config = {"head": "cosine-adapter", "input_dim": 5, "hidden": [7, 4], "map": kind}
    folder = save_head(tmp_path / "head", config)
    w = weights_of(folder)
    for seed in range(8):
        vector = np.random.default_rng(seed).normal(size=(1, 5)).astype(np.float32)
        [answer] = adapter_for(folder).answer([transform(vector)], never)
        hidden = np.maximum(w["mlp.0.weight"] @ vector[0] + w["mlp.0.bias"], 0)
        hidden = np.maximum(w["mlp.2.weight"] @ hidden + w["mlp.2.bias"], 0)
        last = w["mlp.4.weight"] @ hidden + w["mlp.4.bias"]
        power = {"linear": 1.0, "square-root": 0.5, "power": np.log1p(np.exp(last[-1]))}[kind]
        expected = [np.log1p(np.exp(last[0])), power, last[1]]
        assert answer.values == pytest.approx(expected, abs=1e-5)
        assert min(answer.values[:2]) > 0


def test_what_does_not_fit_says_why(tmp_path: Path) -> None:
    adapter = adapter_for(save_head(tmp_path / "head", TSPRANK))
    with pytest.raises(BadAnswerError, match="vectors of 8 numbers, not of 3"):
        adapter.answer([Transform(vectors=((1.0, 2.0, 3.0),))], never)
    with pytest.raises(BadAnswerError, match="not of no"):
        adapter.answer([Transform(vectors=())], never)
    with pytest.raises(CancelledError):
        adapter.answer([Transform(vectors=((1.0,) * 8,))], lambda: True)
    with pytest.raises(BadAnswerError, match="Transform alone"):
        adapter.answer([Score], never)
    cosine = adapter_for(save_head(tmp_path / "cosine", {"head": "cosine-adapter", "input_dim": 2}))
    with pytest.raises(BadAnswerError, match="one vector"):
        cosine.answer([Transform(vectors=((1.0, 2.0), (1.0, 2.0)))], never)
    assert adapter.shares([Transform(vectors=((1.0,) * 8,) * 3)]) == [3.0]


@pytest.mark.parametrize(
    ("config", "reason"),
    [
        ({"head": "other"}, "'other'; known are tsprank, cosine-adapter"),
        ({"head": "tsprank"}, "input_dim as a whole number from 1, not None"),
        ({**TSPRANK, "heads": 3}, "not a multiple"),
        ({"head": "cosine-adapter", "input_dim": 4, "map": "cubic"}, "'cubic'"),
        ({"head": "cosine-adapter", "input_dim": 4, "hidden": [0]}, "hidden"),
        ({**TSPRANK, "deep": True}, "not those of the head"),
    ],
)
def test_folders_that_cannot_be_loaded(tmp_path: Path, config: dict[str, Any], reason: str) -> None:
    folder = save_head(tmp_path / "head", TSPRANK)
    (folder / "config.json").write_text(json.dumps(config))
    with pytest.raises(ModelUnavailableError, match=reason):
        adapter_for(folder)
