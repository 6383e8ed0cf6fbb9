"""Token vectors to one vector per text: mean, first ([CLS]), last or maximum over the tokens that are not padding."""

from __future__ import annotations

from collections.abc import Callable

import torch

Pooling = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]


def mean(hidden: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """Mean over tokens. hidden: (n, tokens, dim), mask: (n, tokens) -> (n, dim)."""
    weights = mask.unsqueeze(-1).to(hidden.dtype)
    return (hidden * weights).sum(1) / weights.sum(1).clamp(min=1e-9)


def first(hidden: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:  # noqa: ARG001  (same shape as the others)
    """The first token; rows are padded on the right."""
    return hidden[:, 0]


def last(hidden: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """The last token that is not padding."""
    return hidden[torch.arange(len(hidden), device=hidden.device), mask.sum(1) - 1]


def maximum(hidden: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """Maximum over tokens."""
    return hidden.masked_fill(mask.unsqueeze(-1) == 0, float("-inf")).amax(1)


POOLINGS: dict[str, Pooling] = {"mean": mean, "cls": first, "last": last, "max": maximum}
