"""The tables. Alembic's migrations create them; a test proves that both say the same.

Votes are append-only: an undo is a row of ``withdrawals``, the vote's own row never changes. Only a battle's
``state`` moves. Documents of collections are not here: collections are files of their own.
Fingerprints and hashes are not foreign keys where the thing they name lives outside the database.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from db.types import UtcDateTime

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

HASH = String(64)
ID = String(128)
NULLABLE_JSON = JSON(none_as_null=True)

meta = Table(
    "meta",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("value", Text, nullable=False),
)

collections = Table(
    "collections",
    metadata,
    Column("fingerprint", HASH, primary_key=True),
    Column("name", String(255), nullable=False, unique=True),
    Column("path", Text, nullable=False),
    Column("origin", Text, nullable=False),
    Column("documents", Integer, nullable=False),
    Column("queries", Integer, nullable=False),
    Column("judgments", Integer, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("sample", Boolean, nullable=False),
)

candidate_lists = Table(
    "candidate_lists",
    metadata,
    Column("hash", HASH, primary_key=True),
    Column("collection", HASH),
    Column("query_id", Text, nullable=False),
    Column("query_text", Text, nullable=False),
    Column("category", Text, nullable=False),
    Column("document_ids", JSON, nullable=False),
    Column("first_stage", Text, nullable=False),
    Column("scores", NULLABLE_JSON),
    Column("documents", NULLABLE_JSON),  # [[id, title, text], ...], only where ``collection`` is null
)

candidate_sets = Table(
    "candidate_sets",
    metadata,
    Column("collection", HASH, nullable=False),
    Column("set_name", String(255), nullable=False),
    Column("query_id", String(512), nullable=False),
    Column("hash", HASH, ForeignKey("candidate_lists.hash"), nullable=False),
    PrimaryKeyConstraint("collection", "set_name", "query_id"),
)

systems = Table(
    "systems",
    metadata,
    Column("fingerprint", HASH, primary_key=True),
    Column("spec", Text, nullable=False),
    Column("description", JSON, nullable=False),
)

rankings = Table(
    "rankings",
    metadata,
    Column("candidates", HASH, nullable=False),
    Column("system", HASH, nullable=False),
    Column("order", JSON, nullable=False),
    Column("scores", NULLABLE_JSON),
    Column("repairs", JSON, nullable=False),
    Column("cuts", JSON, nullable=False),  # [[document id, tokens, kept], ...]
    Column("logical", JSON, nullable=False),
    Column("executed", JSON, nullable=False),
    Column("machine", Text, nullable=False),
    PrimaryKeyConstraint("candidates", "system"),
    Index(None, "system"),
)

failures = Table(
    "failures",
    metadata,
    Column("candidates", HASH, nullable=False),
    Column("system", HASH, nullable=False),
    Column("message", Text, nullable=False),
    PrimaryKeyConstraint("candidates", "system"),
)

jobs = Table(
    "jobs",
    metadata,
    Column("id", ID, primary_key=True),
    Column("kind", String(32), nullable=False),
    Column("state", String(32), nullable=False, index=True),
    Column("title", Text, nullable=False),
    Column("request", JSON, nullable=False),
    Column("done", BigInteger, nullable=False),
    Column("total", BigInteger, nullable=False),
    Column("message", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False, index=True),
    Column("updated_at", UtcDateTime, nullable=False),
    Column("owner", Text, nullable=False),
)

voters = Table(
    "voters",
    metadata,
    Column("id", ID, primary_key=True),
    Column("kind", String(32), nullable=False),
    Column("name", Text, nullable=False),
)

battles = Table(
    "battles",
    metadata,
    Column("id", ID, primary_key=True),
    Column("voter", ID, nullable=False),
    Column("candidates", HASH, nullable=False),
    Column("collection", HASH, nullable=False),
    Column("query_id", Text, nullable=False),
    Column("category", Text, nullable=False),
    Column("left_system", HASH, nullable=False),
    Column("right_system", HASH, nullable=False),
    Column("state", String(32), nullable=False),
    Column("issued_at", UtcDateTime, nullable=False),
    Column("shown_at", UtcDateTime),
    Index(None, "voter", "collection"),
    Index(None, "candidates"),
)

votes = Table(
    "votes",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("battle", ID, ForeignKey("battles.id"), nullable=False),
    Column("voter_kind", String(32), nullable=False),
    Column("verdict", String(32), nullable=False),
    Column("cast_at", UtcDateTime, nullable=False),
    UniqueConstraint("battle"),
    sqlite_autoincrement=True,
)

withdrawals = Table(
    "withdrawals",
    metadata,
    Column("vote", Integer, ForeignKey("votes.id"), primary_key=True, autoincrement=False),
    Column("withdrawn_at", UtcDateTime, nullable=False),
)

models = Table(
    "models",
    metadata,
    Column("id", String(255), primary_key=True),
    Column("entry", JSON, nullable=False),
)
