"""Collections: corpus, queries and judgments, immutable and named by fingerprint."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from core.domain.documents import CandidateList, Document, Query

Qrels = Mapping[str, Mapping[str, int]]  # query id -> document id -> grade (0 is judged irrelevant)


@dataclass(frozen=True, slots=True, kw_only=True)
class Collection:
    """A registered collection. ``fingerprint`` covers corpus, queries and judgments."""

    fingerprint: str
    name: str
    path: Path
    origin: str
    documents: int
    queries: int
    judgments: int
    created_at: datetime
    sample: bool = False


class CollectionReader(Protocol):
    """Read access to the immutable file of one collection; safe to share between threads."""

    @property
    def fingerprint(self) -> str: ...

    @property
    def language(self) -> str:
        """ISO 639-1 code of the corpus ("en", "zh"), "code" for source code, "und" where it is not known."""
        ...

    def documents(self, ids: Sequence[str]) -> tuple[Document, ...]:
        """The documents with these ids, in this order; UnknownNameError for one that is absent."""
        ...

    def all_documents(self) -> Iterable[Document]:
        """Every document in corpus order."""
        ...

    def queries(self) -> tuple[Query, ...]:
        """Every query in file order."""
        ...

    def query(self, query_id: str) -> Query:
        """One query; UnknownNameError where absent."""
        ...

    def judgments(self, query_id: str) -> Mapping[str, int]:
        """Document id to grade for one query; empty where nothing was judged."""
        ...

    def qrels(self) -> Qrels:
        """All judgments."""
        ...

    def assessments(self, query_id: str) -> Mapping[str, Mapping[str, int]]:
        """Assessor to document id to grade, where several assessors were told apart; empty otherwise.

        ``judgments`` then has the median grade, the lower of two middle ones.
        """
        ...

    def candidates(self, query_id: str) -> CandidateList | None:
        """The candidate list that came with the collection, where it has one for this query."""
        ...

    def listed(self) -> Mapping[str, int]:
        """Id of every query that has such a list to how many documents are on it."""
        ...

    def search(self, text: str, limit: int) -> tuple[Document, ...]:
        """Full-text search for browsing, best first."""
        ...
