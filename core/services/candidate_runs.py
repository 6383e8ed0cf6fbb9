"""Candidate lists from a run that was made elsewhere, checked against the collection."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path

from core.datasets.trec import read_run
from core.domain.canonical import digest
from core.domain.collections import CollectionReader
from core.domain.documents import CandidateList, Document
from core.domain.errors import ImportFormatError, InvalidInputError, UnknownNameError
from core.domain.first_stages import FirstStage, Retriever
from core.domain.ports import CollectionStore

GivenRun = Mapping[str, Sequence[tuple[str, float]]]  # query id -> documents with scores, best first
KEEP_TOGETHER = 50


class ForeignRunError(InvalidInputError):
    """A run names a query, or a document for a query, that the collection does not have."""

    def __init__(self, message: str, query: str, document: str | None = None) -> None:
        super().__init__(message)
        self.query, self.document = query, document


def keep_run(
    store: CollectionStore, reader: CollectionReader, collection: str, name: str, run: GivenRun, depth: int
) -> FirstStage:
    """Store the first ``depth`` documents of every query as a set; the same run again is the same set.

    ``collection``: how the collection is called, for messages. Where another run has the name, eight digits of this
    run's digest are added to it. ForeignRunError, InvalidInputError; nothing is stored then.
    """
    clean = " ".join(name.split())
    if not clean:
        raise InvalidInputError("Give the run a name.")
    cut = {query: list(hits[:depth]) for query, hits in run.items() if hits}
    if not cut:
        raise InvalidInputError(f"Run {clean!r} holds no ranking.")
    for query, hits in cut.items():
        _check(clean, query, hits)
    known = {query.id for query in reader.queries()}
    for query in cut:
        if query not in known:
            raise ForeignRunError(f"Run {clean!r}: query {query!r} is not in {collection!r}.", query)
    hashes = {query: made.hash for query, made in _lists(reader, collection, clean, cut, depth)}
    stage = _free_stage(store, reader.fingerprint, clean, hashes, depth)
    if store.candidate_set(reader.fingerprint, stage.set_name) != hashes:
        waiting: list[CandidateList] = []
        for _, made in _lists(reader, collection, stage.source, cut, depth):
            waiting.append(made)
            if len(waiting) == KEEP_TOGETHER:
                store.save_candidates(waiting, set_name=stage.set_name)
                waiting = []
        store.save_candidates(waiting, set_name=stage.set_name)
    return stage


def read_given_run(path: Path) -> GivenRun:
    """The run in a TREC file; ImportFormatError with the line."""
    return {query: [(hit.document, hit.score) for hit in hits] for query, hits in read_run(path).items()}


def placed(error: ForeignRunError, path: Path) -> ImportFormatError:
    """``error`` with the line of the file that is meant."""
    with path.open(encoding="utf-8") as file:
        for number, line in enumerate(file, start=1):
            cells = line.lstrip("\ufeff").split()
            if len(cells) == 6 and cells[0] == error.query and error.document in (None, cells[2]):
                return ImportFormatError(path.name, str(error), line=number)
    return ImportFormatError(path.name, str(error))


def _check(name: str, query: str, hits: Sequence[tuple[str, float]]) -> None:
    if len({document for document, _ in hits}) < len(hits):
        raise InvalidInputError(f"Run {name!r}: query {query!r} has a document twice.")
    if not all(math.isfinite(score) for _, score in hits):
        raise InvalidInputError(f"Run {name!r}: query {query!r} has a score that is not finite.")
    if any(later[1] > earlier[1] for earlier, later in pairwise(hits)):
        raise InvalidInputError(f"Run {name!r}: the scores of query {query!r} rise. Give the documents best first.")


def _lists(
    reader: CollectionReader,
    collection: str,
    name: str,
    run: Mapping[str, Sequence[tuple[str, float]]],
    depth: int,
) -> Iterator[tuple[str, CandidateList]]:
    """One at a time, in the order of the collection's queries, so that a long run is never held with its documents."""
    stage = FirstStage(retriever=Retriever.RUN, depth=depth, source=name)
    for query in reader.queries():
        if query.id not in run:
            continue
        hits = run[query.id]
        yield (
            query.id,
            CandidateList(
                query=query,
                documents=_documents(reader, collection, name, query.id, [document for document, _ in hits]),
                collection=reader.fingerprint,
                first_stage=stage.set_name,
                first_stage_scores=tuple(float(score) for _, score in hits),
            ),
        )


def _documents(
    reader: CollectionReader, collection: str, name: str, query: str, ids: list[str]
) -> tuple[Document, ...]:
    try:
        return reader.documents(ids)
    except UnknownNameError as error:
        stray = next(id for id in ids if not _has(reader, id))
        message = f"Run {name!r}: document {stray!r} of query {query!r} is not in {collection!r}."
        raise ForeignRunError(message, query, stray) from error


def _has(reader: CollectionReader, document_id: str) -> bool:
    try:
        return bool(reader.documents([document_id]))
    except UnknownNameError:
        return False


def _free_stage(
    store: CollectionStore, fingerprint: str, name: str, hashes: Mapping[str, str], depth: int
) -> FirstStage:
    plain = FirstStage(retriever=Retriever.RUN, depth=depth, source=name)
    if store.candidate_set(fingerprint, plain.set_name) in ({}, dict(hashes)):
        return plain
    return FirstStage(retriever=Retriever.RUN, depth=depth, source=f"{name}-{digest(sorted(hashes.items()))[:8]}")
