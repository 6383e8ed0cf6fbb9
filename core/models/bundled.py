"""The bundled models: weights checked against their pinned digest, GGUF converted once to safetensors.

transformers dequantises a GGUF file each time it loads it (12 s for 135M parameters on a CPU core, against
0.3 s from safetensors), so the result is kept in the model cache. ``python -m core.models.bundled`` prepares
both models ahead of time.
"""

from __future__ import annotations

import logging
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

from filelock import FileLock

from core.catalog.builtin import BUILTIN, MINILM_FOLDER, SMOLLM2_FILE
from core.catalog.digests import DigestCache
from core.catalog.places import bundled_folder, converted_folder, missing_file, source_parts
from core.domain.errors import ModelUnavailableError, RunoffError
from core.domain.models import ModelEntry
from core.models.environment import transformers
from core.settings import load_settings

log = logging.getLogger(__name__)


def prepare_bundled(cache_dir: Path, report: Callable[[str], None]) -> None:
    """Check and convert every installed bundled model; ``report`` hears what is going on.

    ModelUnavailableError where a package is missing or its weights are not those that were pinned.
    """
    for entry in BUILTIN:
        scheme, package = source_parts(entry)
        if scheme != "bundled":
            continue
        installed = bundled_folder(package)
        if installed is None:
            raise ModelUnavailableError(f"Package {package} is not installed; install core/models/bundled.txt.")
        if (installed / SMOLLM2_FILE).is_file():
            converted(entry, installed / SMOLLM2_FILE, cache_dir, report)
        else:
            checked_folder(entry, installed / MINILM_FOLDER, cache_dir)
        report(f"{entry.id}: ready")


def checked_folder(entry: ModelEntry, folder: Path, cache_dir: Path) -> Path:
    """``folder`` once its weights have the pinned digest."""
    _check(entry, folder / "model.safetensors", cache_dir)
    return folder


def converted(entry: ModelEntry, file: Path, cache_dir: Path, report: Callable[[str], None]) -> Path:
    """The safetensors folder made from a GGUF file: built aside, renamed into place, by one process at a time."""
    target = converted_folder(cache_dir, entry.id, entry.revision)
    if not missing_file(target):
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(f"{target}.lock"):
        if not missing_file(target):  # another process made it while this one waited
            return target
        _check(entry, file, cache_dir)
        report(f"{entry.id}: converting to safetensors (once, about 15 s)")
        aside = target.with_name(f"{target.name}.{os.getpid()}")
        try:
            _convert(file, aside)
            shutil.rmtree(target, ignore_errors=True)
            aside.rename(target)
        finally:
            shutil.rmtree(aside, ignore_errors=True)
    return target


def _check(entry: ModelEntry, file: Path, cache_dir: Path) -> None:
    if not file.is_file():
        raise ModelUnavailableError(f"{file.name} is missing from the installed package; install it again")
    found = DigestCache(cache_dir / "digests.json").file(file)
    if found != entry.revision:
        raise ModelUnavailableError(
            f"{file.name} has SHA-256 {found[:12]}..., pinned is {entry.revision[:12]}...; install the package again"
        )


def _convert(file: Path, folder: Path) -> None:
    import torch

    library = transformers()
    where, name = str(file.parent), file.name
    tokenizer = library.AutoTokenizer.from_pretrained(where, gguf_file=name, local_files_only=True)
    model = library.AutoModelForCausalLM.from_pretrained(
        where, gguf_file=name, dtype=torch.float32, local_files_only=True
    )
    # The weights are plain fp32 now; save_pretrained refuses a model that still says it is quantised.
    model.hf_quantizer = None
    model.is_quantized = False
    del model.config.quantization_config
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)


def main() -> int:
    """Prepare the bundled models in the configured cache; 1 with the cause on stderr if that fails."""
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    try:
        prepare_bundled(load_settings().cache_dir, log.info)
    except RunoffError as error:
        log.error("%s", error)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
