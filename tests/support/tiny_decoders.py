"""Random two-layer decoders of several architectures, written to a folder as real checkpoints would be."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
import transformers

from tests.support.tiny_models import byte_level

WINDOW = 24  # of those that have a sliding window: shorter than the prompts of the tests
LENGTH = 320
_PLAIN: dict[str, Any] = {
    "vocab_size": 380, "hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 64,
    "max_position_embeddings": LENGTH, "initializer_range": 0.3, "pad_token_id": 0, "bos_token_id": 1,
    "eos_token_id": 2,
}  # fmt: skip
_GROUPED = {**_PLAIN, "num_key_value_heads": 2}


def _llama() -> Any:
    return transformers.LlamaForCausalLM(transformers.LlamaConfig(**_GROUPED))


def _qwen2() -> Any:
    return transformers.Qwen2ForCausalLM(transformers.Qwen2Config(**_GROUPED))


def _qwen3() -> Any:
    return transformers.Qwen3ForCausalLM(transformers.Qwen3Config(**_GROUPED, head_dim=8))


def _mistral() -> Any:
    return transformers.MistralForCausalLM(transformers.MistralConfig(**_GROUPED, sliding_window=WINDOW))


def _gemma2() -> Any:
    config = transformers.Gemma2Config(**_GROUPED, head_dim=8, sliding_window=WINDOW, attn_logit_softcapping=5.0)
    return transformers.Gemma2ForCausalLM(config)


def _gemma3() -> Any:
    return transformers.Gemma3ForCausalLM(transformers.Gemma3TextConfig(**_GROUPED, head_dim=8, sliding_window=WINDOW))


def _gpt2() -> Any:
    config = transformers.GPT2Config(
        vocab_size=380, n_embd=32, n_layer=2, n_head=4, n_positions=LENGTH, initializer_range=0.3,
        pad_token_id=0, bos_token_id=1, eos_token_id=2,
    )  # fmt: skip
    return transformers.GPT2LMHeadModel(config)


def _gpt_oss() -> Any:
    config = transformers.GptOssConfig(
        **_GROUPED, head_dim=8, sliding_window=WINDOW, num_local_experts=2, num_experts_per_tok=1
    )
    return transformers.GptOssForCausalLM(config)


def _phi3() -> Any:
    rotary = {
        "rope_type": "longrope", "rope_theta": 10_000.0, "original_max_position_embeddings": 64, "factor": 5.0,
        "short_factor": [1.0] * 4, "long_factor": [4.0, 5.0, 6.0, 8.0],
    }  # fmt: skip
    return transformers.Phi3ForCausalLM(transformers.Phi3Config(**_GROUPED, rope_parameters=rotary))


def _llama4() -> Any:
    config = transformers.Llama4TextConfig(
        **_GROUPED, head_dim=8, attention_chunk_size=90, num_local_experts=2, num_experts_per_tok=1,
        intermediate_size_mlp=64,
    )  # fmt: skip
    return transformers.Llama4ForCausalLM(config)


DECODERS: dict[str, Callable[[], Any]] = {
    "llama": _llama, "qwen2": _qwen2, "qwen3": _qwen3, "mistral": _mistral, "gemma2": _gemma2, "gemma3": _gemma3,
    "gpt2": _gpt2,
}  # fmt: skip
SINKS = {"gpt-oss": _gpt_oss}  # attention sinks, which packed passes do not know
LONG_TEXTS = {"phi3": _phi3, "llama4": _llama4}  # other from a length on that no text of the parity probe has


def save_decoder(folder: Path, shape: str, length: int = LENGTH) -> Path:
    """A causal language model of one of the shapes above, with a byte-level tokenizer and a chat template.
    ``length``: positions, another number than LENGTH only for models without a table of them."""
    torch.manual_seed(5)
    model = {**DECODERS, **SINKS, **LONG_TEXTS}[shape]()
    if length != LENGTH:
        model.config.max_position_embeddings = length
    model.save_pretrained(folder)
    byte_level(length).save_pretrained(folder)
    return folder
