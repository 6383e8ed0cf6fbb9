"""Folders of multi-vector checkpoints: which are complete, and their model with the options of an entry.

sentence-transformers reads all three layouts: its own (``modules.json`` with a Dense stage on token embeddings), that
of PyLate (``model_type`` "ColBERT" in config_sentence_transformers.json) and that of Stanford (architecture HF_ColBERT,
the projection as ``linear.weight`` beside the encoder, lengths and markers in artifact.metadata, else the usual ones).
What it would do with any other folder, add a random projection, is refused here.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from core.domain.errors import ModelUnavailableError
from core.domain.models import ModelEntry
from core.models.device import dtype_of
from core.models.environment import prepare_environment

_TRAINED = ("ColBERT", "MultiVectorEncoder")


def load_multi_vector(entry: ModelEntry, folder: Path, device: torch.device) -> Any:  # noqa: ANN401  (untyped library)
    """The sentence-transformers model of ``folder`` with the entry's markers and query length. ModelUnavailableError
    where it is no multi-vector checkpoint or holds pickled weights."""
    reason = refusal(folder)
    if reason:
        raise ModelUnavailableError(reason)
    prepare_environment()
    from sentence_transformers import MultiVectorEncoder

    markers = {"query": entry.option("query_marker"), "document": entry.option("document_marker")}
    prompts = {role: f"{marker} " for role, marker in markers.items() if marker}
    model: Any = MultiVectorEncoder(
        str(folder),
        device=str(device),
        prompts=prompts or None,
        local_files_only=True,
        trust_remote_code=False,
        model_kwargs={"use_safetensors": True},
    )
    for marker in filter(None, markers.values()):
        _one_token(model.tokenizer, marker)
    length = entry.option("query_length")
    if length:
        _set_query_length(model[0], length)
    return model.to(dtype=dtype_of(entry)).eval()


def refusal(folder: Path) -> str:
    """Why ``folder`` is no multi-vector checkpoint that may be loaded, "" where it is one."""
    for path in (path for path in folder.rglob("*.bin") if path.name == "pytorch_model.bin"):
        if not (path.parent / "model.safetensors").is_file():
            return f"{path.parent.name} holds pickled weights alone; they are refused, safetensors only"
    if _read(folder / "config_sentence_transformers.json").get("model_type") in _TRAINED:
        return ""
    architectures = _read(folder / "config.json").get("architectures")
    if isinstance(architectures, list) and "HF_ColBERT" in architectures:
        return "" if _has_projection(folder) else "the checkpoint has no projection (linear.weight)"
    return (
        "this is no multi-vector checkpoint: neither HF_ColBERT in config.json nor model_type ColBERT or "
        "MultiVectorEncoder in config_sentence_transformers.json; load it as an embedder"
    )


def _has_projection(folder: Path) -> bool:
    from safetensors import safe_open

    file = folder / "model.safetensors"
    if not file.is_file():
        return False
    with safe_open(file, framework="pt") as tensors:
        return "linear.weight" in tensors.keys()  # noqa: SIM118  (safe_open is no dictionary)


def _one_token(tokenizer: Any, marker: str) -> None:  # noqa: ANN401  (transformers has no common type)
    """Make a marker of the vocabulary a special token, so that no tokenizer takes it apart."""
    if marker not in tokenizer.get_vocab():
        raise ModelUnavailableError(f"marker {marker!r} is no token of the model")
    if tokenizer.tokenize(marker) != [marker]:
        from transformers import AddedToken

        tokenizer.add_tokens([AddedToken(marker, normalized=False, special=True)], special_tokens=True)


def _set_query_length(transformer: Any, length: str) -> None:  # noqa: ANN401  (untyped library)
    if not length.isdecimal() or int(length) < 1:
        raise ModelUnavailableError(f"query_length {length!r} must be a whole number from 1")
    if transformer.query_expansion is None:
        transformer.query_length = int(length)
    else:
        transformer.query_expansion = {**transformer.query_expansion, "length": int(length)}


def _read(file: Path) -> Mapping[str, object]:
    if not file.is_file():
        return {}
    value = json.loads(file.read_text("utf-8"))
    return value if isinstance(value, Mapping) else {}
