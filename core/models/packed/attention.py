"""The attention of packed passes, registered with transformers under ``NAME``.

Without a plan it is transformers' own scaled-dot-product attention, so a model that uses it runs padded batches and
generates as ever. Under ``passes.packing`` every segment attends to itself and to its ancestors, and to nothing else.
Honoured: causal or not, grouped key-value heads, sliding windows (a token sees those less than ``sliding_window``
away, on both sides where the model is not causal), soft-capped scores. Anything else that changes attention is
refused, so that the parity probe finds out instead of a user.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch.nn.functional import scaled_dot_product_attention

from core.domain.errors import EngineError
from core.models.environment import transformers
from core.models.packed import varlen
from core.models.packed.passes import Pass, current

NAME = "runoff_packed"
# Passed by models and without meaning here: positions are in the states already, nothing is cached or returned.
_HARMLESS = {
    "position_ids", "cache_position", "use_cache", "output_attentions", "output_hidden_states", "return_dict",
    "position_embeddings", "is_causal", "num_items_in_batch", "logits_to_keep", "token_type_ids", "layer_idx",
}  # fmt: skip


class UnsupportedAttentionError(EngineError):
    """The model asks of attention what packed passes do not know."""


def register() -> None:
    """Make ``NAME`` known to transformers; again is harmless."""
    library = transformers()
    library.AttentionInterface.register(NAME, attend)
    library.AttentionMaskInterface.register(NAME, _mask)


def attend(
    module: torch.nn.Module,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attention_mask: torch.Tensor | None,
    **options: Any,  # noqa: ANN401  (each architecture passes its own)
) -> tuple[torch.Tensor, None]:
    """query: (batch, heads, tokens, head_dim), key and value: (batch, key-value heads, tokens, head_dim)
    -> (batch, tokens, heads, head_dim). Under a plan batch is 1."""
    under_way = current()
    if under_way is None:
        return _plain(module, query, key, value, attention_mask, **options)
    scaling, window = options.pop("scaling", None), options.pop("sliding_window", None)
    softcap = options.pop("softcap", None)
    causal = options.pop("is_causal", None)
    causal = bool(getattr(module, "is_causal", False)) if causal is None else bool(causal)
    _refuse_unknown(attention_mask, options)
    _refuse_shape(under_way, query, key, causal=causal)
    if softcap is None and varlen.usable(under_way.plan, query, key, value):
        laid = under_way.layout(query.device)
        return varlen.attend(laid, query, key, value, causal=causal, window=window, scaling=scaling), None
    groups = query.shape[1] // key.shape[1]
    if groups > 1:
        key, value = key.repeat_interleave(groups, dim=1), value.repeat_interleave(groups, dim=1)
    # (1, tokens, heads, dim): what transformers wants back, and each segment's rows lie together.
    shape = (1, query.shape[2], query.shape[1], value.shape[3])
    output = query.new_zeros(shape) if under_way.selecting else query.new_empty(shape)
    for place, (segment, context) in enumerate(zip(under_way.plan.segments, under_way.plan.contexts, strict=True)):
        own = slice(segment.start, segment.end)
        rows = _rows(under_way, place, own)
        if rows is None:
            continue
        keys, values = _with_context(key, context, own), _with_context(value, context, own)
        whole, columns = own.stop - own.start, keys.shape[2]
        near = window is None or columns <= window
        flag = causal and isinstance(rows, slice) and whole == columns and near and softcap is None
        mask = None if flag else _mask_of(under_way, whole, columns, causal=causal, window=window, like=query)
        if mask is not None and not isinstance(rows, slice):
            mask = mask[rows - own.start]
        asked = query[:, :, rows]
        if softcap is None:
            found = scaled_dot_product_attention(asked, keys, values, attn_mask=mask, scale=scaling, is_causal=flag)
        else:
            found = _capped(asked, keys, values, mask, scaling, softcap)
        output[:, rows] = found.transpose(1, 2)
    return output, None


def _capped(
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    mask: torch.Tensor | None,
    scaling: float | None,
    softcap: float,
) -> torch.Tensor:
    """softmax(c tanh(q k / c) + mask) v (Gemma 2); the softmax in fp32."""
    scores = query @ key.transpose(2, 3) * (query.shape[-1] ** -0.5 if scaling is None else scaling)
    scores = softcap * torch.tanh(scores / softcap)
    if mask is not None:
        scores = scores + mask
    return scores.softmax(-1, dtype=torch.float32).to(value.dtype) @ value


def _rows(under_way: Pass, place: int, own: slice) -> slice | torch.Tensor | None:
    """The rows of a segment whose attention is needed; None where none is."""
    needs = under_way.plan.needs
    if not under_way.selecting or needs is None or under_way.wanted is None:
        return own
    begin, end = needs[place]
    return under_way.wanted[begin:end] if end > begin else None


def _with_context(states: torch.Tensor, context: Sequence[tuple[int, int]], own: slice) -> torch.Tensor:
    """Keys or values of the ancestors and of the segment; a view where they lie together."""
    if not context:
        return states[:, :, own]
    if len(context) == 1 and context[0][1] == own.start:
        return states[:, :, context[0][0] : own.stop]
    return torch.cat([states[:, :, start:end] for start, end in context] + [states[:, :, own]], dim=2)


def _mask_of(
    under_way: Pass, rows: int, columns: int, *, causal: bool, window: int | None, like: torch.Tensor
) -> torch.Tensor | None:
    """(rows, columns) of 0 and -inf, the last row and column being the same token; None where every row sees all.
    One for all layers of the pass."""
    near = window is None or columns <= window
    if near and (not causal or rows == 1):
        return None
    key = (rows, columns, causal, None if near else window)
    if key not in under_way.masks:
        place = torch.arange(columns, device=like.device)
        distance = place[columns - rows :, None] - place[None, :]
        hidden = distance < 0 if causal else torch.zeros_like(distance, dtype=torch.bool)
        if window is not None and not near:
            hidden |= distance.abs() >= window
        empty = torch.zeros((rows, columns), dtype=like.dtype, device=like.device)
        under_way.masks[key] = empty.masked_fill_(hidden, float("-inf"))
    return under_way.masks[key]


def _refuse_shape(under_way: Pass, query: torch.Tensor, key: torch.Tensor, *, causal: bool) -> None:
    tokens = len(under_way.plan.ids)
    if query.shape[0] != 1 or query.shape[2] != tokens or key.shape[2] != tokens:
        raise UnsupportedAttentionError(f"{tuple(query.shape)} states came for {tokens} packed tokens.")
    if not causal and any(under_way.plan.contexts):
        raise UnsupportedAttentionError("A model that reads in both directions cannot share leading parts.")


def _refuse_unknown(attention_mask: torch.Tensor | None, options: dict[str, Any]) -> None:
    if attention_mask is not None:
        raise UnsupportedAttentionError("The model made an attention mask of its own.")
    unknown = sorted(name for name, value in options.items() if _means(name, value))
    if unknown:
        raise UnsupportedAttentionError(f"The model's attention wants {', '.join(unknown)}.")


def _means(name: str, value: object) -> bool:
    if name == "dropout":
        return bool(value)
    return name not in _HARMLESS and value is not None and value is not False


def _plain(*states: Any, **options: Any) -> tuple[torch.Tensor, None]:  # noqa: ANN401  (as transformers passes them)
    return transformers().AttentionInterface()["sdpa"](*states, **options)  # type: ignore[no-any-return]  # untyped


def _mask(*sizes: Any, **options: Any) -> torch.Tensor | None:  # noqa: ANN401  (as transformers passes them)
    """No mask under a plan, else that of scaled-dot-product attention."""
    if current() is not None:
        return None
    found: torch.Tensor | None = transformers().AttentionMaskInterface()["sdpa"](*sizes, **options)
    return found
