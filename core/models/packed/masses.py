"""The attention that some tokens pay to every token before them, summed over heads and layers of a packed pass.

For each layer the rows of these tokens alone are computed, softmax(s q k + mask) with s, soft cap and window as the
model states them, from its own queries and keys after their rotation; their sums are added up and the rows are
dropped. So memory grows with the length of the text and never with its square.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import torch

_BLOCK_BYTES = 2**24  # of scores in fp32 that are computed at a time


@dataclass(slots=True, eq=False)
class Reader:
    """One text of a pass. ``rows``: (n_rows,) rows of the pass that read; ``places``: (n_rows,) their positions in the
    text; ``path``: where the tokens of the text lie in the pass, as (start, end) in order; ``first_layer``: from 0,
    layers before it are not counted; ``masses``: (n_tokens,) float32, sums over heads and counted layers of the mean
    over rows."""

    rows: torch.Tensor
    places: torch.Tensor
    path: tuple[tuple[int, int], ...]
    first_layer: int
    masses: torch.Tensor


@dataclass(slots=True, eq=False)
class Watch:
    """All readers of a pass; ``layer``: the one under way, from 0."""

    readers: Sequence[Reader]
    layer: int = field(default=0)

    def see(
        self,
        query: torch.Tensor,
        key: torch.Tensor,
        *,
        scaling: float | None,
        window: int | None,
        softcap: float | None,
    ) -> None:
        """Add what one layer pays. query: (1, heads, tokens, head_dim), key: (1, key-value heads, tokens, head_dim)."""
        scaling = query.shape[-1] ** -0.5 if scaling is None else scaling
        for reader in self.readers:
            if self.layer >= reader.first_layer:
                _add(reader, query[0], key[0], scaling=scaling, window=window, softcap=softcap)
        self.layer += 1


def _add(
    reader: Reader, query: torch.Tensor, key: torch.Tensor, *, scaling: float, window: int | None, softcap: float | None
) -> None:
    parts = [key[:, start:end] for start, end in reader.path]
    keys = parts[0] if len(parts) == 1 else torch.cat(parts, dim=1)  # (key-value heads, n_tokens, head_dim)
    groups, columns = query.shape[0] // keys.shape[0], keys.shape[1]
    place = torch.arange(columns, device=key.device)
    step = max(1, _BLOCK_BYTES // (4 * groups * columns))
    for rows, places in zip(torch.split(reader.rows, step), torch.split(reader.places, step), strict=True):
        distance = places[:, None] - place[None, :]
        hidden = distance < 0 if window is None else (distance < 0) | (distance >= window)
        for own, heads in zip(keys, query[:, rows].chunk(len(keys)), strict=True):  # (groups, n_rows, head_dim)
            scores = (heads @ own.T * scaling).float()
            if softcap is not None:
                scores = softcap * torch.tanh(scores / softcap)
            scores = scores.masked_fill_(hidden, float("-inf")).softmax(-1)
            reader.masses += scores.sum((0, 1)) / len(reader.rows)
