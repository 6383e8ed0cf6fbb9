"""Tables of a collection file, and what marks one.

SQLite's own module is used rather than sqlite-utils: importing that brings pandas along where it is
installed (97 MB and half a second, measured), more than the web process can spare.
"""

from __future__ import annotations

APPLICATION_ID = 0x52554E46  # "RUNF", in the header of the file
FORMAT = 1  # in PRAGMA user_version; raised when the tables change

TABLES = f"""
PRAGMA application_id = {APPLICATION_ID};
PRAGMA user_version = {FORMAT};
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
"""
