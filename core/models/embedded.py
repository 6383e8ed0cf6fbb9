"""What embedding found out of texts, so that each is run once whoever asks for which kind of vector."""

from __future__ import annotations

import sys
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from core.models.bounded import BoundedMemory

POOLED_BYTES = 64_000_000
TOKENS_BYTES = 64_000_000

Vector = NDArray[np.float32]
At = Literal["pooled", "tokens"]


class Embedded:
    """Pooled vectors (dim,) and token vectors (n_tokens, dim) by text, both bounded in bytes; read-only arrays."""

    def __init__(self) -> None:
        self._kept: dict[At, BoundedMemory[str, Vector]] = {
            "pooled": BoundedMemory(POOLED_BYTES),
            "tokens": BoundedMemory(TOKENS_BYTES),
        }

    def get(self, text: str, at: At) -> Vector | None:
        """The vector or vectors of ``text``, None where they are not known."""
        return self._kept[at].get(text)

    def put(self, text: str, at: At, vector: Vector) -> None:
        """Keep ``vector``; nobody may change it from now on."""
        vector.setflags(write=False)
        self._kept[at].put(text, vector, 200 + sys.getsizeof(text) + vector.nbytes)

    def clear(self) -> None:
        """Forget everything."""
        for memory in self._kept.values():
            memory.clear()
