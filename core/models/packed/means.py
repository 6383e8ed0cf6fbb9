"""Heads that read the mean of a text's last states (ModernBERT with ``classifier_pooling = "mean"``)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import nn

from core.models.packed.plan import Plan
from core.models.pooling import mean


def reads_means(model: Any) -> bool:  # noqa: ANN401  (any transformers model)
    """Whether the head of ``model`` takes the mean over tokens."""
    return getattr(model.config, "classifier_pooling", None) == "mean"


@contextmanager
def as_means(base: nn.Module, plan: Plan) -> Iterator[None]:
    """The states that ``base`` gives are texts of one token each, the mean of the tokens of a segment of ``plan``."""
    lengths = torch.tensor([segment.end - segment.start for segment in plan.segments])

    def pooled(_base: nn.Module, _inputs: Any, output: Any) -> Any:  # noqa: ANN401  (transformers' output)
        states = output.last_hidden_state
        output["last_hidden_state"] = mean(states[0], lengths.to(states.device)).to(states.dtype)[:, None]
        return output

    hook = base.register_forward_hook(pooled)
    try:
        yield
    finally:
        hook.remove()
