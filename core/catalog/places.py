"""Where the files of a model lie: bundled packages, converted and downloaded folders in the model cache.

Shared with core/models, which puts the files there; both sides must agree on every path.
"""

from __future__ import annotations

import fnmatch
import importlib.util
from pathlib import Path

from core.domain.models import ModelEntry

# What a download takes and what a folder's revision covers: configuration, tokenizer, safetensors. Never pickles.
MODEL_FILES = (
    "*.safetensors", "*.json", "*.txt", "*.model", "*.jinja", "artifact.metadata", "README.md", "LICENSE*",
)  # fmt: skip
PICKLED_WEIGHTS = ("*.bin", "*.pt", "*.pth", "*.ckpt", "*.pkl", "*.h5", "*.msgpack")


def source_parts(entry: ModelEntry) -> tuple[str, str]:
    """("hub", "owner/name"), ("bundled", package), ("folder", path), ("builtin", "") or ("http", address)."""
    scheme, _, rest = entry.source.partition(":")
    return ("http", entry.source) if scheme in {"http", "https"} else (scheme, rest)


def bundled_folder(package: str) -> Path | None:
    """Folder of an installed model package, found without importing it; None where it is not installed."""
    found = importlib.util.find_spec(package)
    if found is None or not found.submodule_search_locations:
        return None
    return Path(next(iter(found.submodule_search_locations)))


def converted_folder(cache_dir: Path, model: str, revision: str) -> Path:
    """Where a bundled GGUF file lies once it is converted to safetensors; complete if it exists."""
    return cache_dir / "converted" / f"{model}-{revision[:12]}"


def hub_folder(cache_dir: Path, name: str, revision: str) -> Path:
    """Where a downloaded model lies; complete if it exists, since it is renamed into place last."""
    return cache_dir / "hub" / name.replace("/", "--") / revision


def is_model_file(relative: str) -> bool:
    """Whether a file (path relative to the model) is one that Runoff downloads and reads; never one outside it."""
    parts = relative.split("/")
    if any(not part or part.startswith(".") for part in parts):  # hidden, absolute, or with ".." in it
        return False
    return any(fnmatch.fnmatchcase(parts[-1], pattern) for pattern in MODEL_FILES)


def missing_file(folder: Path) -> str:
    """Why ``folder`` cannot be loaded as a model, in words; empty if nothing is missing."""
    if not folder.is_dir():
        return f"folder {folder} does not exist"
    if not (folder / "config.json").is_file():
        return f"{folder} has no config.json"
    if any(folder.glob("*.safetensors")):
        return ""
    pickled = [path.name for pattern in PICKLED_WEIGHTS for path in folder.glob(pattern)]
    found = f" (found {pickled[0]})" if pickled else ""
    return f"{folder} has no safetensors weights{found}; pickled weights are refused, safetensors only"
