"""Attention of a packed pass in one kernel: torch's variable-length flash attention, in half precision on CUDA.

The kernel takes the queries of all segments one behind the other, and for each segment the keys that it may see: its
ancestors' and its own, gathered by one index per pass. It aligns causality and windows to the last query and the last
key of a segment (bottom right), which is what ancestors before own rows need. Its window counts the keys to the left
and right of a token's own, so that of a token that sees those less than W away is W - 1.

Not run on a device here: the tests run it on the CPU with a kernel written from the documentation of
``torch.nn.attention.varlen.varlen_attn`` (2.13). On a device the parity probe compares it at load.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from core.models.packed.copies import placed
from core.models.packed.plan import Plan

MOST_BYTES = 2**30  # of gathered keys, and again of values; beyond it segments attend one by one, without copies
_WIDEST = 256  # head_dim that flash attention takes
_AMPERE = (8, 0)

Kernel = Callable[..., Any]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Layout:
    """``queries`` and ``keys``: (n_segments + 1,) int32, where each segment begins; ``gather``: (n_keys,) the row of
    each key, None where the keys are the rows as they lie; ``most_queries``, ``most_keys``: of one segment."""

    queries: torch.Tensor
    keys: torch.Tensor
    gather: torch.Tensor | None
    most_queries: int
    most_keys: int


def keys_of(plan: Plan) -> int:
    """Keys of all segments, those of ancestors counted for each."""
    return len(plan.ids) + sum(end - start for context in plan.contexts for start, end in context)


def layout_of(plan: Plan, device: torch.device) -> Layout:
    """The same for all layers of a pass."""
    spans = [
        (*context, (segment.start, segment.end)) for segment, context in zip(plan.segments, plan.contexts, strict=True)
    ]
    own = [segment.end - segment.start for segment in plan.segments]
    seen = [sum(end - start for start, end in parts) for parts in spans]
    shared = any(plan.contexts)
    rows = np.concatenate([np.arange(start, end) for parts in spans for start, end in parts]) if shared else None
    return Layout(
        queries=placed(_begins(own), device),
        keys=placed(_begins(seen), device),
        gather=None if rows is None else placed(rows, device),
        most_queries=max(own),
        most_keys=max(seen),
    )


def usable(plan: Plan, query: torch.Tensor, key: torch.Tensor, value: torch.Tensor) -> bool:
    """Whether the kernel takes these states: (1, heads, tokens, head_dim) each."""
    width = query.shape[3]
    if not query.is_cuda or query.dtype not in (torch.float16, torch.bfloat16):
        return False
    if value.shape[3] != width or width % 8 or width > _WIDEST or kernel() is None:
        return False
    if torch.cuda.get_device_capability(query.device) < _AMPERE:
        return False
    return not any(plan.contexts) or keys_of(plan) * key.shape[1] * width * key.element_size() <= MOST_BYTES


def attend(
    layout: Layout,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    *,
    causal: bool,
    window: int | None,
    scaling: float | None,
) -> torch.Tensor:
    """States as in ``attention.attend`` -> (1, tokens, heads, head_dim). Rows that nobody wants are computed as well:
    this is the attention of one layer only, and the kernel has no mask that could leave them out."""
    run = kernel()
    if run is None:
        raise RuntimeError("This torch has no variable-length attention.")
    rows, keys, values = (states[0].transpose(0, 1) for states in (query, key, value))
    if layout.gather is not None:
        keys, values = keys[layout.gather], values[layout.gather]
    near = -1 if window is None else window - 1
    found: torch.Tensor = run(
        rows,
        keys,
        values,
        layout.queries,
        layout.keys,
        layout.most_queries,
        layout.most_keys,
        scale=scaling,
        window_size=(near, 0 if causal else near),
        enable_gqa=query.shape[1] != key.shape[1],
    )
    return found[None]


def kernel() -> Kernel | None:
    """torch's, None where it has none."""
    try:
        from torch.nn.attention.varlen import varlen_attn
    except ImportError:
        return None
    return varlen_attn


def _begins(lengths: list[int]) -> np.ndarray[Any, np.dtype[np.int32]]:
    return np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32)
