"""Fingerprints of a collection: SHA-256 digests of corpus, queries and judgments, and one of everything.

Each table is read in order of ids, so that the order of the lines of a source changes nothing. The whole also covers
the candidate lists where some came along, who gave which grade where assessors are told apart, and the language where
it is not English: BM25 cuts and stems the same text otherwise.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass

from core.domain.canonical import digest


@dataclass(frozen=True, slots=True, kw_only=True)
class Digests:
    """64 hexadecimal digits each."""

    whole: str
    corpus: str
    queries: str
    qrels: str


def digests(db: sqlite3.Connection, language: str) -> Digests:
    """Of the tables of a collection file."""
    corpus = _digest(db.execute("SELECT id, title, text FROM documents ORDER BY id"))
    queries = _digest(db.execute("SELECT id, text, category FROM queries ORDER BY id"))
    qrels = _digest(db.execute("SELECT * FROM judgments ORDER BY query_id, document_id"))
    parts = [corpus, queries, qrels]
    if _filled(db, "candidates"):
        parts.append(_digest(db.execute("SELECT * FROM candidates ORDER BY query_id, position")))
    if _filled(db, "assessments"):
        order = "query_id, assessor, document_id"
        parts.append(f"assessments {_digest(db.execute(f'SELECT * FROM assessments ORDER BY {order}'))}")
    if language != "en":
        parts.append(f"language {language}")
    return Digests(whole=digest(parts), corpus=corpus, queries=queries, qrels=qrels)


def _filled(db: sqlite3.Connection, table: str) -> bool:
    return db.execute(f"SELECT 1 FROM {table} LIMIT 1").fetchone() is not None


def _digest(rows: Iterable[tuple[str | int, ...]]) -> str:
    # One encoder for all rows: json.dumps makes a new one for every call, three times as slow (measured).
    spelled = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode
    total = hashlib.sha256()
    for row in rows:
        total.update(spelled(row).encode() + b"\n")
    return total.hexdigest()
