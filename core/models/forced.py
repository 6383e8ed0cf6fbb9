"""Teacher-forced log-probabilities of a causal language model: log p(token | everything before it).

log p = z_token - logsumexp(z) over the full vocabulary, in fp32; a raw row wants z_token itself. A row that leaves the
model after layer L wants these of z = head(norm(h_L)); layers behind it are not run.

Packed: rows that share leading parts are a trie (core/models/packed/trie.py), and the last layer and the output layer
run only where something is read. Padded: rows are filled up on the right; a causal model's states never see what
follows, so padding needs no mask and changes nothing.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch

from core.domain.errors import CancelledError
from core.domain.requests import Cut
from core.models.grouping import GroupLimits, group
from core.models.packed.depth import first_layers
from core.models.packed.model import PackedModel
from core.models.packed.trie import Chunk, TrieLimits, chunks
from core.models.tokens import Ids, mask_of, pad_right

SLICE_BYTES = 2**23  # of logits that are normalised at a time: they stay in the cache of a core

_Want = tuple[int, int, bool]  # line of the logits, token, whether the logit itself is wanted


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Row:
    """``ids`` go through the model; ``wanted`` are (position, token): log p of ``token`` right after ``position``.
    ``raw``: its logit instead; ``exit_layer``: by the states after this layer, from 1 (None: the last)."""

    ids: Ids
    wanted: tuple[tuple[int, int], ...]
    raw: bool = False
    exit_layer: int | None = None

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
    """The packed passes that answer ``rows``; all rows of a pass leave the model after the same layer."""
    found: list[Chunk] = []
    for places in by_exit(rows):
        own = [rows[place] for place in places]
        for chunk in chunks([row.ids for row in own], [row.positions for row in own], limits):
            found.append(replace(chunk, rows=tuple(places[row] for row in chunk.rows)))
    return found


def by_exit(rows: Sequence[Row]) -> list[list[int]]:
    """Positions of rows that leave the model after the same layer."""
    found: dict[int | None, list[int]] = {}
    for place, row in enumerate(rows):
        found.setdefault(row.exit_layer, []).append(place)
    return list(found.values())


def packed_logprobs(
    model: PackedModel, rows: Sequence[Row], limits: TrieLimits, cancelled: Callable[[], bool]
) -> list[list[float]]:
    """For every row the natural logarithms of what it wants, in order. CancelledError between forward passes."""
    found: list[list[float]] = [[] for _ in rows]
    for chunk in cut(rows, limits):
        if cancelled():
            raise CancelledError("Cancelled.")
        logits = model.logits(chunk.plan, exit_layer=rows[chunk.rows[0]].exit_layer)
        wants: list[_Want] = []
        for index, own in zip(chunk.rows, chunk.lines, strict=True):
            line_at = dict(zip(rows[index].positions, own, strict=True))
            wants += [(line_at[position], token, rows[index].raw) for position, token in rows[index].wanted]
        values = iter(_values_at(logits, wants))
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
    for alike in by_exit(rows):
        for places in group([len(rows[place].ids) for place in alike], limits):
            if cancelled():
                raise CancelledError("Cancelled.")
            chosen = [rows[alike[place]] for place in places]
            with first_layers(model.base_model, chosen[0].exit_layer):
                values = _padded(model, chosen)
            for place, own in zip(places, values, strict=True):
                found[alike[place]] = own
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
        _values_at(logits[place], [(places[at], token, row.raw) for at, token in row.wanted])
        for place, row in enumerate(rows)
    ]


def _values_at(logits: torch.Tensor, wants: Sequence[_Want]) -> list[float]:
    """Log p or logit of tokens at lines of ``logits`` (n, vocabulary); at most SLICE_BYTES of fp32 beside them."""
    lines, tokens, raw = (torch.tensor(column, device=logits.device) for column in zip(*wants, strict=True))
    values = logits[lines, tokens].float()
    if not raw.all():
        step = max(1, SLICE_BYTES // (4 * logits.shape[1]))
        normal = torch.cat([part.float().logsumexp(-1) for part in torch.split(logits, step)])
        values = torch.where(raw, values, values - normal[lines])
    found: list[float] = values.tolist()
    return found
