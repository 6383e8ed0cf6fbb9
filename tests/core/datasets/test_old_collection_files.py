"""Files of format 1 stay readable, and fingerprints made by earlier versions stay what they are."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from core.datasets.collection_file import CollectionFile
from core.datasets.importing import import_source
from core.datasets.sample import SAMPLE_NAME, sample_folder
from core.domain.documents import Document

SAMPLE = "364160c226476536d665032837333ec41e3d09cb2b85f33c9954af124d31e290"  # as the first release made it
FORMAT_1 = """
PRAGMA application_id = 1381322310;
PRAGMA user_version = 1;
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE documents (
    position INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, title TEXT NOT NULL, text TEXT NOT NULL
);
CREATE TABLE queries (
    position INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, text TEXT NOT NULL, category TEXT NOT NULL
);
CREATE TABLE judgments (
    query_id TEXT NOT NULL, document_id TEXT NOT NULL, grade INTEGER NOT NULL, PRIMARY KEY (query_id, document_id)
) WITHOUT ROWID;
CREATE TABLE candidates (
    query_id TEXT NOT NULL, position INTEGER NOT NULL, document_id TEXT NOT NULL, PRIMARY KEY (query_id, position)
) WITHOUT ROWID;
CREATE VIRTUAL TABLE search USING fts5 (
    title, text, content = 'documents', content_rowid = 'position', tokenize = 'porter unicode61 remove_diacritics 2'
);
INSERT INTO documents (id, title, text) VALUES ('a', 'Ferries', 'leave at nine'), ('b', '', 'Backups');
INSERT INTO queries (id, text, category) VALUES ('q', 'ferry', '');
INSERT INTO judgments VALUES ('q', 'a', 2);
INSERT INTO search (search) VALUES ('rebuild');
INSERT INTO meta VALUES ('fingerprint', 'f'), ('name', 'old'), ('origin', 'a test'), ('first_stage', '');
"""


def test_the_sample_keeps_its_fingerprint(tmp_path: Path) -> None:
    collection, _ = import_source(sample_folder(), tmp_path, name=SAMPLE_NAME, sample=True)
    assert collection.fingerprint == SAMPLE


def test_a_file_of_format_1(tmp_path: Path) -> None:
    db = sqlite3.connect(tmp_path / "old.sqlite")
    db.executescript(FORMAT_1)
    db.close()
    reader = CollectionFile(tmp_path / "old.sqlite")
    assert reader.search("ferry", 5) == (Document(id="a", title="Ferries", text="leave at nine"),)
    assert (reader.language, reader.fingerprints, reader.fingerprint) == ("en", {}, "f")
    assert reader.judgments("q") == {"a": 2}
    assert (reader.assessments("q"), reader.all_assessments()) == ({}, ())
    assert reader.grade_counts() == {2: 1}
