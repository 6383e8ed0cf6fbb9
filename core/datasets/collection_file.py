"""Reads a collection file: immutable, opened read-only, shared by all threads."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from core.datasets.collection_writer import write_collection
from core.datasets.fulltext import TABLE, lookups, statement
from core.datasets.schema import APPLICATION_ID, FORMAT, READABLE
from core.domain.collections import Qrels
from core.domain.documents import CandidateList, Document, Query
from core.domain.errors import StorageError, UnknownNameError

__all__ = ["CollectionFile", "write_collection"]
PARTS = ("corpus", "queries", "qrels")


class CollectionFile:
    """Implements CollectionReader. Connections are pooled: a call borrows one, so threads never wait for another.

    StorageError on construction where the file is missing, is none of ours or was written by a newer version.
    """

    def __init__(self, path: Path) -> None:
        self._path = path.resolve()
        self._idle: list[sqlite3.Connection] = []
        self._lock = threading.Lock()
        self._format = FORMAT
        try:
            self._meta = self._read_meta()
        except StorageError:
            self.close()
            raise

    @property
    def fingerprint(self) -> str:
        """Of the contents; also the name of the file."""
        return self._meta["fingerprint"]

    @property
    def origin(self) -> str:
        """Where it came from, in words."""
        return self._meta["origin"]

    @property
    def language(self) -> str:
        """ISO 639-1 code, "code" or "und"; files of format 1 are English."""
        return self._meta.get("language", "en")

    @property
    def fingerprints(self) -> Mapping[str, str]:
        """Of corpus, queries and qrels, each by itself; empty for a file of format 1."""
        return {part: self._meta[part] for part in PARTS if part in self._meta}

    def documents(self, ids: Sequence[str]) -> tuple[Document, ...]:
        """The documents with these ids, in this order; UnknownNameError for one that is absent."""
        sql = "SELECT id, title, text FROM documents WHERE id IN (SELECT value FROM json_each(?))"
        found = {row[0]: row for row in self._rows(sql, json.dumps(list(ids)))}
        for wanted in ids:
            if wanted not in found:
                raise UnknownNameError("document", wanted)
        return tuple(_document(found[wanted]) for wanted in ids)

    @property
    def document_count(self) -> int:
        """Documents of the corpus."""
        return int(self._rows("SELECT count(*) FROM documents")[0][0])

    def all_documents(self) -> Iterator[Document]:
        """Every document in corpus order, as a stream."""
        with self._connection() as db:
            for row in db.execute("SELECT id, title, text FROM documents ORDER BY position"):
                yield _document(row)

    def queries(self) -> tuple[Query, ...]:
        """Every query in file order."""
        return tuple(_query(row) for row in self._rows("SELECT id, text, category FROM queries ORDER BY position"))

    def query(self, query_id: str) -> Query:
        """One query; UnknownNameError where absent."""
        for row in self._rows("SELECT id, text, category FROM queries WHERE id = ?", _bindable(query_id)):
            return _query(row)
        raise UnknownNameError("query", query_id)

    def judgments(self, query_id: str) -> Mapping[str, int]:
        """Document id to grade for one query; empty where nothing was judged."""
        sql = "SELECT document_id, grade FROM judgments WHERE query_id = ?"
        return dict(self._rows(sql, _bindable(query_id)))

    def qrels(self) -> Qrels:
        """All judgments."""
        found: dict[str, dict[str, int]] = {}
        for query, document, grade in self._rows("SELECT query_id, document_id, grade FROM judgments"):
            found.setdefault(query, {})[document] = grade
        return found

    def assessments(self, query_id: str) -> Mapping[str, Mapping[str, int]]:
        """Assessor to document id to grade, where several assessors were told apart; empty otherwise."""
        found: dict[str, dict[str, int]] = {}
        for _, assessor, document, grade in self._assessments(" WHERE query_id = ?", _bindable(query_id)):
            found.setdefault(assessor, {})[document] = grade
        return found

    def all_assessments(self) -> tuple[tuple[str, str, str, int], ...]:
        """Every (query id, assessor, document id, grade), where several assessors were told apart."""
        return tuple(self._assessments(""))

    def grade_counts(self) -> Mapping[int, int]:
        """Grade to number of judgments, lowest grade first."""
        return dict(self._rows("SELECT grade, count(*) FROM judgments GROUP BY grade ORDER BY grade"))

    def judged_counts(self) -> tuple[int, int]:
        """Documents of the corpus that were judged for some query; queries that have a judgment."""
        documents = "SELECT count(DISTINCT document_id) FROM judgments JOIN documents ON id = document_id"
        queries = "SELECT count(DISTINCT query_id) FROM judgments"
        return self._rows(documents)[0][0], self._rows(queries)[0][0]

    def candidates(self, query_id: str) -> CandidateList | None:
        """The candidate list that came with the collection, where it has one for this query."""
        sql = (
            "SELECT documents.id, title, text FROM candidates JOIN documents ON documents.id = document_id"
            " WHERE query_id = ? ORDER BY candidates.position"
        )
        documents = tuple(_document(row) for row in self._rows(sql, _bindable(query_id)))
        if not documents:
            return None
        return CandidateList(
            query=self.query(query_id),
            documents=documents,
            collection=self.fingerprint,
            first_stage=self._meta["first_stage"],
        )

    def listed(self) -> Mapping[str, int]:
        """Id of every query that has such a list to how many documents are on it."""
        sql = "SELECT query_id, count(*) FROM candidates JOIN documents ON documents.id = document_id GROUP BY query_id"
        return dict(self._rows(sql))

    def search(self, text: str, limit: int) -> tuple[Document, ...]:
        """Documents with all words of ``text``, else with any of them, best first; nothing for no words."""
        for lookup in lookups(text, self.language):
            sql, parameters = statement(lookup, self._search_table, limit)
            if found := self._rows(sql, *parameters):
                return tuple(_document(row) for row in found)
        return ()

    def close(self) -> None:
        """Close idle connections; the object stays usable."""
        with self._lock:
            while self._idle:
                self._idle.pop().close()

    @property
    def _search_table(self) -> str:
        return TABLE if self._format > 1 else "search"

    def _assessments(self, condition: str, *parameters: str | None) -> list[tuple[str, str, str, int]]:
        if self._format == 1:
            return []
        sql = f"SELECT query_id, assessor, document_id, grade FROM assessments{condition}"
        return self._rows(f"{sql} ORDER BY query_id, assessor, document_id", *parameters)

    def _rows(self, sql: str, *parameters: str | int | None) -> list[tuple[Any, ...]]:
        with self._connection() as db:
            return db.execute(sql, parameters).fetchall()

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        healthy = True
        with self._lock:
            db = self._idle.pop() if self._idle else None
        try:
            db = db or sqlite3.connect(f"{self._path.as_uri()}?mode=ro&immutable=1", uri=True, check_same_thread=False)
            yield db
        except sqlite3.DatabaseError as error:
            healthy = False
            raise StorageError(f"Collection file {self._path.name} is damaged: {error}. Import it again.") from error
        finally:
            if db and healthy:
                with self._lock:
                    self._idle.append(db)
            elif db:
                db.close()

    def _read_meta(self) -> dict[str, str]:
        if not self._path.is_file():
            raise StorageError(f"Collection file {self._path.name} is missing. Import the collection again.")
        with self._connection() as db:
            marks = [db.execute(f"PRAGMA {name}").fetchone()[0] for name in ("application_id", "user_version")]
            if marks[0] != APPLICATION_ID:
                raise StorageError(f"{self._path.name} is not a collection file.")
            if marks[1] not in READABLE:
                raise StorageError(f"{self._path.name} has format {marks[1]}; this version reads up to {FORMAT}.")
            self._format = int(marks[1])
            return dict(db.execute("SELECT key, value FROM meta"))


def _document(row: Sequence[str]) -> Document:
    return Document(id=row[0], title=row[1], text=row[2])


def _query(row: Sequence[str]) -> Query:
    return Query(id=row[0], text=row[1], category=row[2])


def _bindable(text: str) -> str | None:
    """The text as SQLite can take it; NULL, which equals nothing, for half surrogates, which no stored id has."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return None
    return text
