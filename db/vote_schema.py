"""The tables of voters, battles and votes.

``votes`` and ``acts`` (undo, exclusion, correction, ...) are append-only, and ``log`` chains them: one row for each,
in order, with the hash of core/domain/vote_log.py. On SQLite triggers refuse to change or delete their rows. What a
vote says of its battle lies in ``battles``, where only ``state`` and, before the vote, ``shown_at`` move.

``streams`` and the three tables after it are derived from the votes and could be made anew: see db/streams.py.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from db.metadata import HASH, ID, KIND, NULLABLE_JSON, metadata
from db.types import UtcDateTime

voters = Table(
    "voters",
    metadata,
    Column("id", ID, primary_key=True),
    Column("kind", KIND, nullable=False),
    Column("name", Text, nullable=False),
    Column("group", Text, nullable=False),
)

battles = Table(
    "battles",
    metadata,
    Column("id", ID, primary_key=True),
    Column("voter", ID, nullable=False),
    Column("candidates", HASH, nullable=False),
    Column("collection", Text, nullable=False),  # a fingerprint, or the name of an imported log
    Column("query_id", Text, nullable=False),
    Column("category", Text, nullable=False),
    Column("left_system", Text, nullable=False),
    Column("right_system", Text, nullable=False),
    Column("state", KIND, nullable=False),
    Column("issued_at", UtcDateTime),  # null for imported votes that do not say
    Column("shown_at", UtcDateTime),
    Column("further", NULLABLE_JSON),  # systems of the slots C and D
    Column("form", KIND, nullable=False),
    Column("policy", KIND, nullable=False),
    Column("probability", Double, nullable=False),
    Column("control", KIND, nullable=False),
    Column("repeats", ID, nullable=False),
    Column("seed", BigInteger, nullable=False),
    Column("depth", Integer, nullable=False),
    Column("voter_group", Text, nullable=False),
    Index(None, "voter", "collection"),
    Index(None, "candidates"),
    Index(None, "query_id"),
    Index(None, "left_system"),
    Index(None, "right_system"),
)
HAS_FURTHER, IS_CONTROL = text("battles.further IS NOT NULL"), text("battles.control <> ''")
"""Spelled out, because a partial index is used only where its condition stands in the statement word for word."""
Index(
    "ix_battles_with_further",
    battles.c.id,
    sqlite_where=text("further IS NOT NULL"),
    postgresql_where=text("further IS NOT NULL"),
)
Index(
    "ix_battles_controls", battles.c.control, sqlite_where=text("control <> ''"), postgresql_where=text("control <> ''")
)

streams = Table(
    "streams",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("collection", Text, nullable=False),
    Column("voter_kind", KIND, nullable=False),
    UniqueConstraint("collection", "voter_kind"),
)

votes = Table(
    "votes",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("battle", ID, ForeignKey("battles.id"), nullable=False),
    Column("voter_kind", KIND, nullable=False),
    Column("verdict", KIND, nullable=False),
    Column("cast_at", UtcDateTime, nullable=False),
    Column("order", NULLABLE_JSON),  # [[slot, ...], ...], best level first
    Column("marks", NULLABLE_JSON),  # [[document id, useful], ...]
    Column("reasons", NULLABLE_JSON),
    Column("stream", Integer, ForeignKey("streams.id"), nullable=False, index=True),
    UniqueConstraint("battle"),
    sqlite_autoincrement=True,
)

acts = Table(
    "acts",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),  # of its row in ``log``
    Column("kind", KIND, nullable=False),
    Column("vote", Integer, ForeignKey("votes.id"), index=True),  # this or ``voter``
    Column("voter", ID, index=True),
    Column("actor", ID, nullable=False),
    Column("reason", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("verdict", KIND),
)

log = Table(
    "log",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("vote", Integer, ForeignKey("votes.id"), unique=True),  # null: the act of this number
    Column("hash", HASH, nullable=False),
)

stream_names = Table(
    "stream_names",
    metadata,
    Column("stream", Integer, ForeignKey("streams.id"), nullable=False),
    Column("role", KIND, nullable=False),  # system, voter, query or group
    Column("position", Integer, nullable=False),  # from 0, without gaps
    Column("name", Text, nullable=False),
    PrimaryKeyConstraint("stream", "role", "position"),
    UniqueConstraint("stream", "role", "name"),
    sqlite_with_rowid=False,
)

stream_rows = Table(
    "stream_rows",
    metadata,
    Column("stream", Integer, ForeignKey("streams.id"), nullable=False),
    Column("vote", Integer, ForeignKey("votes.id"), nullable=False),
    Column("packed", LargeBinary, nullable=False),
    PrimaryKeyConstraint("stream", "vote"),
)

stream_blocks = Table(
    "stream_blocks",
    metadata,
    Column("stream", Integer, ForeignKey("streams.id"), nullable=False),
    Column("last", Integer, ForeignKey("votes.id"), nullable=False),  # vote of the last row
    Column("packed", LargeBinary, nullable=False),
    PrimaryKeyConstraint("stream", "last"),
)
