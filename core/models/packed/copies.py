"""Arrays to the device that computes on them."""

from __future__ import annotations

from typing import Any

import torch
from numpy.typing import NDArray


def placed(values: NDArray[Any], device: torch.device) -> torch.Tensor:
    """``values`` on ``device``. To a GPU they go through pinned memory, so that nobody waits for the copy and the CPU
    can prepare the next pass meanwhile; torch keeps the pinned memory until the copy is done."""
    found = torch.from_numpy(values)
    if device.type != "cuda":
        return found.to(device)
    return found.pin_memory().to(device, non_blocking=True)
