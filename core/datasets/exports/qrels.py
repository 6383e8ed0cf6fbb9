"""Relevance judgments as TREC qrels: ``query 0 document grade`` per line, parted by blanks.

Queries and documents in the order of the mapping; trec_eval reads them in any order.
"""

from __future__ import annotations

from collections.abc import Iterator

from core.datasets.trec import check_word
from core.domain.collections import Qrels


def qrels_lines(qrels: Qrels) -> Iterator[str]:
    """The lines, without breaks. InvalidInputError for an id that is empty or holds blanks."""
    for query, grades in qrels.items():
        check_word("query id", query)
        for document, grade in grades.items():
            check_word("document id", document)
            yield f"{query} 0 {document} {grade}"
