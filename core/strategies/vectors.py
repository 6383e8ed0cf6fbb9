"""Cosines in numpy, float32, computed per pair, so that a score never depends on what else is in a batch."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def unit(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Rows (or the one vector) of length 1; rows of zeros stay zeros. Shape (..., dim)."""
    values = np.asarray(vectors, dtype=np.float32)
    lengths = np.linalg.norm(values, axis=-1, keepdims=True)
    return np.asarray(values / np.where(lengths > 0, lengths, 1), dtype=np.float32)


def cosine(left: NDArray[np.float32], right: NDArray[np.float32]) -> float:
    """Cosine of two vectors of shape (dim,)."""
    return float(np.dot(unit(left), unit(right)))


def max_similarity(query: NDArray[np.float32], document: NDArray[np.float32]) -> float:
    """Sum over query tokens of the best cosine with a document token; shapes (n_q, dim) and (n_d, dim).

    A document without tokens gets the least possible sum, -n_q.
    """
    if len(query) == 0 or len(document) == 0:
        return -float(len(query))
    return float(np.sum(np.max(unit(query) @ unit(document).T, axis=1), dtype=np.float64))
