"""Proof at load that packed passes answer as plain ones do: a few texts, one of them longer than any window."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import ArrayLike

from core.domain.errors import RunoffError

log = logging.getLogger(__name__)

LENGTHS = (5, 17, 40, 64)
TOLERANCE = {"fp32": 1e-4, "bf16": 6e-2, "fp16": 6e-3}  # of the largest value; what one rounding of a state moves
_PAST_WINDOW = 9
CPU_PROBE_TOKENS = 1_200  # a longer text would take a large model minutes of a CPU


def probe_rows(sample: Sequence[int], config: Any, longest: int) -> list[list[int]]:  # noqa: ANN401  (as _windows)
    """Four rows of tokens out of ``sample`` (repeated), the last longer than any sliding window that ``longest`` allows
    to matter."""
    windows = [value for value in _windows(config) if value + _PAST_WINDOW <= longest]
    lengths = [*LENGTHS[:-1], max([LENGTHS[-1], *(value + _PAST_WINDOW for value in windows)])]
    endless = list(sample) * (1 + (max(lengths) + len(lengths)) // max(1, len(sample)))
    return [endless[place : place + min(length, longest)] for place, length in enumerate(lengths)]


def unproven(tokens: int, device: torch.device) -> str:
    """Why nothing can be proven with a text of ``tokens``, "" where it can."""
    if device.type == "cpu" and tokens > CPU_PROBE_TOKENS:
        return f"a text of {tokens} tokens, longer than its window, takes too long to try on a CPU"
    return ""


def refusal(plain: Callable[[], ArrayLike], packed: Callable[[], ArrayLike], precision: str) -> str:
    """Why the packed path must not be used, "" where its values are those of the plain path."""
    try:
        expected, found = np.asarray(plain(), dtype=np.float64), np.asarray(packed(), dtype=np.float64)
    except (RunoffError, RuntimeError, ValueError, TypeError, IndexError, KeyError, AttributeError) as error:
        log.info("The packed path cannot be used.", exc_info=error)
        return f"packing failed: {error}"
    if expected.shape != found.shape:
        return f"packing gave {found.shape} values instead of {expected.shape}"
    difference = float(np.abs(expected - found).max(initial=0.0))
    allowed = TOLERANCE[precision] * max(1.0, float(np.abs(expected).max(initial=0.0)))
    if not difference <= allowed:
        return f"packed values differ by {difference:.1e}"
    return ""


def _windows(config: Any) -> list[int]:  # noqa: ANN401  (any transformers config)
    text = config.get_text_config()
    stated = [getattr(text, name, None) for name in ("sliding_window", "local_attention", "attention_window")]
    return [value for value in stated if isinstance(value, int) and value > 0]
