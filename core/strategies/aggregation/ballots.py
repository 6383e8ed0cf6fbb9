"""Rankings as ranks: what all ways of putting rankings together read. Equal scores share their mean rank."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from core.domain.errors import BadAnswerError
from core.domain.requests import RankAnswer

Ranks = NDArray[np.float64]


def checked_order(order: tuple[int, ...], n_docs: int) -> tuple[int, ...]:
    """The order, if it holds each position at most once; BadAnswerError otherwise."""
    if len(set(order)) < len(order) or not all(0 <= position < n_docs for position in order):
        raise BadAnswerError(f"A member ranked positions {order[:5]}... of {n_docs} documents; each may stand once.")
    return order


def ranks_of(answer: RankAnswer, n_docs: int) -> Ranks:
    """Rank of every position (n_docs,), from 1; NaN for documents that the ranking leaves out.

    BadAnswerError where a position stands twice, is none, or where scores are not one per document.
    """
    order = checked_order(answer.order, n_docs)
    ranks = np.full(n_docs, np.nan)
    for rank, position in enumerate(order, start=1):
        ranks[position] = rank
    if answer.scores is None:
        return ranks
    if len(answer.scores) != n_docs:
        raise BadAnswerError(f"A member gave {len(answer.scores)} scores for {n_docs} documents.")
    start = 0
    for end in range(1, len(order) + 1):
        if end == len(order) or answer.scores[order[end]] != answer.scores[order[start]]:
            ranks[list(order[start:end])] = (start + 1 + end) / 2
            start = end
    return ranks


def borda_points(ballots: Sequence[Ranks], n_docs: int) -> Ranks:
    """For every document (n_docs,) how many it stands before, added up over the ballots; a tie counts one half.

    What a ballot leaves out shares the last places of it.
    """
    points = np.zeros(n_docs)
    for ranks in ballots:
        present = ~np.isnan(ranks)
        ranked = int(present.sum())
        points += n_docs - np.where(present, ranks, (ranked + 1 + n_docs) / 2)
    return points


def preferences(ballots: Sequence[Ranks], n_docs: int) -> NDArray[np.float64]:
    """[i, j]: how many ballots rank i before j (n_docs, n_docs). A tie, or a document left out, says nothing."""
    counts = np.zeros((n_docs, n_docs))
    for ranks in ballots:
        counts += ranks[:, None] < ranks[None, :]
    return counts
