"""Texts and pairs ready for an encoder, as one packed pass or as one padded batch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from core.models.packed.plan import Plan, side_by_side
from core.models.tokens import Row, mask_of, pad_right

# Read by the parity probe in the model's own tokens; any language with words and punctuation would do.
PROBE_TEXT = (
    "The ferry to the islands leaves at nine, and again at noon in summer; bicycles need a ticket of their own. "
    "Who restores a backup should verify its checksum first, because a copy that was cut off looks whole."
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Input:
    """One row of a model: ``ids`` and ``types`` (n_tokens,), special tokens included.

    ``kept`` of the ``total`` tokens of the text that may be shortened are in it.
    """

    ids: Row
    types: Row
    total: int
    kept: int

    def __len__(self) -> int:
        return len(self.ids)


def first_rows(inputs: Sequence[Input]) -> Row:
    """Rows of a packed pass that hold the first token of each input: (n,)."""
    return last_rows(inputs) - np.asarray([len(row) - 1 for row in inputs], dtype=np.int64)


def last_rows(inputs: Sequence[Input]) -> Row:
    """Rows of a packed pass that hold the last token of each input: (n,)."""
    return np.cumsum([len(row) for row in inputs], dtype=np.int64) - 1


def packed(inputs: Sequence[Input], *, types: bool, wanted: Row | None) -> Plan:
    """One pass that holds all inputs; ``types``: whether the model takes token types."""
    return side_by_side(
        [row.ids for row in inputs],
        [row.types for row in inputs] if types else None,
        wanted=wanted,
    )


def padded(inputs: Sequence[Input], *, types: bool, fill: int, device: torch.device) -> dict[str, Any]:
    """Arguments of a forward pass over all inputs, the shorter ones filled on the right with ``fill``."""
    ids = [row.ids for row in inputs]
    made = {"input_ids": pad_right(ids, fill, device), "attention_mask": mask_of(ids, device)}
    if types:
        made["token_type_ids"] = pad_right([row.types for row in inputs], 0, device)
    return made
