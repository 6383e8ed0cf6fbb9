"""Only the first layers of a model: the others are taken off its stack for the time of a pass and cost nothing.

The model's own forward then goes from the last layer that is left to the final norm and the head, which is how the
states in between are read ("logit lens", nostalgebraist 2020; early exit, Schuster et al. 2022, arXiv:2207.07061).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from torch import nn

from core.models.packed.rows import layers_of


def depth_of(model: nn.Module) -> int | None:
    """The number of layers; None where the model has no stack of them."""
    layers = layers_of(model)
    return None if layers is None else len(layers)


@contextmanager
def first_layers(model: nn.Module, count: int | None) -> Iterator[None]:
    """Forward passes inside end after ``count`` layers (from 1); None: after the last, as ever."""
    layers = layers_of(model)
    if count is None or layers is None or count >= len(layers):
        yield
        return
    parent, name = _place_of(model, layers)
    setattr(parent, name, nn.ModuleList(list(layers)[:count]))
    try:
        yield
    finally:
        setattr(parent, name, layers)


def _place_of(model: nn.Module, layers: nn.ModuleList) -> tuple[nn.Module, str]:
    for parent in model.modules():
        for name, child in parent.named_children():
            if child is layers:
                return parent, name
    raise LookupError("The stack of layers is no part of the model.")
