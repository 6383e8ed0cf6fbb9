"""Random two-layer encoder-decoders with a small tokenizer, written to a folder as real checkpoints would be."""

from __future__ import annotations

import string
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors
from transformers import (
    BartConfig,
    BartForConditionalGeneration,
    PreTrainedTokenizerFast,
    T5Config,
    T5ForConditionalGeneration,
)

from tests.support.tiny_models import TEXTS

SENTINELS = tuple(f"<extra_id_{number}>" for number in range(12))
SPECIAL = ("<pad>", "</s>", "<unk>", *SENTINELS)
_FRAMES = ("true false yes no Yes No Query: Document: Relevant: Passage:", " ".join(map(str, range(1, 21))))
_WORDS = tuple(dict.fromkeys(word for text in (*_FRAMES, *TEXTS) for word in text.split()))
VOCABULARY = 181  # the special tokens, the words, the characters


def unigram(max_length: int = 512) -> PreTrainedTokenizerFast:
    """A T5-like tokenizer: whole words with their blank, else characters; </s> behind a text; sentinels."""
    characters = sorted({character for word in _WORDS for character in word} | set(string.printable.strip()) | {"▁"})
    pieces = [(f"▁{word}", -2.0) for word in _WORDS] + [(character, -8.0) for character in characters]
    tokenizer = Tokenizer(models.Unigram([(name, 0.0) for name in SPECIAL] + pieces, unk_id=2, byte_fallback=False))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always")]
    )
    tokenizer.decoder = decoders.Metaspace(replacement="▁", prepend_scheme="always")
    tokenizer.post_processor = processors.TemplateProcessing(single="$A </s>", special_tokens=[("</s>", 1)])
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        model_max_length=max_length,
        pad_token="<pad>",
        eos_token="</s>",
        unk_token="<unk>",
        additional_special_tokens=list(SENTINELS),
    )


def t5_config(*, gated: bool = False) -> T5Config:
    """Two layers each, 32 wide. ``gated``: as T5 v1.1, FLAN-T5 and mT5, whose output layer is one of its own."""
    return T5Config(
        vocab_size=VOCABULARY, d_model=32, d_kv=8, num_heads=4, d_ff=64, num_layers=2, num_decoder_layers=2,
        relative_attention_num_buckets=8, relative_attention_max_distance=20, dropout_rate=0.1,
        feed_forward_proj="gated-gelu" if gated else "relu", initializer_factor=1.0, pad_token_id=0, eos_token_id=1,
        decoder_start_token_id=0, tie_word_embeddings=not gated,
    )  # fmt: skip


def tiny_t5(seed: int = 7, *, gated: bool = False) -> T5ForConditionalGeneration:
    """A model in which positions and other texts make a difference; where it is ``gated``, its texts differ too."""
    torch.manual_seed(seed)
    model = T5ForConditionalGeneration(t5_config(gated=gated)).eval()
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if "relative_attention_bias" in name:
                weight.normal_(0, 1)
            elif "Attention" in name:
                weight.normal_(0, 0.25)
    if gated:
        model.lm_head.weight = torch.nn.Parameter(torch.randn(VOCABULARY, 32) / 2)
    return model


def save_t5(folder: Path, seed: int = 7, *, gated: bool = False) -> Path:
    """A T5 checkpoint."""
    tiny_t5(seed, gated=gated).save_pretrained(folder)
    unigram().save_pretrained(folder)
    return folder


def save_fid(folder: Path, seed: int = 7) -> Path:
    """The same weights under the names that fusion-in-the-decoder code gives them."""
    save_t5(folder, seed)
    file = folder / "model.safetensors"
    weights = load_file(file)
    renamed = {
        name.replace("encoder.block.", "encoder.encoder.block.").replace(".layer.", ".module.layer.")
        if name.startswith("encoder.block.")
        else name.replace("encoder.final", "encoder.encoder.final")
        if name.startswith("encoder.final")
        else name: weight
        for name, weight in weights.items()
    }
    save_file(renamed, file, metadata={"format": "pt"})
    return folder


def save_bart(folder: Path) -> Path:
    """An encoder-decoder with a table of 64 positions, whose decoder begins with the end token."""
    torch.manual_seed(9)
    config = BartConfig(
        vocab_size=VOCABULARY, d_model=32, encoder_layers=2, decoder_layers=2, encoder_attention_heads=4,
        decoder_attention_heads=4, encoder_ffn_dim=64, decoder_ffn_dim=64, max_position_embeddings=64, init_std=0.3,
        pad_token_id=0, bos_token_id=1, eos_token_id=1, decoder_start_token_id=1, forced_eos_token_id=None,
    )  # fmt: skip
    model = BartForConditionalGeneration(config)
    model.final_logits_bias[0, : len(SPECIAL)] = -30  # so that it writes words
    model.save_pretrained(folder)
    unigram().save_pretrained(folder)
    return folder
