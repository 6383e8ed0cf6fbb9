"""Random two-layer models and small tokenizers, written to a folder as a real checkpoint would be."""

from __future__ import annotations

from pathlib import Path

import torch
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from transformers import (
    BertConfig,
    BertForSequenceClassification,
    BertModel,
    LlamaConfig,
    LlamaForCausalLM,
    PreTrainedTokenizerFast,
    Qwen2Config,
    Qwen2ForSequenceClassification,
)

from core.domain.capabilities import Capability
from core.domain.models import ModelEntry, ModelKind
from core.models.base import LoadContext

TEXTS = (
    "The harbour ferry leaves at nine and returns before the evening storm.",
    "Restore a backup with the nightly snapshot, then verify its checksum.",
    "Dogs travel free; bicycles need a ticket. What is the fare for a bicycle?",
    "Error 402: the volume is full. Passage A or Passage B? yes no Yes No",
)
CHAT_TEMPLATE = (
    "{% for m in messages %}<|begin|>{{ m['role'] }}\n{{ m['content'] | trim }}<|end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|begin|>assistant\n{% endif %}"
)


def wordpiece(max_length: int) -> PreTrainedTokenizerFast:
    """A BERT-like tokenizer: lower case, [CLS] a [SEP] b [SEP]."""
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    tokenizer.train_from_iterator(TEXTS, trainers.WordPieceTrainer(vocab_size=180, special_tokens=special))
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        model_max_length=max_length,
        pad_token="[PAD]",
        unk_token="[UNK]",
        cls_token="[CLS]",
        sep_token="[SEP]",
        mask_token="[MASK]",
        model_input_names=["input_ids", "token_type_ids", "attention_mask"],
    )


def byte_level(max_length: int, *, chat: bool = True, pad: bool = True) -> PreTrainedTokenizerFast:
    """A GPT-like tokenizer with a chat template of its own."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    special = ["<|pad|>", "<|begin|>", "<|end|>"]
    trainer = trainers.BpeTrainer(
        vocab_size=380, special_tokens=special, initial_alphabet=pre_tokenizers.ByteLevel.alphabet()
    )
    tokenizer.train_from_iterator(TEXTS, trainer)
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        model_max_length=max_length,
        bos_token="<|begin|>",
        eos_token="<|end|>",
        **({"pad_token": "<|pad|>"} if pad else {}),
    )
    if chat:
        fast.chat_template = CHAT_TEMPLATE
    return fast


def bert_config(labels: int = 1) -> BertConfig:
    """Two layers, 32 wide, 64 positions."""
    return BertConfig(
        vocab_size=180, hidden_size=32, num_hidden_layers=2, num_attention_heads=4, intermediate_size=64,
        max_position_embeddings=64, num_labels=labels, initializer_range=0.2,
    )  # fmt: skip


def save_bert(folder: Path) -> Path:
    """An encoder for embeddings."""
    torch.manual_seed(0)
    BertModel(bert_config()).save_pretrained(folder)
    wordpiece(64).save_pretrained(folder)
    return folder


def save_bert_classifier(folder: Path, labels: int = 1) -> Path:
    """A cross-encoder."""
    torch.manual_seed(1)
    BertForSequenceClassification(bert_config(labels)).save_pretrained(folder)
    wordpiece(64).save_pretrained(folder)
    return folder


def save_decoder_classifier(folder: Path, *, pad: bool) -> Path:
    """A cross-encoder on a decoder, with or without a padding token."""
    torch.manual_seed(2)
    config = Qwen2Config(
        vocab_size=380, hidden_size=32, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2,
        intermediate_size=64, max_position_embeddings=256, num_labels=1, initializer_range=0.3,
        pad_token_id=0 if pad else None, bos_token_id=1, eos_token_id=2,
    )  # fmt: skip
    Qwen2ForSequenceClassification(config).save_pretrained(folder)
    byte_level(256, pad=pad).save_pretrained(folder)
    return folder


def save_llama(folder: Path, *, chat: bool = True, max_length: int = 256) -> Path:
    """A causal language model."""
    torch.manual_seed(3)
    config = LlamaConfig(
        vocab_size=380, hidden_size=32, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2,
        intermediate_size=64, max_position_embeddings=max_length, initializer_range=0.3,
        pad_token_id=0, bos_token_id=1, eos_token_id=2,
    )  # fmt: skip
    LlamaForCausalLM(config).save_pretrained(folder)
    byte_level(max_length, chat=chat).save_pretrained(folder)
    return folder


def entry_for(kind: ModelKind, source: str = "folder:unused", **fields: object) -> ModelEntry:
    """An entry for adapters that are built directly."""
    values: dict[str, object] = {"revision": "r", "capabilities": frozenset[Capability](), "max_length": 10_000}
    return ModelEntry(id="tiny", kind=kind, source=source, **{**values, **fields})


def context_for(cache_dir: Path) -> LoadContext:
    """On the CPU."""
    return LoadContext(device="cpu", threads=0, cache_dir=cache_dir)
