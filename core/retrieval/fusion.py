"""Reciprocal rank fusion: s(d) = sum over lists of 1 / (k + rank(d)), ranks from 1; Cormack et al. 2009 (SIGIR)."""

from __future__ import annotations

import math
from collections.abc import Sequence

K = 60


def reciprocal_ranks(lists: Sequence[Sequence[str]], depth: int, k: int = K) -> list[tuple[str, float]]:
    """The best ``depth`` document ids of all ``lists`` (ids, best first) with their scores; ties by document id.

    A list without the document adds nothing.
    """
    shares: dict[str, list[float]] = {}
    for ids in lists:
        for rank, id in enumerate(ids, start=1):
            shares.setdefault(id, []).append(1 / (k + rank))
    scores = {id: math.fsum(share) for id, share in shares.items()}  # fsum: the same whatever the order of the lists
    return sorted(scores.items(), key=lambda item: (-item[1], item[0]))[:depth]
