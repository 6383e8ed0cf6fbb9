"""What all encoders share: the model on its device, its execution, and the cutting of inputs into forward passes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import torch

from core.models.execution import Execution
from core.models.grouping import CPU_ENCODING, CPU_PASS_TOKENS, GPU_ENCODING, GPU_PASS_TOKENS, cut, fill, group
from core.models.packed.interrupt import Interruptible

CPU_BATCH_TOKENS = 16_384
GPU_BATCH_TOKENS = 524_288
LOT = 64  # inputs tokenised at a time while a GPU works: a quarter of a pass of ordinary passages


class EncoderModel:
    """One encoder. A subclass proves ``execution`` and runs the passes."""

    execution: Execution

    def __init__(self, model: Any, device: torch.device, *, types: bool) -> None:  # noqa: ANN401  (any transformers model)
        """``types``: whether the model takes token types."""
        self.model, self.device, self.types = model, device, types
        self.on_gpu = device.type == "cuda"
        self.limits = GPU_ENCODING if self.on_gpu else CPU_ENCODING
        self.pass_tokens = GPU_PASS_TOKENS if self.on_gpu else CPU_PASS_TOKENS
        self.batch_tokens = GPU_BATCH_TOKENS if self.on_gpu else CPU_BATCH_TOKENS
        self.interruptible = Interruptible(model)

    def close(self) -> None:
        """Let go of the weights."""
        self.model, self.execution = None, Execution(packed=None, name=self.execution.name)

    def passes(self, count: int, lengths: Callable[[Sequence[int]], Sequence[int]]) -> Iterator[list[int]]:
        """Positions 0 to ``count`` - 1 in passes. ``lengths``: tokens of the inputs at some positions.

        A GPU is given packed passes in the order of the inputs, so that those of the next pass can be tokenised while
        it runs the one before; the CPU, and padding, wants the longest first.
        """
        if self.execution.packed is None:
            yield from group(lengths(range(count)), self.limits)
        elif self.on_gpu:
            lots = (range(begin, min(begin + LOT, count)) for begin in range(0, count, LOT))
            yield from fill((length for lot in lots for length in lengths(lot)), self.pass_tokens)
        else:
            yield from cut(lengths(range(count)), self.pass_tokens)
