"""Checkpoints of published shapes with random weights, and the same in two layers for a rehearsal on the CPU.

bge-v2-m3: XLM-R, 24 layers of 1024 (Chen et al. 2024, arXiv:2402.03216). 8B: Llama 3.1, 32 layers of 4096 with 8 key
heads. Speed does not depend on the values of weights; the tokenizers are those of the bundled models.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.speed.context import Context
from benchmarks.speed.models import EMBEDDER, LLM, SEED, Shelf
from core.domain.capabilities import Capability
from core.domain.models import ModelEntry, ModelKind
from core.models.environment import transformers


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """``multiply_adds``: per token in the layers' products, attention not counted."""

    layers: int
    width: int
    inner: int
    heads: int
    key_heads: int
    gated: bool

    @property
    def multiply_adds(self) -> int:
        """Of all layers, per token."""
        keys = 2 * self.width * self.width * self.key_heads // self.heads
        return self.layers * (2 * self.width * self.width + keys + (3 if self.gated else 2) * self.width * self.inner)


BGE = Shape(layers=24, width=1024, inner=4096, heads=16, key_heads=16, gated=False)
LLAMA = Shape(layers=32, width=4096, inner=14336, heads=32, key_heads=8, gated=True)
TINY_BGE = Shape(layers=2, width=64, inner=128, heads=4, key_heads=4, gated=False)
TINY_LLAMA = Shape(layers=2, width=64, inner=128, heads=4, key_heads=2, gated=True)


def device(context: Context) -> str:
    """Where the set runs."""
    return "cpu" if context.tiny else "cuda"


def dtype(context: Context) -> str:
    """What the weights are kept in."""
    return "float32" if context.tiny else "bfloat16"


def shelf(context: Context) -> Shelf:
    """The models of the set, on its device."""
    return Shelf(context.folder / ("gpu-tiny" if context.tiny else "gpu"), context.threads, device(context))


def encoder(context: Context) -> tuple[ModelEntry, Shape]:
    """The cross-encoder."""
    shape = TINY_BGE if context.tiny else BGE
    place = shelf(context)
    source = _tokenizer_folder(place, EMBEDDER)

    def make(library: Any, tokenizer: Any) -> Any:  # noqa: ANN401 - transformers' own types
        config = library.XLMRobertaConfig(
            vocab_size=len(tokenizer) if context.tiny else 250_002,
            hidden_size=shape.width,
            num_hidden_layers=shape.layers,
            num_attention_heads=shape.heads,
            intermediate_size=shape.inner,
            max_position_embeddings=514 if context.tiny else 8_194,
            type_vocab_size=2,  # the tokenizer at hand gives two; bge-v2-m3 has one
            num_labels=1,
            pad_token_id=tokenizer.pad_token_id,
            initializer_range=0.2 if context.tiny else 0.05,
        )
        return library.XLMRobertaForSequenceClassification(config)

    folder = _made(context, place, "xlm-r-24x1024", source, make, 512)
    return _entry(context, place, folder, ModelKind.CROSS_ENCODER, {Capability.SCORE}, 512), shape


def language_model(context: Context) -> tuple[ModelEntry, Shape]:
    """The causal language model."""
    shape = TINY_LLAMA if context.tiny else LLAMA
    place = shelf(context)
    source = _tokenizer_folder(place, LLM)

    def make(library: Any, tokenizer: Any) -> Any:  # noqa: ANN401 - transformers' own types
        config = library.LlamaConfig(
            vocab_size=len(tokenizer) if context.tiny else 128_256,
            hidden_size=shape.width,
            num_hidden_layers=shape.layers,
            num_attention_heads=shape.heads,
            num_key_value_heads=shape.key_heads,
            intermediate_size=shape.inner,
            max_position_embeddings=8_192,
            rope_theta=500_000.0,
            bos_token_id=tokenizer.bos_token_id,
            eos_token_id=tokenizer.eos_token_id,
            pad_token_id=tokenizer.pad_token_id,
            initializer_range=0.2 if context.tiny else 0.02,
        )
        return library.LlamaForCausalLM(config)

    folder = _made(context, place, "llama-8b-shape", source, make, 8_192)
    can = {Capability.LABEL_LOGPROBS, Capability.LIKELIHOOD, Capability.GENERATE}
    return _entry(context, place, folder, ModelKind.CAUSAL_LM, can, 8_192), shape


def _entry(
    context: Context, place: Shelf, folder: Path, kind: ModelKind, can: set[Capability], length: int
) -> ModelEntry:
    return place.entry(folder.name, folder, kind, can, length, precision="fp32" if context.tiny else "bf16")


def _tokenizer_folder(place: Shelf, id: str) -> Path:
    return place.folder_of(place.bundled(id))


def _made(
    context: Context, place: Shelf, name: str, tokenizer_from: Path, make: Callable[[Any, Any], Any], length: int
) -> Path:
    """The folder of a checkpoint, made once: initialised where it will run, ``length``: most tokens."""
    import torch

    folder = place.folder / name
    if (folder / "config.json").is_file():
        return folder
    library = transformers()
    tokenizer = library.AutoTokenizer.from_pretrained(tokenizer_from, local_files_only=True, model_max_length=length)
    torch.manual_seed(SEED)
    usual = torch.get_default_dtype()
    torch.set_default_dtype(getattr(torch, dtype(context)))
    try:
        with torch.device(device(context)):
            model = make(library, tokenizer)
    finally:
        torch.set_default_dtype(usual)
    aside = folder.with_name(folder.name + ".aside")
    shutil.rmtree(aside, ignore_errors=True)
    model.save_pretrained(aside)
    tokenizer.save_pretrained(aside)
    aside.rename(folder)
    return folder
