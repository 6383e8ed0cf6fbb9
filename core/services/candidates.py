"""Frozen candidate lists: made once, kept by hash, the same for every system."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Sequence

from core.domain.collections import Collection
from core.domain.documents import CandidateList, Document, Query
from core.domain.errors import EngineError, InvalidInputError
from core.domain.ports import CollectionStore, Engine
from core.domain.work import Ended, Event, Priority, Retrieved, RetrieveWork
from core.services.collections import CollectionService
from core.settings import Limits

DEFAULT_DEPTH = 20
WRITTEN = "written"


class CandidateService:
    """Makes, keeps and finds candidate lists."""

    def __init__(self, store: CollectionStore, collections: CollectionService, engine: Engine, limits: Limits) -> None:
        self._store = store
        self._collections = collections
        self._engine = engine
        self._limits = limits

    def load(self, hash: str) -> CandidateList:
        """The stored list with its documents; UnknownNameError where absent."""
        record = self._store.candidates_record(hash)
        if record.inline is not None or record.collection is None:
            if record.inline is None:
                raise EngineError(f"The stored candidate list {hash[:12]} has lost its documents.")
            return record.inline
        reader = self._collections.reader(record.collection)
        return CandidateList(
            query=Query(id=record.query_id, text=record.query_text, category=record.category),
            documents=reader.documents(record.document_ids),
            collection=record.collection,
            first_stage=record.first_stage,
            first_stage_scores=record.scores,
        )

    def pasted(self, query: str, documents: Sequence[Document]) -> CandidateList:
        """A list from pasted or uploaded text, kept with its documents."""
        self._check_query(query)
        self._check_documents(documents)
        made = CandidateList(
            query=Query(id="", text=query.strip()), documents=tuple(documents), first_stage="as pasted"
        )
        self._store.save_candidates([made])
        return made

    def for_query(self, collection: str, query_id: str, depth: int = DEFAULT_DEPTH) -> CandidateList:
        """The list of one query of a collection: the one that came with it, else BM25 top ``depth``."""
        found = self._collections.get(collection)
        reader = self._collections.reader(collection)
        written = reader.candidates(query_id)
        if written is not None:
            self._store.save_candidates([written], set_name=WRITTEN)
            return written
        known = self._store.candidate_set(found.fingerprint, _bm25_set(depth))
        if query_id in known:
            return self.load(known[query_id])
        return self.retrieve(found, [reader.query(query_id)], depth)[0]

    def for_text(self, collection: str, query: str, depth: int = DEFAULT_DEPTH) -> CandidateList:
        """BM25 candidates of a collection for a query that a person typed."""
        self._check_query(query)
        found = self._collections.get(collection)
        made = self.retrieve(found, [Query(id="", text=query.strip())], depth)[0]
        if len(made.documents) < 2:
            raise InvalidInputError(
                f"BM25 finds {len(made.documents)} passages of {found.name!r} for this query; at least two are needed. "
                "Use other words."
            )
        return made

    def for_collection(self, collection: str, depth: int = DEFAULT_DEPTH, *, written: bool = True) -> dict[str, str]:
        """Query id to list hash for every query of the collection, in query order; made where missing.

        ``written``: lists that came with the collection are taken before BM25's.
        """
        found = self._collections.get(collection)
        reader = self._collections.reader(collection)
        queries = reader.queries()
        given = [made for query in queries if (made := reader.candidates(query.id)) is not None] if written else []
        if given:
            known = self._store.candidate_set(found.fingerprint, WRITTEN)
            if len(known) < len(given):
                self._store.save_candidates(given, set_name=WRITTEN)
                known = {made.query.id: made.hash for made in given}
            return {query.id: known[query.id] for query in queries if query.id in known}
        known = self._store.candidate_set(found.fingerprint, _bm25_set(depth))
        missing = [query for query in queries if query.id not in known]
        if missing:
            known |= {made.query.id: made.hash for made in self.retrieve(found, missing, depth)}
        return {query.id: known[query.id] for query in queries if query.id in known}

    def known(self, collection: str) -> dict[str, str]:
        """Query id to list hash of the lists that boards and battles use, without making any: those that came with
        the collection, else BM25's at the default depth, else the largest set there is."""
        found = self._collections.get(collection)
        for set_name in (WRITTEN, _bm25_set(DEFAULT_DEPTH), *self._store.candidate_sets(found.fingerprint)):
            if known := self._store.candidate_set(found.fingerprint, set_name):
                return known
        return {}

    def retrieve(self, collection: Collection, queries: Sequence[Query], depth: int) -> tuple[CandidateList, ...]:
        """First stage by the engine, kept; lists come back in the order of the queries."""
        if not 1 <= depth <= self._limits.max_candidates:
            raise InvalidInputError(f"Depth must be 1 to {self._limits.max_candidates}, not {depth}.")
        found: list[CandidateList] = []
        errors: list[str] = []
        done = threading.Event()

        def hear(event: Event) -> None:
            if isinstance(event, Retrieved):
                found.append(event.candidates)
            elif isinstance(event, Ended):
                if event.error or event.cancelled:
                    errors.append(event.error or "cancelled")
                done.set()

        work = RetrieveWork(
            job=f"retrieve-{uuid.uuid4().hex}",
            collection=collection.fingerprint,
            path=collection.path,
            queries=tuple(queries),
            depth=depth,
            priority=Priority.INTERACTIVE,
        )
        self._engine.submit(work, hear)
        done.wait()
        if errors:
            raise EngineError(f"The first stage failed: {errors[0]}")
        self._store.save_candidates([made for made in found if made.query.id], set_name=_bm25_set(depth))
        self._store.save_candidates([made for made in found if not made.query.id])
        return tuple(found)

    def _check_query(self, query: str) -> None:
        if not query.strip():
            raise InvalidInputError("Enter a query.")
        if len(query) > self._limits.max_query_chars:
            raise InvalidInputError(f"A query may have {self._limits.max_query_chars} characters, not {len(query)}.")

    def _check_documents(self, documents: Sequence[Document]) -> None:
        if len(documents) < 2:
            raise InvalidInputError("Add at least two documents.")
        if len(documents) > self._limits.max_candidates:
            raise InvalidInputError(f"At most {self._limits.max_candidates} documents, not {len(documents)}.")
        if not any(document.content.strip() for document in documents):
            raise InvalidInputError("None of the documents has any text.")
        longest = max(documents, key=lambda document: len(document.content))
        if len(longest.content) > self._limits.max_document_chars:
            raise InvalidInputError(
                f"Document {longest.id!r} has {len(longest.content)} characters; "
                f"at most {self._limits.max_document_chars} are allowed."
            )
        if len({document.id for document in documents}) < len(documents):
            raise InvalidInputError("Two documents have the same id. Give every document its own.")


def _bm25_set(depth: int) -> str:
    return f"bm25 top {depth}"
