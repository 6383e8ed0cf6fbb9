"""Teacher-forced log-probabilities of a causal language model: log p(token | everything before it).

log p = z_token - logsumexp(z) over the full vocabulary, in fp32. Rows are padded on the right: a causal model's
states never see what follows, so padding needs no mask and changes nothing. Only the positions asked for go
through the output layer (``logits_to_keep``), so memory does not grow with the length of the prompt.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch

from core.domain.errors import CancelledError
from core.models.grouping import GroupLimits, group
from core.models.tokens import mask_of, pad_right


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """``ids`` go through the model; ``wanted`` are (position, token): log p of ``token`` right after ``position``."""

    ids: tuple[int, ...]
    wanted: tuple[tuple[int, int], ...]


def logprobs(
    model: Any,  # noqa: ANN401  (any transformers causal language model)
    rows: Sequence[Row],
    limits: GroupLimits,
    cancelled: Callable[[], bool],
) -> list[list[float]]:
    """For every row the natural logarithms of what it wants, in order. CancelledError between forward passes."""
    found: list[list[float]] = [[] for _ in rows]
    for places in group([len(row.ids) for row in rows], limits):
        if cancelled():
            raise CancelledError("Cancelled.")
        chosen = [rows[place] for place in places]
        for place, values in zip(places, _forward(model, chosen), strict=True):
            found[place] = values
    return found


def keeps_logits(model: Any) -> bool:  # noqa: ANN401
    """Whether the model computes logits only where it is told to."""
    return "logits_to_keep" in inspect.signature(model.forward).parameters


def _forward(model: Any, rows: Sequence[Row]) -> list[list[float]]:  # noqa: ANN401
    positions = sorted({position for row in rows for position, _ in row.wanted})
    device = model.device
    ids = [row.ids for row in rows]
    inputs: dict[str, Any] = {"input_ids": pad_right(ids, 0, device), "use_cache": False}
    if len({len(row) for row in ids}) > 1 and device.type != "cpu":
        inputs["attention_mask"] = mask_of(ids, device)  # lets mixture-of-experts layers skip padding
    if keeps_logits(model):
        logits = model(**inputs, logits_to_keep=torch.tensor(positions, device=device)).logits
    else:
        logits = model(**inputs).logits[:, positions]
    places = {position: place for place, position in enumerate(positions)}
    return [_pick(logits[place], row, places) for place, row in enumerate(rows)]


def _pick(logits: torch.Tensor, row: Row, places: dict[int, int]) -> list[float]:
    own = sorted({position for position, _ in row.wanted})
    local = {position: place for place, position in enumerate(own)}
    normal = logits[[places[position] for position in own]].float().log_softmax(-1)
    lines = [local[position] for position, _ in row.wanted]
    tokens = [token for _, token in row.wanted]
    values: list[float] = normal[lines, tokens].tolist()
    return values
