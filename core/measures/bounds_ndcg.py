"""Exact bounds of nDCG@k (linear gains, log2 discounts) over all judgments of the unjudged documents of a ranking.

For given grades the gain of a better grade belongs at a better rank for the highest value, at a worse rank for the
lowest, since the ideal ranking does not depend on who has which grade. So the unjudged documents with grade t or more
are the first (or last) m_t of them, m_1 >= m_2 >= ... With n_t judged documents of grade t or more, C(m) the discounts
of the first (last) m unjudged ranks and D(c) the c largest discounts, both up to k:

    DCG = A + sum over t of C(m_t),    ideal DCG = sum over t of D(n_t + m_t).

The extreme ratio is found by Dinkelbach 1967 (Manag. Sci. 13:492): the m_t that optimise DCG - value * ideal, by
dynamic programming over t and m, until the value no longer moves.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from core.measures.significance.values import Floats

_STILL = 1e-12
_ROUNDS = 100


def ndcg_bounds(
    order: Sequence[str], labels: Mapping[str, int], *, cutoff: int | None, max_grade: int
) -> tuple[float, float]:
    """Lowest and highest nDCG at ``cutoff`` (None: all ranks) of distinct ids, best first; grades below 0 count as 0.

    0 where nothing at all is relevant, as in trec_eval. ``max_grade``: highest grade of an unjudged document.
    """
    grades = np.array([max(grade, 0) for grade in labels.values()], dtype=np.int64)
    steps = np.arange(1, max(int(grades.max(initial=0)), max_grade) + 1)
    above = (grades >= steps[:, None]).sum(axis=1)  # n_t
    most = len(order) + len(labels)
    discounts = 1.0 / np.log2(np.arange(most) + 2.0)
    discounts[most if cutoff is None else cutoff :] = 0.0
    unjudged = np.array([document not in labels for document in order], dtype=bool)
    known = sum(max(labels[doc], 0) * discounts[at] for at, doc in enumerate(order) if doc in labels)
    at_ranks = discounts[: len(order)][unjudged]
    ideal = np.concatenate(([0.0], np.cumsum(discounts)))
    rows = np.minimum(above[:max_grade, None] + np.arange(len(at_ranks) + 1), most)
    fixed = float(ideal[above[max_grade:]].sum())
    low = _extreme(float(known), _sums(at_ranks[::-1]), ideal[rows], fixed, sign=-1.0)
    high = _extreme(float(known), _sums(at_ranks), ideal[rows], fixed, sign=1.0)
    return low, high


def _sums(discounts: Floats) -> Floats:
    return np.concatenate(([0.0], np.cumsum(discounts)))


def _extreme(known: float, gained: Floats, ideal: Floats, fixed: float, *, sign: float) -> float:
    """Highest (``sign`` 1) or lowest (-1) of (known + sum gained[m_t]) / (fixed + sum ideal[t, m_t]).

    ``gained``: (U + 1,), C. ``ideal``: (T, U + 1), D(n_t + m) by t; ``fixed``: of the grades above all T.
    """
    nothing = fixed + float(ideal[:, 0].sum())
    if nothing <= 0.0 and sign < 0.0:
        return 0.0
    value = known / nothing if nothing > 0.0 else 0.0
    for _ in range(_ROUNDS):
        numerator, denominator = _best_steps(gained, ideal, value, sign)
        numerator, denominator = numerator + known, denominator + fixed
        if sign * (numerator - value * denominator) <= _STILL:
            break
        value = numerator / denominator
    return value


def _best_steps(gained: Floats, ideal: Floats, value: float, sign: float) -> tuple[float, float]:
    """Sums of ``gained`` and ``ideal`` at the m_1 >= m_2 >= ... that optimise their difference."""
    numerator, denominator = np.zeros(len(gained)), np.zeros(len(gained))
    places = np.arange(len(gained))
    for row in ideal[::-1]:
        numerator, denominator = numerator + gained, denominator + row
        worth = sign * (numerator - value * denominator)
        at = np.maximum.accumulate(np.where(worth >= np.maximum.accumulate(worth), places, 0))
        numerator, denominator = numerator[at], denominator[at]
    return float(numerator[-1]), float(denominator[-1])
