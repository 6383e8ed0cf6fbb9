"""Random decoders for embeddings with marks of their own, and a projector, written to a folder as checkpoints are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
import transformers
from safetensors.torch import load_file, save_file

from tests.support.tiny_models import byte_level

DOCUMENT_MARK, QUERY_MARK, END = "<|embed_token|>", "<|rerank_token|>", "<|endoftext|>"
_CONFIG: dict[str, Any] = {
    "vocab_size": 384, "hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
    "intermediate_size": 64, "max_position_embeddings": 512, "initializer_range": 0.3, "pad_token_id": 0,
    "bos_token_id": 1, "eos_token_id": 2,
}  # fmt: skip


def save_marked(folder: Path, shape: str = "qwen3", projector: tuple[int, ...] = ()) -> Path:
    """A decoder whose tokenizer has the marks and <|endoftext|>. ``projector``: widths of its layers, none without."""
    torch.manual_seed(11)
    config = {
        "qwen2": lambda: transformers.Qwen2Config(**_CONFIG),
        "qwen3": lambda: transformers.Qwen3Config(**_CONFIG, head_dim=8),
        "llama": lambda: transformers.LlamaConfig(**_CONFIG),
    }[shape]()
    transformers.AutoModelForCausalLM.from_config(config).save_pretrained(folder)
    tokenizer = byte_level(512)
    tokenizer.add_special_tokens({"additional_special_tokens": [DOCUMENT_MARK, QUERY_MARK, END]})
    tokenizer.save_pretrained(folder)
    if projector:
        weights = load_file(folder / "model.safetensors")
        widths = (config.hidden_size, *projector)
        for place, (narrow, wide) in enumerate(zip(widths[1:], widths[:-1], strict=True)):
            weights[f"projector.{2 * place}.weight"] = torch.randn(narrow, wide) / 4
        save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    return folder
