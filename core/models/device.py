"""Device, precision and memory of local models."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

import torch

from core.domain.errors import InvalidInputError
from core.domain.models import ModelEntry
from core.models.base import LoadContext, OutOfMemoryError

_PRECISIONS = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}
_CPU_ALLOCATOR = "DefaultCPUAllocator"  # how torch words it: there is no exception class for the CPU


def device_for(context: LoadContext) -> torch.device:
    """ "auto" is CUDA where there is one, else the CPU. Sets the number of threads where the context has one."""
    if context.threads and torch.get_num_threads() != context.threads:
        torch.set_num_threads(context.threads)
    if context.device == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(context.device)
    except RuntimeError as error:
        raise InvalidInputError(f"Unknown device {context.device!r}. Allowed: auto, cpu, cuda, cuda:0 ...") from error
    if device.type == "cuda" and not torch.cuda.is_available():
        raise InvalidInputError(f"Device {context.device!r} was asked for, but torch sees no CUDA device.")
    return device


def dtype_of(entry: ModelEntry) -> torch.dtype:
    """The precision of the weights that the entry states; logits are always fp32."""
    if entry.precision not in _PRECISIONS:
        raise InvalidInputError(f"{entry.id}: precision {entry.precision!r} is unknown. Allowed: fp32, bf16, fp16.")
    return _PRECISIONS[entry.precision]


def memory_of(model: torch.nn.Module) -> int:
    """Bytes of parameters and buffers, shared tensors once."""
    tensors = {tensor.data_ptr(): tensor for tensor in [*model.parameters(), *model.buffers()]}
    return sum(tensor.numel() * tensor.element_size() for tensor in tensors.values())


@contextmanager
def memory_guard(what: str) -> Iterator[None]:
    """Turn every way in which torch runs out of memory into OutOfMemoryError."""
    try:
        yield
    except (torch.cuda.OutOfMemoryError, MemoryError) as error:
        raise OutOfMemoryError(f"{what}: out of memory.") from error
    except RuntimeError as error:
        if _CPU_ALLOCATOR not in str(error):
            raise
        raise OutOfMemoryError(f"{what}: out of memory.") from error


def synchronize(device: torch.device) -> None:
    """Wait for the GPU; a CPU has done its work when a call returns."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)


def free(device: torch.device) -> None:
    """Give back what a model that was let go of held. Layers refer to themselves (core/models/packed/rows.py), so they
    are not gone before garbage is collected; then cached blocks are handed back to the GPU."""
    gc.collect()
    if device.type == "cuda":
        torch.cuda.empty_cache()
