"""Reads what a model folder says about itself: kind, maximum length, licence, number of parameters.

Kind comes from the class name in ``architectures`` of config.json (the format's own statement of what the
weights are), from ``head`` there (trained heads, core/models/trained_head.py) and from the files of
sentence-transformers and PyLate, never from the folder's name. A class for conditional generation is a T5 or its
kin where the configuration says that it has an encoder and a decoder; others of that name read pictures.
"""

from __future__ import annotations

import json
import re
import struct
from dataclasses import dataclass
from math import prod
from pathlib import Path

from core.catalog.kinds import FORMATS
from core.catalog.places import missing_file
from core.domain.errors import InvalidInputError
from core.domain.models import ModelKind

_SUFFIXES = (
    ("ForSequenceClassification", ModelKind.CROSS_ENCODER),
    ("ForCausalLM", ModelKind.CAUSAL_LM),
    ("LMHeadModel", ModelKind.CAUSAL_LM),
    ("ColBERT", ModelKind.MULTI_VECTOR),
    ("Model", ModelKind.EMBEDDER),
)
_MULTI_VECTOR = ("ColBERT", "MultiVectorEncoder")  # model_type, as PyLate and sentence-transformers write it
_HEADER_LIMIT = 100_000_000  # bytes; the limit of the safetensors format


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderDescription:
    """What the files state; ``kind`` is None where the architecture is none of those Runoff loads.

    ``formats``: of a trained head, which is made for one strategy.
    """

    kind: ModelKind | None
    architecture: str
    max_length: int
    licence: str
    parameters: int | None
    formats: tuple[str, ...] = ()


def describe_folder(folder: Path) -> FolderDescription:
    """Read config.json and its neighbours; InvalidInputError says what is missing or malformed."""
    cause = missing_file(folder)
    if cause:
        raise InvalidInputError(f"Not a model folder: {cause}.")
    config = _json(folder / "config.json")
    named = config.get("architectures")
    architecture = str(named[0]) if isinstance(named, list) and named else ""
    return FolderDescription(
        kind=_kind(folder, architecture, config),
        architecture=architecture,
        max_length=_max_length(folder, config),
        licence=_licence(folder),
        parameters=_parameters(folder),
        formats=(head,) if (head := _head(config)) in FORMATS else (),
    )


def _kind(folder: Path, architecture: str, config: dict[str, object]) -> ModelKind | None:
    if _head(config):
        return ModelKind.TRAINED_HEAD
    stages = _stages(folder)
    sentence = folder / "config_sentence_transformers.json"
    if any(stage.startswith("pylate.") for stage in stages or ()) or (
        sentence.is_file() and _json(sentence).get("model_type") in _MULTI_VECTOR
    ):
        return ModelKind.MULTI_VECTOR
    if architecture.endswith("ForConditionalGeneration"):
        return ModelKind.SEQ2SEQ if config.get("is_encoder_decoder") is True else None
    for suffix, kind in _SUFFIXES:
        if architecture.endswith(suffix):
            return ModelKind.EMBEDDER if stages is not None and kind is ModelKind.CAUSAL_LM else kind
    return None if stages is None else ModelKind.EMBEDDER


def _head(config: dict[str, object]) -> str:
    """Which trained head a folder holds, "" where it holds a model."""
    stated = config.get("head")
    return stated if isinstance(stated, str) and "architectures" not in config else ""


def _stages(folder: Path) -> tuple[str, ...] | None:
    """The classes that modules.json names; None where there is no such file."""
    file = folder / "modules.json"
    if not file.is_file():
        return None
    try:
        stages = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise InvalidInputError(f"{file} cannot be read: {error}.") from error
    if not isinstance(stages, list):
        raise InvalidInputError(f"{file} must hold a JSON list.")
    return tuple(str(stage.get("type", "")) for stage in stages if isinstance(stage, dict))


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
