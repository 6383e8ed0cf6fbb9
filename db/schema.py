"""The tables. Alembic's migrations create them; a test proves that both say the same.

Those of votes are in db/vote_schema.py, those of benchmarks in db/benchmark_schema.py; all can be had from here.
Documents of collections are not in the database: collections are files of their own. Fingerprints and hashes are not
foreign keys where the thing they name lies outside.
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
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
)

from db.benchmark_schema import plans, precision_checks, probes
from db.metadata import HASH, ID, NULLABLE_JSON, metadata
from db.types import UtcDateTime
from db.vote_schema import (
    acts,
    battles,
    log,
    stream_blocks,
    stream_names,
    stream_rows,
    streams,
    voters,
    votes,
)

__all__ = [
    "acts",
    "battles",
    "candidate_lists",
    "candidate_sets",
    "collections",
    "failures",
    "jobs",
    "log",
    "meta",
    "metadata",
    "models",
    "plans",
    "precision_checks",
    "probes",
    "rankings",
    "stream_blocks",
    "stream_names",
    "stream_rows",
    "streams",
    "systems",
    "voters",
    "votes",
]

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
    Column("fingerprint", Text, primary_key=True),  # or the name that an imported log calls it by
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
    Column("reasoning", NULLABLE_JSON),  # [text, ...]; null where nothing was thought
    Column("keep", Integer),
    PrimaryKeyConstraint("candidates", "system"),
    Index(None, "system", "candidates"),  # with both, counting never reads a ranking
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

models = Table(
    "models",
    metadata,
    Column("id", String(255), primary_key=True),
    Column("entry", JSON, nullable=False),
)
