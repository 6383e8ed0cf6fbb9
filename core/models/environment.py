"""Settings of the model libraries that must stand before they are imported: no telemetry, no progress bars."""

from __future__ import annotations

import os
from typing import Any

_DEFAULTS = {
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "DO_NOT_TRACK": "1",
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    "HF_HUB_DISABLE_XET": "1",
    "TQDM_DISABLE": "1",
    "TRANSFORMERS_VERBOSITY": "error",
    "TOKENIZERS_PARALLELISM": "false",
}


def prepare_environment() -> None:
    """Set what the operator has not set; call before the first import of transformers or huggingface_hub."""
    for name, value in _DEFAULTS.items():
        os.environ.setdefault(name, value)


def transformers() -> Any:  # noqa: ANN401  (a module; loading it takes seconds, so nothing does at import)
    """The transformers library, silent."""
    prepare_environment()
    import transformers as library
    from transformers.utils import logging

    logging.disable_progress_bar()  # type: ignore[no-untyped-call]  # transformers leaves it untyped
    return library
