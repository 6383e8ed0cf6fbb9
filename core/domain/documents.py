"""Documents, queries and the frozen candidate list that every system ranks."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from core.domain.canonical import digest


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One passage of a corpus. ``title`` may be empty."""

    id: str
    text: str
    title: str = ""

    @property
    def content(self) -> str:
        """What a model reads: the title, a line break, the text; the title once if the text repeats it."""
        if not self.title or self.text.startswith(self.title):
            return self.text
        return f"{self.title}\n{self.text}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """One information need. ``category`` may be empty."""

    id: str
    text: str
    category: str = ""


@dataclass(frozen=True, kw_only=True)
class CandidateList:
    """The documents to be ordered for one query, in first-stage order.

    ``collection`` is the fingerprint of the collection they come from, or None for pasted text.
    ``first_stage`` says in words what made the order ("bm25 top 100", "as pasted");
    ``first_stage_scores``: (n_docs,) in the same order, or None.
    """

    query: Query
    documents: tuple[Document, ...]
    collection: str | None = None
    first_stage: str = ""
    first_stage_scores: tuple[float, ...] | None = None

    @cached_property
    def hash(self) -> str:
        """Digest of everything a system can see: collection, query text, documents in order."""
        documents = [[d.id, d.title, d.text] for d in self.documents]
        return digest([self.collection, self.query.text, documents])

    @property
    def ids(self) -> tuple[str, ...]:
        """Document ids in first-stage order."""
        return tuple(document.id for document in self.documents)
