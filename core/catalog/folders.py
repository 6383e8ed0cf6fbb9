"""Reads what a model folder says about itself: kind, maximum length, licence, number of parameters.

Kind comes from the class name in ``architectures`` of config.json (the format's own statement of what the
weights are), never from the folder's name.
"""

from __future__ import annotations

import json
import re
import struct
from dataclasses import dataclass
from math import prod
from pathlib import Path

from core.catalog.places import missing_file
from core.domain.errors import InvalidInputError
from core.domain.models import ModelKind

_SUFFIXES = (
    ("ForSequenceClassification", ModelKind.CROSS_ENCODER),
    ("ForCausalLM", ModelKind.CAUSAL_LM),
    ("LMHeadModel", ModelKind.CAUSAL_LM),
    ("Model", ModelKind.EMBEDDER),
)
_HEADER_LIMIT = 100_000_000  # bytes; the limit of the safetensors format


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderDescription:
    """What the files state; ``kind`` is None where the architecture is none of those Runoff loads."""

    kind: ModelKind | None
    architecture: str
    max_length: int
    licence: str
    parameters: int | None


def describe_folder(folder: Path) -> FolderDescription:
    """Read config.json and its neighbours; InvalidInputError says what is missing or malformed."""
    cause = missing_file(folder)
    if cause:
        raise InvalidInputError(f"Not a model folder: {cause}.")
    config = _json(folder / "config.json")
    named = config.get("architectures")
    architecture = str(named[0]) if isinstance(named, list) and named else ""
    return FolderDescription(
        kind=_kind(folder, architecture),
        architecture=architecture,
        max_length=_max_length(folder, config),
        licence=_licence(folder),
        parameters=_parameters(folder),
    )


def _kind(folder: Path, architecture: str) -> ModelKind | None:
    for suffix, kind in _SUFFIXES:
        if architecture.endswith(suffix):
            is_sentence_model = (folder / "modules.json").is_file() and kind is ModelKind.CAUSAL_LM
            return ModelKind.EMBEDDER if is_sentence_model else kind
    return ModelKind.EMBEDDER if (folder / "modules.json").is_file() else None


def _max_length(folder: Path, config: dict[str, object]) -> int:
    sentence = folder / "sentence_bert_config.json"
    tokenizer = folder / "tokenizer_config.json"
    stated = [
        _json(sentence).get("max_seq_length") if sentence.is_file() else None,
        _json(tokenizer).get("model_max_length") if tokenizer.is_file() else None,
        config.get("max_position_embeddings"),
    ]
    # Tokenizers without a limit write a number of thirty digits.
    known = [int(value) for value in stated if isinstance(value, int | float) and 1 < value < 10_000_000]
    return min(known) if known else 512


def _licence(folder: Path) -> str:
    readme = folder / "README.md"
    if not readme.is_file():
        return ""
    front = re.match(r"---\s*\n(.*?)\n---", readme.read_text("utf-8", "replace"), re.DOTALL)
    stated = re.search(r"^license:\s*[\"']?([\w.+-]+)", front.group(1), re.MULTILINE) if front else None
    return stated.group(1) if stated else ""


def _parameters(folder: Path) -> int | None:
    return sum(_count(path) for path in folder.glob("*.safetensors")) or None


def _count(file: Path) -> int:
    """Sum of all tensor sizes in a safetensors header: eight bytes of length, then JSON."""
    try:
        with file.open("rb") as handle:
            (length,) = struct.unpack("<Q", handle.read(8))
            if length > _HEADER_LIMIT:
                raise InvalidInputError(f"{file} is not a safetensors file: its header claims {length} bytes.")
            header = json.loads(handle.read(length))
    except (struct.error, ValueError) as error:
        raise InvalidInputError(f"{file} is not a safetensors file: {error}.") from error
    return sum(prod(tensor["shape"]) for name, tensor in header.items() if name != "__metadata__")


def _json(file: Path) -> dict[str, object]:
    try:
        value = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise InvalidInputError(f"{file} cannot be read: {error}.") from error
    if not isinstance(value, dict):
        raise InvalidInputError(f"{file} must hold a JSON object.")
    return value
