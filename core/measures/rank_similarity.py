"""How alike two orders are: Kendall's tau-b, rank-biased overlap, overlap of the first k.

tau-b = (C - D) / sqrt((n0 - n1)(n0 - n2)), C and D concordant and discordant pairs, n0 all pairs, n1 and n2
pairs tied in one order; Kendall 1945. RBO: Webber, Moffat, Zobel 2010 (TOIS 28:4), equation 32, extrapolated.
By hand: scipy.stats costs the web process 78 MB (measured), and the rbo package needs numpy 1.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from core.domain.errors import InvalidInputError


def kendall_tau(first: Sequence[str], second: Sequence[str]) -> float:
    """Tau of two orders of the same ids, -1 to 1. InvalidInputError: other ids, or fewer than two."""
    places = _places(second)
    if set(_places(first)) != set(places):
        raise InvalidInputError("Kendall's tau needs two orders of the same documents.")
    return kendall_tau_b(np.arange(len(first)), np.array([places[item] for item in first]))


def kendall_tau_b(x: NDArray[np.generic], y: NDArray[np.generic]) -> float:
    """Tau-b of two score vectors (n,), ties allowed. InvalidInputError where one is constant or n < 2: undefined."""
    if x.shape != y.shape or x.ndim != 1 or len(x) < 2:
        raise InvalidInputError("Kendall's tau needs two vectors of one length, at least two values.")
    upper = np.triu_indices(len(x), k=1)
    signs = [np.sign(np.subtract.outer(v.astype(np.float64), v.astype(np.float64))[upper]) for v in (x, y)]
    untied = [np.count_nonzero(s) for s in signs]
    if not all(untied):
        raise InvalidInputError("Kendall's tau is undefined where all values are tied.")
    return float(np.sum(signs[0] * signs[1]) / np.sqrt(float(untied[0]) * float(untied[1])))


def rank_biased_overlap(first: Sequence[str], second: Sequence[str], p: float = 0.9) -> float:
    """Extrapolated RBO, 0 (nothing shared) to 1 (same order); lists may differ in length and members.

    ``p`` in (0, 1): weight of depth; at 0.9 the first ten ranks carry 86 %. InvalidInputError: an empty list, bad p.
    """
    if not 0.0 < p < 1.0:
        raise InvalidInputError(f"p must lie between 0 and 1, not {p}.")
    shorter, longer = sorted((list(_places(first)), list(_places(second))), key=len)
    if not shorter:
        raise InvalidInputError("Rank-biased overlap needs two lists that are not empty.")
    s, n = len(shorter), len(longer)
    shared = _shared_counts(shorter, longer)
    weighted = sum(shared[d - 1] / d * p**d for d in range(1, n + 1))
    beyond = sum(shared[s - 1] * (d - s) / (s * d) * p**d for d in range(s + 1, n + 1))
    rest = ((shared[n - 1] - shared[s - 1]) / n + shared[s - 1] / s) * p**n
    return (1 - p) / p * (weighted + beyond) + rest


def overlap(first: Sequence[str], second: Sequence[str], k: int) -> float:
    """Share of the first k ids that both have, 0 to 1; of the shorter list where one has fewer than k."""
    depth = min(k, len(first), len(second))
    if depth < 1:
        raise InvalidInputError("Overlap needs k of at least 1 and two lists that are not empty.")
    return len(set(first[:depth]) & set(second[:depth])) / depth


def _places(order: Sequence[str]) -> dict[str, int]:
    places = {item: place for place, item in enumerate(order)}
    if len(places) != len(order):
        raise InvalidInputError("An order names a document twice.")
    return places


def _shared_counts(shorter: Sequence[str], longer: Sequence[str]) -> list[int]:
    """How many ids the first d of both share, for d = 1 ... len(longer)."""
    seen: set[str] = set()
    counts: list[int] = []
    shared = 0
    for depth, item in enumerate(longer):
        for other in (item, *shorter[depth : depth + 1]):
            shared += other in seen
            seen.add(other)
        counts.append(shared)
    return counts
