"""Weights of fusion-in-the-decoder checkpoints under the names that T5 has in the library.

The code that trained FiD models (Izacard and Grave 2021, and ListT5, MVP after it) wraps the encoder and each of its
blocks: ``encoder.encoder.block.0.module.layer.0...`` is T5's ``encoder.block.0.layer.0...``. Nothing else differs.
"""

from __future__ import annotations

from pathlib import Path

from safetensors import safe_open

WRAPPED = "encoder.encoder.block."
PLAIN_NAMES = {r"^encoder\.encoder\.block\.(\d+)\.module\.": r"encoder.block.\1.", r"^encoder\.encoder\.": "encoder."}


def plain_names(folder: Path) -> dict[str, str] | None:
    """The renaming that the weights in ``folder`` need, None where they have the library's names."""
    for file in sorted(folder.glob("*.safetensors")):
        with safe_open(file, framework="pt") as weights:
            if any(name.startswith(WRAPPED) for name in weights.keys()):  # noqa: SIM118  (it is no mapping)
                return PLAIN_NAMES
    return None
