"""What an import reads: one shape for every kind of source."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from core.datasets.meter import Meter
from core.domain.collections import Qrels
from core.domain.documents import Document, Query
from core.domain.errors import ImportFormatError


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportLimits:
    """Bounds in characters; a document's title counts."""

    max_document_chars: int = 100_000
    max_query_chars: int = 4_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """Everything a source holds. ``documents`` is a stream that reads the file as it is consumed, once.

    ``candidates``: query id to document ids in first-stage order; ``first_stage`` says in words what made it.
    ``assessments``: query id to assessor to document id to grade, where several are told apart; ``qrels`` then has the
    medians. ``language``: where the source itself says what its documents are in; empty otherwise.
    ``warnings``: what was odd but imported; ``ignored``: columns that mean nothing, complete when the documents are.
    """

    documents: Iterable[Document]
    queries: Sequence[Query]
    qrels: Qrels
    candidates: Mapping[str, Sequence[str]]
    assessments: Mapping[str, Mapping[str, Mapping[str, int]]] = field(default_factory=dict)
    language: str = ""
    first_stage: str = ""
    warnings: tuple[str, ...] = ()
    ignored: set[str] = field(default_factory=set)


class Source(Protocol):
    """A folder or file that can be imported."""

    @property
    def origin(self) -> str:
        """Where it comes from, in words, without a path of this machine."""
        ...

    @property
    def size(self) -> int:
        """Bytes that reading everything takes."""
        ...

    def read(self, limits: ImportLimits, meter: Meter) -> Contents:
        """Queries, judgments and candidates now, documents as a stream; ImportFormatError names the place."""
        ...

    def duplicate_document(self, document_id: str) -> ImportFormatError:
        """The error that names the second line with this id, after the stream has turned out to repeat it."""
        ...
