"""The best documents by score, ties by document id."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.retrieval.names import Names


class Chooser:
    """``ids``: document ids by row."""

    def __init__(self, ids: Names) -> None:
        self._ids = ids
        self._ranks = ids.ranks()

    def best(self, rows: NDArray[np.intp], scores: NDArray[np.float32], depth: int) -> list[tuple[str, float]]:
        """Ids and scores of the best ``depth`` of ``rows``, best first. ``scores``: (n_rows,), aligned with them."""
        if len(rows) > depth:
            threshold = np.partition(scores, len(rows) - depth)[len(rows) - depth]
            kept = scores >= threshold
            rows, scores = rows[kept], scores[kept]
        places = np.lexsort((self._ranks[rows], -scores))[:depth]
        return [(self._ids[int(rows[place])], float(scores[place])) for place in places]
