"""Prompts of one decoding batch read in packed passes: shared leading parts once, no padding.

A packed pass leaves the keys and values of its tokens in a cache; each prompt's are picked out along its path
through the trie and laid right-aligned into the cache of the batch, as a left-padded pass would have left them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from core.models.environment import transformers
from core.models.packed.model import PackedModel
from core.models.packed.trie import Chunk, TrieLimits, chunks
from core.models.tokens import Ids


class PackedPrefill:
    """Called with prompts (each at least one token), gives next-token logits (n, vocabulary) and a left-padded cache
    (n, heads, longest, head_dim) a layer, whose padding holds values that must be masked."""

    def __init__(self, model: PackedModel, limits: TrieLimits) -> None:
        self._model, self._limits = model, limits

    def __call__(self, prompts: Sequence[Ids]) -> tuple[torch.Tensor, Any]:
        """CancelledError as the model's layers raise it."""
        longest = max(len(prompt) for prompt in prompts)
        logits: list[torch.Tensor] = []
        layers: list[list[tuple[torch.Tensor, torch.Tensor]]] = []
        order: list[int] = []
        for chunk in chunks(prompts, [[len(prompt) - 1] for prompt in prompts], self._limits):
            found = transformers().DynamicCache()
            values = self._model.logits(chunk.plan, found)
            logits.append(values[[line for (line,) in chunk.lines]])
            layers.append(_laid_out(found, chunk, longest))
            order += chunk.rows
        back = torch.tensor(np.argsort(order), device=logits[0].device)
        cache = transformers().DynamicCache()
        for place, parts in enumerate(zip(*layers, strict=True)):
            keys, values = (torch.cat(states)[back] for states in zip(*parts, strict=True))
            cache.update(keys, values, place)
        return torch.cat(logits)[back], cache


def _laid_out(found: Any, chunk: Chunk, longest: int) -> list[tuple[torch.Tensor, torch.Tensor]]:  # noqa: ANN401  (a cache of transformers)
    """Keys and values (n_rows, heads, longest, head_dim) of each layer of a cache."""
    where = np.zeros((len(chunk.rows), longest), dtype=np.int64)
    for place, path in enumerate(chunk.paths):
        own = np.concatenate([np.arange(start, end) for start, end in path])
        where[place, longest - len(own) :] = own
    at = torch.from_numpy(where).to(found.layers[0].keys.device)
    return [(layer.keys[0][:, at].transpose(0, 1), layer.values[0][:, at].transpose(0, 1)) for layer in found.layers]
