"""Marks on documents, gathered: weak relevance labels, by people who looked at lists and not at pools."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from core.domain.voting import Vote


@dataclass(frozen=True, slots=True, kw_only=True)
class WeakLabel:
    """How many voters found a document useful for a query and how many did not."""

    query_id: str
    document: str
    useful: int
    not_useful: int


def weak_labels(votes: Iterable[Vote]) -> tuple[WeakLabel, ...]:
    """By query and document, sorted. A voter's last word on a document is the one that counts.

    ``votes``: in the order of casting; those that boards do not count are left out, controls are not: a document is
    as useful in a control.
    """
    last = {
        (vote.query_id, mark.document, vote.voter): mark.useful for vote in votes if vote.counted for mark in vote.marks
    }
    counts = Counter((query, document, useful) for (query, document, _), useful in last.items())
    return tuple(
        WeakLabel(
            query_id=query,
            document=document,
            useful=counts[query, document, True],
            not_useful=counts[query, document, False],
        )
        for query, document in sorted({key[:2] for key in counts})
    )
