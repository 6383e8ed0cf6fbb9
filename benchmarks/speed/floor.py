"""The floor of an encoder on this machine: its matrix products alone, on the same rows, by the same library.

For a batch of T tokens in n segments: per layer Q, K, V, output and the two of the feed-forward net over T rows, and
per segment of length L two products per head (L x d x L, L x L x d). The last layer needs keys and values of all rows
and the rest for one row per segment. No bias, norm, activation, softmax, embedding or head is counted.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """Of a BERT-like encoder."""

    layers: int
    width: int
    heads: int
    inner: int


def floor(shape: Shape, batches: Sequence[Sequence[int]]) -> Callable[[], None]:
    """What to time. ``batches``: lengths of the segments, batch by batch. Operands are made ahead."""
    import torch
    from torch.nn.functional import linear

    generator = torch.Generator().manual_seed(1)

    def made(*size: int) -> torch.Tensor:
        return torch.randn(*size, generator=generator)

    square, up, down = made(shape.width, shape.width), made(shape.inner, shape.width), made(shape.width, shape.inner)
    most = max(sum(batch) for batch in batches)
    rows, inner = made(most, shape.width), made(most, shape.inner)
    size = shape.width // shape.heads
    lengths = {length for batch in batches for length in batch}
    queries = {length: made(shape.heads, length, size) for length in {*lengths, 1}}
    keys = {length: made(shape.heads, size, length) for length in lengths}
    chances = {length: made(shape.heads, length, length) for length in lengths}
    single = {length: made(shape.heads, 1, length) for length in lengths}

    def dense(tokens: int) -> None:
        for _ in range(2):
            linear(rows[:tokens], square)  # queries, output
        linear(rows[:tokens], up)
        linear(inner[:tokens], down)

    def run() -> None:
        with torch.inference_mode():
            for batch in batches:
                tokens = sum(batch)
                for layer in range(shape.layers):
                    last = layer == shape.layers - 1
                    for _ in range(2):
                        linear(rows[:tokens], square)  # keys, values
                    dense(len(batch) if last else tokens)
                    for length in batch:
                        torch.bmm(queries[1 if last else length], keys[length])
                        torch.bmm(single[length] if last else chances[length], queries[length])

    return run
