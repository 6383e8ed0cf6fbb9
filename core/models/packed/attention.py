"""The attention of packed passes, registered with transformers under ``NAME``.

Without a plan it is transformers' own scaled-dot-product attention, so a model that uses it runs padded batches and
generates as ever. Under ``passes.packing`` every segment attends to itself and to its ancestors, and to nothing else.
Honoured: causal or not, grouped key-value heads, sliding windows (a token sees those less than ``sliding_window``
away, on both sides where the model is not causal), soft-capped scores. Anything else that changes attention is
refused, so that the parity probe finds out instead of a user.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch.nn.functional import scaled_dot_product_attention

from core.domain.errors import EngineError
from core.models.environment import transformers
from core.models.packed import varlen
from core.models.packed.passes import Pass, current

NAME = "runoff_packed"
_ROWS = 256  # of a long segment that are run together where a mask or scores are written out
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
    if under_way.watch is not None:
        under_way.watch.see(query, key, scaling=scaling, window=window, softcap=softcap)
    if softcap is None and varlen.usable(under_way.plan, query, key, value):
        laid = under_way.layout(query.device)
        return varlen.attend(laid, query, key, value, causal=causal, window=window, scaling=scaling), None
    groups = query.shape[1] // key.shape[1]
    if groups > 1:
        key, value = key.repeat_interleave(groups, dim=1), value.repeat_interleave(groups, dim=1)
    return _by_segment(under_way, (query, key, value), _Rules(causal, window, scaling, softcap)), None


@dataclass(frozen=True, slots=True)
class _Rules:
    """What one layer's attention does with its scores."""

    causal: bool
    window: int | None
    scaling: float | None
    softcap: float | None


def _by_segment(
    under_way: Pass, states: tuple[torch.Tensor, torch.Tensor, torch.Tensor], rules: _Rules
) -> torch.Tensor:
    """Queries, keys and values (1, heads, tokens, head_dim) -> (1, tokens, heads, head_dim): what transformers wants
    back, and each segment's rows lie together."""
    query, key, value = states
    shape = (1, query.shape[2], query.shape[1], value.shape[3])
    output = query.new_zeros(shape) if under_way.selecting else query.new_empty(shape)
    for place, (segment, context) in enumerate(zip(under_way.plan.segments, under_way.plan.contexts, strict=True)):
        own = slice(segment.start, segment.end)
        rows = _rows(under_way, place, own)
        if rows is None:
            continue
        keys, values = _with_context(key, context, own), _with_context(value, context, own)
        if not isinstance(rows, slice):
            mask = _mask_of(under_way, own.stop - own.start, keys.shape[2], rules, query)
            mask = mask if mask is None else mask[rows - own.start]
            output[:, rows] = _weighed(query[:, :, rows], keys, values, mask, rules)
            continue
        for part, seen in _blocks(own, keys.shape[2], rules):
            asked = query[:, :, part], keys[:, :, seen], values[:, :, seen]
            output[:, part] = _whole_rows(under_way, *asked, rules, keep=part == own or rules.window is not None)
    return output


def _blocks(own: slice, columns: int, rules: _Rules) -> Iterator[tuple[slice, slice]]:
    """Rows of a segment that are run together, and the columns that they may see. A long segment whose mask or whose
    scores have to be written out is run in parts, so that they grow with its length and not with its square."""
    whole = own.stop - own.start
    plain = rules.softcap is None and whole == columns and (rules.window is None or columns <= rules.window)
    if plain or not rules.causal or whole <= _ROWS:
        yield own, slice(0, columns)
        return
    before = columns - whole
    for begin in range(0, whole, _ROWS):
        end = min(begin + _ROWS, whole)
        first = 0 if rules.window is None else max(0, before + begin - rules.window + 1)
        yield slice(own.start + begin, own.start + end), slice(first, before + end)


def _whole_rows(
    under_way: Pass, query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, rules: _Rules, *, keep: bool
) -> torch.Tensor:
    """Attention of rows the last of which is the last key: (1, n_rows, heads, head_dim)."""
    rows, columns = query.shape[2], key.shape[2]
    if rules.causal and rows == columns and rules.softcap is None and (rules.window is None or columns <= rules.window):
        found = scaled_dot_product_attention(query, key, value, scale=rules.scaling, is_causal=True)
        return found.transpose(1, 2)
    return _weighed(query, key, value, _mask_of(under_way, rows, columns, rules, query, keep=keep), rules)


def _weighed(
    query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, mask: torch.Tensor | None, rules: _Rules
) -> torch.Tensor:
    if rules.softcap is None:
        found = scaled_dot_product_attention(query, key, value, attn_mask=mask, scale=rules.scaling)
    else:
        found = _capped(query, key, value, mask, rules.scaling, rules.softcap)
    return found.transpose(1, 2)


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
    under_way: Pass, rows: int, columns: int, rules: _Rules, like: torch.Tensor, *, keep: bool = True
) -> torch.Tensor | None:
    """(rows, columns) of 0 and -inf, the last row and column being the same token; None where every row sees all.
    ``keep``: one for all layers of the pass."""
    causal, window = rules.causal, rules.window
    near = window is None or columns <= window
    if near and (not causal or rows == 1):
        return None
    key = (rows, columns, causal, None if near else window)
    found = under_way.masks.get(key)
    if found is None:
        place = torch.arange(columns, device=like.device)
        distance = place[columns - rows :, None] - place[None, :]
        hidden = distance < 0 if causal else torch.zeros_like(distance, dtype=torch.bool)
        if window is not None and not near:
            hidden |= distance.abs() >= window
        empty = torch.zeros((rows, columns), dtype=like.dtype, device=like.device)
        found = empty.masked_fill_(hidden, float("-inf"))
        if keep:
            under_way.masks[key] = found
    return found


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
