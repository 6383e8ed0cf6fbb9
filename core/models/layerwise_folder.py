"""Folders of layerwise rerankers: a decoder with a relevance head behind each of its upper layers.

Published ones bring program code of their own, which is never run here. config.json states ``start_layer`` (the first
layer with a head), ``head_multi`` (one head a layer) and ``head_type`` ("simple": one number); the heads are the
weights ``lm_head.N.linear_head.weight``. The decoder is loaded as a class of transformers: that of ``model_type`` where
it has one, and MiniCPM, which it has not, as Granite. Both are Llama with three factors: of embeddings, ``scale_emb``;
of what a layer adds, ``scale_depth`` / sqrt(layers) (Hu et al. 2024, arXiv:2404.06395); of attention, the usual
1 / sqrt(head width). The names of the weights are the same.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from core.domain.errors import ModelUnavailableError
from core.domain.models import ModelEntry
from core.models.device import dtype_of
from core.models.environment import transformers

_HEAD = re.compile(r"^lm_head\.(?:(\d+)\.)?linear_head\.weight$")
_SHAPE = (
    "vocab_size", "hidden_size", "intermediate_size", "num_hidden_layers", "num_attention_heads", "num_key_value_heads",
    "hidden_act", "max_position_embeddings", "rms_norm_eps", "attention_bias", "pad_token_id", "bos_token_id",
    "eos_token_id",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Layerwise:
    """``model``: the decoder without a head; ``heads``: layer (from 1) to weights (width,), fp32, of the layers that
    have one."""

    model: Any
    heads: dict[int, torch.Tensor]


def is_layerwise(folder: Path) -> bool:
    """Whether config.json states where heads begin."""
    return "start_layer" in _config(folder)


def load_layerwise(entry: ModelEntry, folder: Path, device: torch.device) -> Layerwise:
    """The decoder and its heads. ModelUnavailableError says what about the checkpoint is not supported."""
    stated = _config(folder)
    kind = stated.get("head_type", "simple")
    if kind in {"raw", "complex"}:
        raise ModelUnavailableError(f"head_type {kind!r} (a vocabulary behind every layer) is not supported; simple is")
    library = transformers()
    model, found = library.AutoModel.from_pretrained(
        folder, config=_decoder_config(stated, folder), dtype=dtype_of(entry), use_safetensors=True,
        local_files_only=True, trust_remote_code=False, output_loading_info=True,
    )  # fmt: skip
    if found["missing_keys"]:
        missing = sorted(found["missing_keys"])
        raise ModelUnavailableError(f"its weights lack {missing[0]} and {len(missing) - 1} others of a decoder")
    layers, start = int(stated["num_hidden_layers"]), int(stated["start_layer"])
    heads = _heads(folder)
    several = bool(stated.get("head_multi", True))
    by_layer = {layer: heads.get(layer - start if several else None) for layer in range(max(1, start), layers + 1)}
    width = int(stated["hidden_size"])
    known = {layer: head[0] for layer, head in by_layer.items() if head is not None and head.shape == (1, width)}
    if len(known) != len(by_layer) or not known:
        raise ModelUnavailableError(
            f"its weights lack a head (lm_head.N.linear_head.weight) of 1 x {width} for a layer"
        )
    return Layerwise(
        model=model.eval().to(device), heads={layer: head.float().to(device) for layer, head in known.items()}
    )


def _decoder_config(stated: Mapping[str, Any], folder: Path) -> Any:  # noqa: ANN401  (any transformers config)
    """The configuration of a decoder that transformers has."""
    library = transformers()
    kind = str(stated.get("model_type", ""))
    if kind != "minicpm":
        if kind not in library.CONFIG_MAPPING:
            raise ModelUnavailableError(f"model_type {kind!r} needs program code of its own, which is not run")
        return library.AutoConfig.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
    if stated.get("rope_scaling") is not None:
        raise ModelUnavailableError("MiniCPM with rope_scaling is not supported")
    head_width = int(stated["hidden_size"]) // int(stated["num_attention_heads"])
    return library.GraniteConfig(
        **{name: stated[name] for name in _SHAPE if name in stated},
        rope_parameters={"rope_type": "default", "rope_theta": float(stated.get("rope_theta", 10_000.0))},
        embedding_multiplier=float(stated.get("scale_emb", 1)),
        residual_multiplier=float(stated.get("scale_depth", 1)) / math.sqrt(int(stated["num_hidden_layers"])),
        attention_multiplier=1 / math.sqrt(head_width),
        tie_word_embeddings=False,
    )


def _heads(folder: Path) -> dict[int | None, torch.Tensor]:
    """Number of the head (None: the only one) to its weights."""
    from safetensors import safe_open

    found: dict[int | None, torch.Tensor] = {}
    for file in sorted(folder.glob("*.safetensors")):
        with safe_open(file, framework="pt") as tensors:
            for name in tensors.keys():  # noqa: SIM118  (safe_open is no dictionary)
                if match := _HEAD.match(name):
                    found[None if match.group(1) is None else int(match.group(1))] = tensors.get_tensor(name)
    return found


def _config(folder: Path) -> Mapping[str, Any]:
    value = json.loads((folder / "config.json").read_text("utf-8"))
    return value if isinstance(value, Mapping) else {}
