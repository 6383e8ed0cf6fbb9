"""What a sentence-transformers folder says about itself: pooling, maximum length, prompts.

modules.json lists the stages; ``1_Pooling/config.json`` the pooling mode (flags in old files, ``pooling_mode``
in new ones); ``sentence_bert_config.json`` the length the model was trained at.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from core.domain.errors import ModelUnavailableError

_FLAGS = {
    "pooling_mode_cls_token": "cls",
    "pooling_mode_mean_tokens": "mean",
    "pooling_mode_max_tokens": "max",
    "pooling_mode_lasttoken": "last",
}
_MODES = {"cls": "cls", "mean": "mean", "max": "max", "lasttoken": "last"}
_SUPPORTED = ("Transformer", "Pooling", "Normalize")


@dataclass(frozen=True, slots=True, kw_only=True)
class SentenceConfig:
    """``pooling``: "mean", "cls", "last" or "max", None where not stated; prefixes go before the text."""

    pooling: str | None = None
    max_length: int | None = None
    query_prefix: str = ""
    document_prefix: str = ""
    lower: bool = False


def read_sentence_config(folder: Path) -> SentenceConfig:
    """Read the folder; ModelUnavailableError for stages that Runoff does not run (Dense, custom code)."""
    transformer = _read(folder / "sentence_bert_config.json")
    length = transformer.get("max_seq_length")
    prompts = _read(folder / "config_sentence_transformers.json").get("prompts")
    prompts = prompts if isinstance(prompts, Mapping) else {}
    return SentenceConfig(
        pooling=_pooling(folder),
        max_length=int(length) if isinstance(length, int) else None,
        query_prefix=str(prompts.get("query", "")),
        document_prefix=str(prompts.get("document", prompts.get("passage", ""))),
        lower=bool(transformer.get("do_lower_case", False)),
    )


def _pooling(folder: Path) -> str | None:
    pooling = None
    for module in _modules(folder):
        kind = str(module.get("type", "")).rpartition(".")[2]
        if kind not in _SUPPORTED:
            allowed = ", ".join(_SUPPORTED)
            raise ModelUnavailableError(f"modules.json has a stage {kind!r}; supported are {allowed}")
        if kind == "Pooling":
            pooling = _mode(_read(folder / str(module.get("path", "")) / "config.json"))
    return pooling


def _modules(folder: Path) -> list[Mapping[str, object]]:
    file = folder / "modules.json"
    if not file.is_file():
        return []
    modules = json.loads(file.read_text("utf-8"))
    return [module for module in modules if isinstance(module, Mapping)]


def _mode(config: Mapping[str, object]) -> str:
    stated = config.get("pooling_mode")
    modes = [str(stated)] if isinstance(stated, str) else []
    if not modes:
        modes = [_FLAGS.get(key, key) for key, value in config.items() if key.startswith("pooling_mode_") and value]
    known = [_MODES.get(mode, mode) for mode in modes]
    if len(known) != 1 or known[0] not in _MODES.values():
        raise ModelUnavailableError(f"pooling {modes} is not supported; supported is one of cls, mean, max, lasttoken")
    return known[0]


def _read(file: Path) -> Mapping[str, object]:
    if not file.is_file():
        return {}
    value = json.loads(file.read_text("utf-8"))
    return value if isinstance(value, Mapping) else {}
