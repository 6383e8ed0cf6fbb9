"""A random ColBERT checkpoint in the layouts that are around: Stanford's, PyLate's, sentence-transformers' own."""

from __future__ import annotations

import json
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

from tests.support.tiny_models import wordpiece

DIM = 8
QUERY_TOKENS = 20


def colbert_tokenizer(max_length: int = 64) -> PreTrainedTokenizerFast:
    """As ``wordpiece``, with [unused0], [unused1] and punctuation as ordinary words of the vocabulary."""
    vocabulary = wordpiece(max_length).get_vocab()
    words = sorted(vocabulary, key=lambda word: vocabulary[word])
    words[-5:] = ["[unused0]", "[unused1]", "!", "%", "#"]
    tokenizer = Tokenizer(models.WordPiece({word: id for id, word in enumerate(words)}, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, model_max_length=max_length, pad_token="[PAD]", unk_token="[UNK]",
        cls_token="[CLS]", sep_token="[SEP]", mask_token="[MASK]",
        model_input_names=["input_ids", "token_type_ids", "attention_mask"],
    )  # fmt: skip


def save_stanford(folder: Path, *, metadata: bool = True) -> Path:
    """As colbert-ir/colbertv2.0: linear.weight beside the encoder's weights, settings in artifact.metadata."""
    torch.manual_seed(21)
    config = BertConfig(
        vocab_size=180, hidden_size=32, num_hidden_layers=2, num_attention_heads=4, intermediate_size=64,
        max_position_embeddings=64, initializer_range=0.2,
    )  # fmt: skip
    BertModel(config).save_pretrained(folder)
    weights = {f"bert.{name}": tensor for name, tensor in load_file(folder / "model.safetensors").items()}
    save_file(weights | {"linear.weight": torch.randn(DIM, 32) / 6}, folder / "model.safetensors", {"format": "pt"})
    stated = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(stated | {"architectures": ["HF_ColBERT"]}))
    colbert_tokenizer().save_pretrained(folder)
    if metadata:
        settings = {
            "query_token_id": "[unused0]", "doc_token_id": "[unused1]", "query_maxlen": QUERY_TOKENS,
            "doc_maxlen": 40, "attend_to_mask_tokens": False, "mask_punctuation": True,
        }  # fmt: skip
        (folder / "artifact.metadata").write_text(json.dumps(settings))
    return folder


def save_pylate(folder: Path) -> Path:
    """As PyLate 1: a transformer, and a Dense module in 1_Dense."""
    save_stanford(folder, metadata=False)
    weights = load_file(folder / "model.safetensors")
    linear = weights.pop("linear.weight")
    save_file(weights, folder / "model.safetensors", {"format": "pt"})
    stated = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(stated | {"architectures": ["BertModel"]}))
    (folder / "1_Dense").mkdir()
    save_file({"linear.weight": linear}, folder / "1_Dense" / "model.safetensors")
    dense = {
        "in_features": 32,
        "out_features": DIM,
        "bias": False,
        "activation_function": "torch.nn.modules.linear.Identity",
    }
    (folder / "1_Dense" / "config.json").write_text(json.dumps(dense))
    modules = [
        {"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"},
        {"idx": 1, "name": "1", "path": "1_Dense", "type": "pylate.models.Dense.Dense"},
    ]
    (folder / "modules.json").write_text(json.dumps(modules))
    settings = {
        "model_type": "ColBERT", "query_prefix": "[unused0]", "document_prefix": "[unused1]",
        "query_length": QUERY_TOKENS, "document_length": 40, "attend_to_expansion_tokens": False,
    }  # fmt: skip
    (folder / "config_sentence_transformers.json").write_text(json.dumps(settings))
    (folder / "sentence_bert_config.json").write_text(json.dumps({"max_seq_length": 40, "do_lower_case": False}))
    return folder
