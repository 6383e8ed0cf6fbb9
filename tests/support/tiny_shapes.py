"""Random two-layer encoders and classifiers of many architectures, written to a folder as real checkpoints would be."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
import transformers

from core.catalog.digests import DigestCache
from core.domain.models import ModelKind
from core.models.load import load
from tests.support.tiny_models import TEXTS, byte_level, context_for, entry_for, wordpiece

POSITIONS = 160
WINDOW = 24  # of those that have one: far shorter than LONG
LONG = " ".join(TEXTS)
_SIZES: dict[str, Any] = {
    "hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 64,
    "initializer_range": 0.3,
}  # fmt: skip
_ENCODER = {**_SIZES, "vocab_size": 180, "max_position_embeddings": POSITIONS, "pad_token_id": 0}
_DECODER = {
    **_SIZES, "vocab_size": 380, "max_position_embeddings": 256, "num_key_value_heads": 2,
    "pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2,
}  # fmt: skip
_MODERN = {**_ENCODER, "local_attention": WINDOW, "global_attn_every_n_layers": 2, "initializer_cutoff_factor": 9.0}


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """``config``: makes the configuration; ``types``: the model takes token types; ``decoder``: byte-level tokens;
    ``padded``: why it cannot run packed passes, "" where it can."""

    config: Callable[..., Any]
    types: bool = False
    decoder: bool = False
    padded: str = ""


def _distilbert(**labels: int) -> Any:
    return transformers.DistilBertConfig(
        vocab_size=180, dim=32, n_layers=2, n_heads=4, hidden_dim=64, max_position_embeddings=POSITIONS,
        initializer_range=0.3, pad_token_id=0, **labels,
    )  # fmt: skip


def _deberta(**labels: int) -> Any:
    return transformers.DebertaV2Config(**_ENCODER, relative_attention=True, pos_att_type=["p2c", "c2p"], **labels)


def _t5(**labels: int) -> Any:
    return transformers.T5Config(
        vocab_size=180, d_model=32, d_kv=8, d_ff=64, num_layers=2, num_heads=4, pad_token_id=0, eos_token_id=3,
        decoder_start_token_id=0, initializer_factor=3.0, **labels,
    )  # fmt: skip


def _gpt2(**labels: int) -> Any:
    return transformers.GPT2Config(
        vocab_size=380, n_embd=32, n_layer=2, n_head=4, n_positions=256, initializer_range=0.3, pad_token_id=0,
        bos_token_id=1, eos_token_id=2, **labels,
    )  # fmt: skip


SHAPES: dict[str, Shape] = {
    "bert": Shape(config=lambda **labels: transformers.BertConfig(**_ENCODER, **labels), types=True),
    "xlm-r": Shape(config=lambda **labels: transformers.XLMRobertaConfig(**_ENCODER, **labels)),
    "electra": Shape(config=lambda **labels: transformers.ElectraConfig(**_ENCODER, **labels), types=True),
    "distilbert": Shape(config=_distilbert),
    "modernbert": Shape(config=lambda **labels: transformers.ModernBertConfig(**_MODERN, **labels)),
    "modernbert-mean": Shape(
        config=lambda **labels: transformers.ModernBertConfig(**_MODERN, classifier_pooling="mean", **labels)
    ),
    "llama": Shape(config=lambda **labels: transformers.LlamaConfig(**_DECODER, **labels), decoder=True),
    "qwen2": Shape(config=lambda **labels: transformers.Qwen2Config(**_DECODER, **labels), decoder=True),
    "mistral": Shape(
        config=lambda **labels: transformers.MistralConfig(**_DECODER, sliding_window=WINDOW, **labels), decoder=True
    ),
    "gpt2": Shape(config=_gpt2, decoder=True),
    "mpnet": Shape(
        config=lambda **labels: transformers.MPNetConfig(**_ENCODER, **labels),
        padded="the architecture has an attention of its own",
    ),
    "deberta": Shape(config=_deberta, types=True, padded="the architecture has an attention of its own"),
    "t5": Shape(config=_t5, padded="relative position bias"),
}


def save_shape(folder: Path, name: str, kind: ModelKind) -> Path:
    """A cross-encoder with one label, or an embedder, of one of SHAPES."""
    shape = SHAPES[name]
    torch.manual_seed(7)
    if kind is ModelKind.CROSS_ENCODER:
        model = transformers.AutoModelForSequenceClassification.from_config(shape.config(num_labels=1))
    elif name == "t5":
        model = transformers.T5EncoderModel(shape.config())
    else:
        model = transformers.AutoModel.from_config(shape.config())
    model.save_pretrained(folder)
    tokenizer = byte_level(256) if shape.decoder else wordpiece(POSITIONS - 2)
    if not shape.types:
        tokenizer.model_input_names = ["input_ids", "attention_mask"]
    tokenizer.save_pretrained(folder)
    return folder


def load_folder(folder: Path, kind: ModelKind, **options: str) -> Any:
    """The adapter of a model folder, through the loader that the engine uses."""
    revision = DigestCache(folder.parent / "digests.json").folder(folder)
    entry = entry_for(kind, f"folder:{folder}", revision=revision, options=tuple(sorted(options.items())))
    return load(entry, context_for(folder.parent))
