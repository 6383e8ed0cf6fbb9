"""Giving up in the middle of a forward pass: before each layer somebody is asked whether to go on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from torch import nn

from core.domain.errors import CancelledError
from core.models.packed.rows import layers_of


class Interruptible:
    """One model whose forward passes can be given up, packed, padded or decoding. One thread only."""

    def __init__(self, model: nn.Module) -> None:
        """Hooks on the layers of ``model``; on the model itself where it has none."""
        self._cancelled: Callable[[], bool] | None = None
        for layer in layers_of(model) or [model]:
            layer.register_forward_pre_hook(self._ask)

    @contextmanager
    def watching(self, cancelled: Callable[[], bool]) -> Iterator[None]:
        """CancelledError out of the forward passes inside, as soon as ``cancelled`` is true before a layer."""
        self._cancelled = cancelled
        try:
            yield
        finally:
            self._cancelled = None

    def _ask(self, _layer: nn.Module, _inputs: Any) -> None:  # noqa: ANN401  (whatever the layer takes)
        if self._cancelled is not None and self._cancelled():
            raise CancelledError("Cancelled.")
