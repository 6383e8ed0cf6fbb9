"""Judged queries of the collection that a list comes from, for strategies that fit something (``Examples``).

The list's own query is never among them, nor is one of the same words: nothing leaks. Queries come in an order drawn
with the seed that is the same for every list of a collection, so that lists share their examples and the answers about
them. Of a query's judged documents as many are drawn as there is room for, whatever their grade, so that examples are
as rich in relevant documents as the judgments; the best others of the collection follow up to the depth. All stand in
the order of the collection's own candidate list or of its full-text search, so that no place gives a grade away.

The collection's fingerprint covers its judgments, and the hash of a candidate list covers that fingerprint: a ranking
that rests on examples is still identified by its system and its list (docs/decisions/003-fingerprints.md).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from core.datasets.collection_file import CollectionFile
from core.domain.documents import CandidateList, Document, Query
from core.domain.errors import ModelUnavailableError, RunoffError, UnknownNameError
from core.domain.requests import Example, Examples, ExamplesAnswer
from core.worker.faults import Fault, fault_of

KEPT = 1024  # examples in memory, the oldest go first
FIRST_STAGE = "example, as the collection orders it"
_WORD = re.compile(r"\w+")


@dataclass(slots=True)
class _Collection:
    """``judged``: whether ``queries`` are those that have judgments; without any they are all there are."""

    file: CollectionFile
    queries: tuple[Query, ...]
    judged: bool
    drawn: dict[int, tuple[Query, ...]] = field(default_factory=dict)  # by seed


class ExampleFinder:
    """Answers ``Examples`` from collection files, each read once; model thread only."""

    def __init__(self, paths: Mapping[str, Path]) -> None:
        """``paths``: fingerprint to file of every collection that is open here; may grow later."""
        self._paths = paths
        self._collections: dict[str, _Collection] = {}
        self._made: dict[tuple[str, str, int, int], Example] = {}

    def find(self, request: Examples) -> ExamplesAnswer | Fault:
        """Up to ``count`` examples; without judgments in the collection their grades are all None.

        None for a list without a collection. A collection that is not open here or cannot be read is a fault.
        """
        fingerprint = request.candidates.collection
        if fingerprint is None:
            return ExamplesAnswer(examples=())
        try:
            collection = self._open(fingerprint)
            others = (query for query in _drawn(collection, request.seed) if not _same(query, request.candidates.query))
            chosen = islice(others, max(0, request.count))
            return ExamplesAnswer(examples=tuple(self._example(fingerprint, query, request) for query in chosen))
        except RunoffError as error:
            return fault_of(error, "looking for examples")

    def _open(self, fingerprint: str) -> _Collection:
        if fingerprint not in self._collections:
            path = self._paths.get(fingerprint)
            if path is None:
                raise ModelUnavailableError(
                    f"Collection {fingerprint[:12]} is not open here, so there are no examples of it."
                )
            file = CollectionFile(path)
            judged = frozenset(file.qrels())
            queries = file.queries()
            chosen = tuple(query for query in queries if query.id in judged) or queries
            self._collections[fingerprint] = _Collection(file=file, queries=chosen, judged=bool(judged))
        return self._collections[fingerprint]

    def _example(self, fingerprint: str, query: Query, request: Examples) -> Example:
        key = (fingerprint, query.id, request.depth, request.seed)
        if key not in self._made:
            if len(self._made) >= KEPT:
                del self._made[next(iter(self._made))]
            self._made[key] = _make(self._collections[fingerprint], query, request)
        return self._made[key]


def _drawn(collection: _Collection, seed: int) -> tuple[Query, ...]:
    """All queries in the order in which this seed takes them."""
    if seed not in collection.drawn:
        collection.drawn[seed] = tuple(sorted(collection.queries, key=lambda query: _lot(seed, query.id)))
    return collection.drawn[seed]


def _same(one: Query, other: Query) -> bool:
    """Whether two queries are one need: by id, or by their words whatever case, blanks and punctuation."""
    return one.id == other.id or _words(one.text) == _words(other.text)


def _words(text: str) -> list[str]:
    """Runs of letters and digits; of a text without any, what stands between its blanks."""
    return _WORD.findall(text.casefold()) or text.split()


def _make(collection: _Collection, query: Query, request: Examples) -> Example:
    grades = collection.file.judgments(query.id) if collection.judged else {}
    lots = sorted(grades, key=lambda id: _lot(request.seed, query.id, id))
    judged = list(islice(_known(collection.file, lots), request.depth))
    found = _found(collection.file, query, request.depth)
    places = {document.id: place for place, document in enumerate(found)}
    others = [document for document in found if document.id not in grades][: request.depth - len(judged)]
    documents = sorted([*judged, *others], key=lambda document: places.get(document.id, len(places)))
    lists = CandidateList(
        query=query,
        documents=tuple(documents),
        collection=request.candidates.collection,
        first_stage=FIRST_STAGE,
    )
    return Example(candidates=lists, grades=tuple(grades.get(document.id) for document in documents))


def _found(file: CollectionFile, query: Query, depth: int) -> tuple[Document, ...]:
    """The collection's own list for the query, else the best by its full-text search."""
    listed = file.candidates(query.id)
    return file.search(query.text, depth) if listed is None else listed.documents


def _known(file: CollectionFile, ids: list[str]) -> Iterator[Document]:
    """Those that the corpus has: judgments may name others."""
    for id in ids:
        try:
            yield from file.documents([id])
        except UnknownNameError:
            continue


def _lot(seed: int, *words: str) -> bytes:
    """What is sorted by to draw; depends on nothing but the arguments."""
    return hashlib.sha256(repr((seed, words)).encode("utf-8", "surrogatepass")).digest()
