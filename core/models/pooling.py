"""Token states to one vector per text: mean, first ([CLS]), last or maximum over its tokens.

States lie flat, the tokens of one text behind those of the other and nothing between, so no padding is read.
"""

from __future__ import annotations

from collections.abc import Callable

import torch

Pooling = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]


def mean(states: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
    """Mean over tokens, in fp32. states: (n_tokens, dim), lengths: (n,), their sum n_tokens -> (n, dim).

    One index_add takes a quarter of the time of segment_reduce on a CPU, and unlike a product with a matrix of
    weights it keeps an infinite state out of the other texts.
    """
    owner = torch.repeat_interleave(lengths, output_size=len(states))
    sums = torch.zeros((len(lengths), states.shape[1]), device=states.device)
    return sums.index_add_(0, owner, states.float()) / lengths[:, None]


def first(states: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
    """The first token of each."""
    return states[lengths.cumsum(0) - lengths]


def last(states: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
    """The last token of each."""
    return states[lengths.cumsum(0) - 1]


def maximum(states: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
    """Maximum over tokens."""
    found: torch.Tensor = torch.segment_reduce(states.float(), "max", lengths=lengths, axis=0)
    return found


POOLINGS: dict[str, Pooling] = {"mean": mean, "cls": first, "last": last, "max": maximum}
