"""Isotonic regression: a score as the probability of relevance, by the best curve that never falls.

Formula: argmin over non-falling g of Σ (g(s_i) - y_i)², by pooling adjacent violators: equal scores are one block with
its mean; neighbouring blocks that fall are merged until none does. Between two blocks the curve is a straight line,
outside it is flat. Ayer et al. 1955; for calibration: Zadrozny and Elkan 2002, doi:10.1145/775047.775151.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Isotonic:
    """The curve through ``heights`` (n,) at the scores ``places`` (n,), rising."""

    places: Array
    heights: Array

    @property
    def rising(self) -> bool:
        """Whether it is not flat."""
        return bool(self.heights[-1] > self.heights[0])

    def __call__(self, scores: Array) -> Array:
        """Probabilities (n,) of scores (n,)."""
        chances: Array = np.interp(scores, self.places, self.heights)
        return chances


def fit_isotonic(scores: Array, relevant: NDArray[np.bool_]) -> Isotonic:
    """The curve for finite ``scores`` (n,) that are ``relevant`` (n,) or not; n from 1."""
    places, groups, counts = np.unique(scores, return_inverse=True, return_counts=True)
    hits = np.bincount(groups, weights=relevant.astype(np.float64))
    blocks: list[tuple[float, int, int]] = []  # relevant scores, all scores, distinct scores
    for hit, count in zip(hits.tolist(), counts.tolist(), strict=True):
        block = (hit, count, 1)
        while blocks and blocks[-1][0] * block[1] >= block[0] * blocks[-1][1]:  # its mean is not lower
            last = blocks.pop()
            block = (last[0] + block[0], last[1] + block[1], last[2] + block[2])
        blocks.append(block)
    heights = np.concatenate([np.full(width, hit / count) for hit, count, width in blocks])
    return Isotonic(places=places, heights=heights)
