"""The packed forward pass under way on this thread: what attention and the last layer need to know of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

import torch

from core.models.packed.copies import placed
from core.models.packed.masses import Watch
from core.models.packed.plan import Plan
from core.models.packed.varlen import Layout, layout_of

MaskKey = tuple[int, int, bool, int | None]


@dataclass(slots=True, eq=False)
class Pass:
    """``wanted``: rows whose last states are needed, (n_wanted,), or None for all; ``selecting``: the last layer is
    under way and only those rows are computed; ``as_texts``: it returns each row as a text of one token, for heads
    that read the first token of each text; ``watch``: who wants to know what is paid attention to; ``masks`` and
    ``layout``: made once for all layers."""

    plan: Plan
    wanted: torch.Tensor | None
    selecting: bool = False
    as_texts: bool = False
    watch: Watch | None = None
    masks: dict[MaskKey, torch.Tensor] = field(default_factory=dict)
    _layout: Layout | None = None

    def layout(self, device: torch.device) -> Layout:
        """Where segments and their keys lie, for the variable-length kernel."""
        if self._layout is None:
            self._layout = layout_of(self.plan, device)
        return self._layout


_current: ContextVar[Pass | None] = ContextVar("packed_pass", default=None)


def current() -> Pass | None:
    """The pass under way, or None where the model runs as ever."""
    return _current.get()


@contextmanager
def packing(plan: Plan, device: torch.device, *, selects: bool) -> Iterator[Pass]:
    """Run forward passes of this thread under ``plan``; ``selects``: its last layer may leave out rows."""
    wanted = None if plan.wanted is None or not selects else placed(plan.wanted, device)
    begun = Pass(plan, wanted)
    token = _current.set(begun)
    try:
        yield begun
    finally:
        _current.reset(token)
