"""Only the needed rows of the last layer: its position-wise projections and its attention run for them alone.

Nothing is rewritten. The linear maps of the last layer that work on each token by itself (all but those that make
keys and values) are given a forward that runs the wanted rows and leaves zeros in the others; a hook then keeps the
wanted rows of the layer's output, so that the final norm and the head see no more. The parity probe shows whether
an architecture allows it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import torch
from torch import nn

from core.models.packed.passes import current

# Keys and values are needed of every token, alone or in one projection with the queries.
_EVERY_ROW = re.compile(
    r"(^|\.)(k_proj|v_proj|key|value|k_lin|v_lin|kv_proj|k|v|c_attn|qkv|Wqkv|qkv_proj|query_key_value|in_proj)$"
)


def layers_of(model: nn.Module) -> nn.ModuleList | None:
    """The stack of layers: the longest list of modules of one class; None where there is none."""
    lists = [m for m in model.modules() if isinstance(m, nn.ModuleList) and len(m) and len({type(x) for x in m}) == 1]
    return max(lists, key=len, default=None)


def select_rows(last: nn.Module) -> None:
    """Let ``last``, the last layer, compute and return only the wanted rows of a packed pass. Once per model."""
    for name, module in last.named_modules():
        if isinstance(module, nn.Linear) and not _EVERY_ROW.search(name):
            setattr(module, "forward", _selecting(module.forward))  # noqa: B010  (of this one module, not of its class)
    last.register_forward_pre_hook(_begin)
    last.register_forward_hook(_end, always_call=True)


def _selecting(forward: Callable[[torch.Tensor], torch.Tensor]) -> Callable[[torch.Tensor], torch.Tensor]:
    def rows_only(states: torch.Tensor) -> torch.Tensor:
        under_way = current()
        if under_way is None or not under_way.selecting or under_way.wanted is None:
            return forward(states)
        found = forward(states[:, under_way.wanted])
        whole = found.new_zeros((*states.shape[:-1], found.shape[-1]))
        whole[:, under_way.wanted] = found
        return whole

    return rows_only


def _begin(_layer: nn.Module, _inputs: Any) -> None:  # noqa: ANN401  (whatever the layer takes)
    under_way = current()
    if under_way is not None:
        under_way.selecting = under_way.wanted is not None


def _end(_layer: nn.Module, _inputs: Any, output: Any) -> Any:  # noqa: ANN401  (a tensor, or a tuple that opens with it)
    under_way = current()
    if under_way is None or not under_way.selecting or under_way.wanted is None:
        return output
    under_way.selecting = False
    if output is None:  # the layer was given up
        return None
    states = output[0] if isinstance(output, tuple) else output
    kept = states[:, under_way.wanted]
    if under_way.as_texts:
        kept = kept.transpose(0, 1)
    return (kept, *output[1:]) if isinstance(output, tuple) else kept
