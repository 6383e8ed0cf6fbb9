"""Teacher-forced log-probabilities of a causal language model: log p(token | everything before it).

log p = z_token - logsumexp(z) over the full vocabulary, in fp32. Packed: rows that share leading parts are a trie
(core/models/packed/trie.py), and the last layer and the output layer run only where something is read. Padded: rows
are filled up on the right; a causal model's states never see what follows, so padding needs no mask and changes
nothing.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch

from core.domain.errors import CancelledError
from core.domain.requests import Cut
from core.models.grouping import GroupLimits, group
from core.models.packed.model import PackedModel
from core.models.packed.trie import Chunk, TrieLimits, chunks
from core.models.tokens import Ids, mask_of, pad_right

SLICE_BYTES = 2**23  # of logits that are normalised at a time: they stay in the cache of a core


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Row:
    """``ids`` go through the model; ``wanted`` are (position, token): log p of ``token`` right after ``position``."""

    ids: Ids
    wanted: tuple[tuple[int, int], ...]

    @property
    def positions(self) -> list[int]:
        """Where logits are needed, ascending, each once."""
        return sorted({position for position, _ in self.wanted})


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Forced:
    """One request: its ``rows``, and for each label (or the one continuation) the (row, begin, end) of its values.
    ``tokens``: prompt tokens, and those of a continuation."""

    rows: tuple[Row, ...]
    reads: tuple[tuple[int, int, int], ...]
    tokens: int
    cuts: tuple[Cut, ...]


def cut(rows: Sequence[Row], limits: TrieLimits) -> list[Chunk]:
    """The packed passes that answer ``rows``."""
    return chunks([row.ids for row in rows], [row.positions for row in rows], limits)


def packed_logprobs(
    model: PackedModel, rows: Sequence[Row], limits: TrieLimits, cancelled: Callable[[], bool]
) -> list[list[float]]:
    """For every row the natural logarithms of what it wants, in order. CancelledError between forward passes."""
    found: list[list[float]] = [[] for _ in rows]
    for chunk in cut(rows, limits):
        if cancelled():
            raise CancelledError("Cancelled.")
        logits = model.logits(chunk.plan)
        lines: list[int] = []
        tokens: list[int] = []
        for index, own in zip(chunk.rows, chunk.lines, strict=True):
            line_at = dict(zip(rows[index].positions, own, strict=True))
            lines += [line_at[position] for position, _ in rows[index].wanted]
            tokens += [token for _, token in rows[index].wanted]
        values = iter(_logprobs_at(logits, lines, tokens))
        for index in chunk.rows:
            found[index] = [next(values) for _ in rows[index].wanted]
    return found


def padded_logprobs(
    model: Any,  # noqa: ANN401  (any transformers causal language model)
    rows: Sequence[Row],
    limits: GroupLimits,
    cancelled: Callable[[], bool],
) -> list[list[float]]:
    """As ``packed_logprobs``, for architectures that cannot run packed passes."""
    found: list[list[float]] = [[] for _ in rows]
    for places in group([len(row.ids) for row in rows], limits):
        if cancelled():
            raise CancelledError("Cancelled.")
        chosen = [rows[place] for place in places]
        for place, values in zip(places, _padded(model, chosen), strict=True):
            found[place] = values
    return found


def keeps_logits(model: Any) -> bool:  # noqa: ANN401  (as above)
    """Whether the model computes logits only where it is told to."""
    return "logits_to_keep" in inspect.signature(model.forward).parameters


def _padded(model: Any, rows: Sequence[Row]) -> list[list[float]]:  # noqa: ANN401  (as above)
    positions = sorted({position for row in rows for position, _ in row.wanted})
    device = model.device
    ids = [row.ids.tolist() for row in rows]
    inputs: dict[str, Any] = {"input_ids": pad_right(ids, 0, device), "use_cache": False}
    if len({len(row) for row in ids}) > 1 and device.type != "cpu":
        inputs["attention_mask"] = mask_of(ids, device)  # lets mixture-of-experts layers skip padding
    if keeps_logits(model):
        logits = model(**inputs, logits_to_keep=torch.tensor(positions, device=device)).logits
    else:
        logits = model(**inputs).logits[:, positions]
    places = {position: place for place, position in enumerate(positions)}
    return [
        _logprobs_at(logits[place], [places[at] for at, _ in row.wanted], [token for _, token in row.wanted])
        for place, row in enumerate(rows)
    ]


def _logprobs_at(logits: torch.Tensor, lines: Sequence[int], tokens: Sequence[int]) -> list[float]:
    """log p of ``tokens`` at ``lines`` of ``logits`` (n, vocabulary); at most SLICE_BYTES of fp32 beside them."""
    step = max(1, SLICE_BYTES // (4 * logits.shape[1]))
    normal = torch.cat([part.float().logsumexp(-1) for part in torch.split(logits, step)])
    at = torch.tensor(lines, dtype=torch.long, device=logits.device)
    values: list[float] = (logits[at, torch.tensor(tokens, device=at.device)].float() - normal[at]).tolist()
    return values
