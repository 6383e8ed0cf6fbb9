"""The CUR approximation of a matrix of scores from some of its columns, in numpy."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray


def cur_scores(query: ArrayLike, anchors: ArrayLike, items: ArrayLike, rcond: float) -> NDArray[np.float64]:
    """Scores of one query with all items out of its scores with a few of them: c · pinv(A[:, I]) · A.

    ``query`` (k_i,): its scores with the anchor items I; ``anchors`` (k_q, n_items): those of the anchor queries with
    all items; ``items`` (k_i,): positions of I. Singular values below ``rcond`` times the largest count as zero. Exact
    where the scores of anchor queries and query have rank r, and A[:, I] has rank r too. float64 (n_items,).
    """
    rows = np.asarray(anchors, dtype=np.float64)
    places = np.asarray(items, dtype=np.int64)
    inverse = np.linalg.pinv(rows[:, places], rcond=rcond)
    return np.asarray(np.asarray(query, dtype=np.float64) @ inverse @ rows, dtype=np.float64)
