"""Tables of a collection file, and what marks one.

Format 1 had the full-text table ``search``, no assessments and no language (it was English). In format 2 sqlite-utils
makes the full-text table ``documents_fts`` (core.datasets.fulltext) after the documents are in, and ``meta`` holds
the language and the fingerprints of the parts.
"""

from __future__ import annotations

APPLICATION_ID = 0x52554E46  # "RUNF", in the header of the file
FORMAT = 2  # in PRAGMA user_version; raised when the tables change
READABLE = (1, 2)

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
CREATE TABLE assessments (
    query_id TEXT NOT NULL, assessor TEXT NOT NULL, document_id TEXT NOT NULL, grade INTEGER NOT NULL,
    PRIMARY KEY (query_id, assessor, document_id)
) WITHOUT ROWID;
CREATE TABLE candidates (
    query_id TEXT NOT NULL, position INTEGER NOT NULL, document_id TEXT NOT NULL, PRIMARY KEY (query_id, position)
) WITHOUT ROWID;
"""
