"""Principal components of a few vectors, and the vectors seen through them."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray


def principal(vectors: ArrayLike, components: int) -> NDArray[np.float64]:
    """The vectors in their first principal components: X_c V_r, (n, r) of (n, dim), r = min(components, n - 1, dim).

    X_c: the vectors less their mean; V_r: its right singular vectors of the r largest singular values. With all
    components the inner products of the centred vectors are preserved. n >= 2.
    """
    centred = np.asarray(vectors, dtype=np.float64)
    centred = centred - centred.mean(axis=0)
    count = max(1, min(components, len(centred) - 1, centred.shape[1]))
    _, _, right = np.linalg.svd(centred, full_matrices=False)
    return np.stack([row @ right[:count].T for row in centred])  # row by row: equal vectors stay equal
