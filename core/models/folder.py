"""The local folder that holds an entry's files, refused unless it has safetensors weights."""

from __future__ import annotations

from pathlib import Path

from core.catalog.builtin import MINILM_FOLDER, SMOLLM2_FILE
from core.catalog.digests import DigestCache
from core.catalog.places import bundled_folder, hub_folder, missing_file, source_parts
from core.domain.errors import ModelUnavailableError
from core.domain.models import ModelEntry
from core.models.base import LoadContext
from core.models.bundled import checked_folder, converted


def model_folder(entry: ModelEntry, context: LoadContext) -> Path:
    """Where the files of ``entry`` lie; converts a bundled GGUF file the first time (about 15 s).

    ModelUnavailableError says what is missing. A folder whose files changed since it was catalogued is refused,
    since its fingerprint would name other weights.
    """
    scheme, rest = source_parts(entry)
    if scheme == "bundled":
        return _bundled(entry, rest, context)
    folder = hub_folder(context.cache_dir, rest, entry.revision) if scheme == "hub" else Path(rest)
    if scheme == "hub" and not folder.is_dir():
        raise ModelUnavailableError(f"{rest} at {entry.revision[:12]} is not downloaded")
    cause = missing_file(folder)
    if cause:
        raise ModelUnavailableError(cause)
    if scheme == "folder" and DigestCache(context.cache_dir / "digests.json").folder(folder) != entry.revision:
        raise ModelUnavailableError(
            f"the files in {folder} changed since the model was listed; restart to list it anew"
        )
    return folder


def _bundled(entry: ModelEntry, package: str, context: LoadContext) -> Path:
    installed = bundled_folder(package)
    if installed is None:
        raise ModelUnavailableError(f"package {package} is not installed (see core/models/bundled.txt)")
    if (installed / SMOLLM2_FILE).is_file():
        return converted(entry, installed / SMOLLM2_FILE, context.cache_dir, context.report)
    return checked_folder(entry, installed / MINILM_FOLDER, context.cache_dir)
