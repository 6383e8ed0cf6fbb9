"""Registered collections and frozen candidate lists (domain.ports.CollectionStore)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select
from sqlalchemy.exc import IntegrityError

from core.domain.collections import Collection
from core.domain.documents import CandidateList, Document, Query
from core.domain.errors import InvalidInputError, UnknownNameError
from db.part import StorePart, keep_first, replace
from db.schema import candidate_lists, candidate_sets, collections


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredCandidates:
    """A candidate list as it lies in the database; ``inline`` is set where no collection holds the documents."""

    collection: str | None
    query_id: str
    query_text: str
    category: str
    document_ids: tuple[str, ...]
    first_stage: str
    scores: tuple[float, ...] | None
    inline: CandidateList | None


class SqlCollections(StorePart):
    """Implements domain.ports.CollectionStore."""

    def add_collection(self, collection: Collection) -> None:
        """Register; InvalidInputError where name or fingerprint is taken."""
        try:
            with self.database.write("collection NOT registered") as connection:
                connection.execute(insert(collections), _collection_row(collection))
        except IntegrityError as error:
            raise InvalidInputError(self._why_taken(collection)) from error

    def collections(self) -> tuple[Collection, ...]:
        """All, the sample first, then by name."""
        order = select(collections).order_by(collections.c.sample.desc(), collections.c.name)
        with self.database.read() as connection:
            return tuple(_collection(row) for row in connection.execute(order))

    def save_candidates(self, lists: Iterable[CandidateList], *, set_name: str = "") -> None:
        """Keep lists by hash; a later list of the same set and query takes the place of the earlier one in the set.

        InvalidInputError for a set of lists that belong to no collection.
        """
        kept = tuple(lists)
        if set_name and any(item.collection is None for item in kept):
            raise InvalidInputError(
                f"The set {set_name!r} holds a list of no collection; only lists of one form a set."
            )
        if not kept:
            return
        with self.database.write("candidates NOT saved") as connection:
            keep_first(connection, candidate_lists, [_candidates_row(item) for item in kept])
            if set_name:
                _put_into_set(connection, kept, set_name)

    def candidate_sets(self, collection: str) -> tuple[str, ...]:
        """Names of a collection's sets, the one with most lists first."""
        lists = func.count()
        counted = (
            select(candidate_sets.c.set_name)
            .where(candidate_sets.c.collection == collection)
            .group_by(candidate_sets.c.set_name)
            .order_by(lists.desc(), candidate_sets.c.set_name)
        )
        with self.database.read() as connection:
            return tuple(connection.execute(counted).scalars())

    def candidate_set(self, collection: str, set_name: str) -> dict[str, str]:
        """Query id to list hash; empty where there is no such set."""
        members = select(candidate_sets.c.query_id, candidate_sets.c.hash).where(
            candidate_sets.c.collection == collection, candidate_sets.c.set_name == set_name
        )
        with self.database.read() as connection:
            return {row.query_id: row.hash for row in connection.execute(members)}

    def candidates_record(self, hash: str) -> StoredCandidates:
        """One stored list; UnknownNameError where absent."""
        with self.database.read() as connection:
            row = connection.execute(select(candidate_lists).where(candidate_lists.c.hash == hash)).one_or_none()
        if row is None:
            raise UnknownNameError("candidate list", hash)
        return _stored_candidates(row)

    def _why_taken(self, collection: Collection) -> str:
        for known in self.collections():
            if known.fingerprint == collection.fingerprint:
                return f"This collection is already registered as {known.name!r}."
        return f"The name {collection.name!r} is taken. Choose another."


def _put_into_set(connection: Connection, lists: tuple[CandidateList, ...], set_name: str) -> None:
    rows = [
        {"collection": item.collection, "set_name": set_name, "query_id": item.query.id, "hash": item.hash}
        for item in lists
    ]
    replace(connection, candidate_sets, rows)


def _collection_row(collection: Collection) -> dict[str, object]:
    return {
        "fingerprint": collection.fingerprint,
        "name": collection.name,
        "path": str(collection.path),
        "origin": collection.origin,
        "documents": collection.documents,
        "queries": collection.queries,
        "judgments": collection.judgments,
        "created_at": collection.created_at,
        "sample": collection.sample,
    }


def _collection(row: Row[Any]) -> Collection:
    return Collection(
        fingerprint=row.fingerprint,
        name=row.name,
        path=Path(row.path),
        origin=row.origin,
        documents=row.documents,
        queries=row.queries,
        judgments=row.judgments,
        created_at=row.created_at,
        sample=row.sample,
    )


def _candidates_row(item: CandidateList) -> dict[str, object]:
    return {
        "hash": item.hash,
        "collection": item.collection,
        "query_id": item.query.id,
        "query_text": item.query.text,
        "category": item.query.category,
        "document_ids": item.ids,
        "first_stage": item.first_stage,
        "scores": item.first_stage_scores,
        "documents": [[d.id, d.title, d.text] for d in item.documents] if item.collection is None else None,
    }


def _stored_candidates(row: Row[Any]) -> StoredCandidates:
    scores = None if row.scores is None else tuple(row.scores)
    inline = None
    if row.documents is not None:
        inline = CandidateList(
            query=Query(id=row.query_id, text=row.query_text, category=row.category),
            documents=tuple(Document(id=id, title=title, text=text) for id, title, text in row.documents),
            first_stage=row.first_stage,
            first_stage_scores=scores,
        )
    return StoredCandidates(
        collection=row.collection,
        query_id=row.query_id,
        query_text=row.query_text,
        category=row.category,
        document_ids=tuple(row.document_ids),
        first_stage=row.first_stage,
        scores=scores,
        inline=inline,
    )
