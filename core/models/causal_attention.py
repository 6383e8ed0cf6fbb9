"""AttentionMass in packed passes: prompts that begin alike, such as one list of documents before two queries, are read
together, and their documents once."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import torch
from numpy.typing import NDArray

from core.domain.errors import BadAnswerError
from core.domain.requests import AttentionMass
from core.models.attended import Attended
from core.models.packed.masses import Reader, Watch
from core.models.packed.model import PackedModel
from core.models.packed.trie import Chunk, TrieLimits, chunks

LayerRange = tuple[int, int]  # from 0, the end not included
_SHARP = 9  # decimals of a share of layers: 0.55 of 20 layers are 11, and not 11.000000000000002


def layers_of(request: AttentionMass, depth: int) -> LayerRange:
    """The layers that count, of ``depth``: from the one in which ``first_layer`` falls to the one in which
    ``last_layer`` ends, at least one. BadAnswerError where the shares are not 0 <= first <= last <= 1."""
    first, last = request.first_layer, request.last_layer
    if not 0 <= first <= last <= 1:
        raise BadAnswerError(
            f"Attention was asked for from {first} to {last} of the layers; allowed: 0 <= from <= to <= 1."
        )
    begin = min(depth - 1, math.floor(round(first * depth, _SHARP)))
    return begin, max(begin + 1, math.ceil(round(last * depth, _SHARP)))


def passes_of(works: Sequence[Attended], layers: Sequence[LayerRange], limits: TrieLimits) -> list[Chunk]:
    """The passes that read ``works``, those that end after the same layer together; ``rows`` are indices of ``works``.

    No output is made, and what is read twice costs most, so a pass may be longer than others by what two prompts have
    after their documents.
    """
    found: list[Chunk] = []
    for depth in sorted({end for _, end in layers}):
        places = [place for place, (_, end) in enumerate(layers) if end == depth]
        own = [works[place].ids for place in places]
        longest = max(len(ids) for ids in own) + 2 * max(len(works[place].readers) for place in places)
        wide = replace(limits, tokens=max(limits.tokens, longest), outputs=limits.tokens + longest)
        for chunk in chunks(own, [works[place].readers for place in places], wide):
            found.append(replace(chunk, rows=tuple(places[row] for row in chunk.rows)))
    return found


def document_masses(
    model: PackedModel, chunk: Chunk, works: Sequence[Attended], layers: Sequence[LayerRange]
) -> list[NDArray[np.float32]]:
    """(n_tokens,) of all documents of each text of one pass. ``works`` and ``layers``: aligned with ``chunk.rows``."""
    device = model.model.device
    wanted = chunk.plan.wanted
    if wanted is None:
        raise ValueError("The pass does not say which of its rows read.")
    readers = [
        Reader(
            rows=torch.from_numpy(wanted[list(lines)]).to(device),
            places=torch.tensor(list(work.readers), device=device),
            path=path,
            first_layer=begin,
            masses=torch.zeros(len(work.ids), device=device),
        )
        for work, lines, path, (begin, _) in zip(works, chunk.lines, chunk.paths, layers, strict=True)
    ]
    model.watch(replace(chunk.plan, wanted=None), Watch(readers), layers[0][1])
    found = []
    for work, reader in zip(works, readers, strict=True):
        masses = reader.masses.cpu().numpy()
        if not np.isfinite(masses).all():
            raise BadAnswerError("the model's attention is not finite")
        found.append(np.concatenate([np.zeros(0, np.float32), *(masses[begin:end] for begin, end in work.spans)]))
    return found
