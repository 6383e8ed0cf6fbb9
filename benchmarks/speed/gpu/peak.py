"""The card's own measure: what its library reaches in one large bf16 product."""

from __future__ import annotations

import statistics
import time

SIZE, TRIES = 8_192, 20


def gemm_peak(device: str, dtype: str, *, size: int = SIZE) -> float:
    """Operations per second of a product of two square matrices, the median of several."""
    import torch

    kind = getattr(torch, dtype)
    first = torch.randn(size, size, device=device).to(kind)
    second = torch.randn(size, size, device=device).to(kind)
    seconds = []
    for _ in range(TRIES):
        wait(device)
        began = time.perf_counter()
        torch.mm(first, second)
        wait(device)
        seconds.append(time.perf_counter() - began)
    return 2 * size**3 / statistics.median(seconds)


def wait(device: str) -> None:
    """Until the device has done what it was asked."""
    import torch

    if device.startswith("cuda"):
        torch.cuda.synchronize()
