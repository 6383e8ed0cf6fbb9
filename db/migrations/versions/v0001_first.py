"""First schema: collections, candidates, rankings, jobs, voters, battles, votes, models."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from db.types import UtcDateTime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

HASH = sa.String(64)
ID = sa.String(128)
KIND = sa.String(32)


def upgrade() -> None:
    """Create every table."""
    op.create_table(
        "meta",
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_meta"),
    )
    _collections()
    _candidates()
    _rankings()
    _jobs()
    _battles()
    _votes()
    op.create_table(
        "models",
        sa.Column("id", sa.String(255), nullable=False),
        sa.Column("entry", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_models"),
    )


def _collections() -> None:
    op.create_table(
        "collections",
        sa.Column("fingerprint", HASH, nullable=False),
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("documents", sa.Integer(), nullable=False),
        sa.Column("queries", sa.Integer(), nullable=False),
        sa.Column("judgments", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("sample", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("fingerprint", name="pk_collections"),
        sa.UniqueConstraint("name", name="uq_collections_name"),
    )


def _candidates() -> None:
    op.create_table(
        "candidate_lists",
        sa.Column("hash", HASH, nullable=False),
        sa.Column("collection", HASH),
        sa.Column("query_id", sa.Text(), nullable=False),
        sa.Column("query_text", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("document_ids", sa.JSON(), nullable=False),
        sa.Column("first_stage", sa.Text(), nullable=False),
        sa.Column("scores", sa.JSON()),
        sa.Column("documents", sa.JSON()),
        sa.PrimaryKeyConstraint("hash", name="pk_candidate_lists"),
    )
    op.create_table(
        "candidate_sets",
        sa.Column("collection", HASH, nullable=False),
        sa.Column("set_name", sa.String(255), nullable=False),
        sa.Column("query_id", sa.String(512), nullable=False),
        sa.Column("hash", HASH, nullable=False),
        sa.ForeignKeyConstraint(["hash"], ["candidate_lists.hash"], name="fk_candidate_sets_hash"),
        sa.PrimaryKeyConstraint("collection", "set_name", "query_id", name="pk_candidate_sets"),
    )


def _rankings() -> None:
    op.create_table(
        "systems",
        sa.Column("fingerprint", HASH, nullable=False),
        sa.Column("spec", sa.Text(), nullable=False),
        sa.Column("description", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("fingerprint", name="pk_systems"),
    )
    op.create_table(
        "rankings",
        sa.Column("candidates", HASH, nullable=False),
        sa.Column("system", HASH, nullable=False),
        sa.Column("order", sa.JSON(), nullable=False),
        sa.Column("scores", sa.JSON()),
        sa.Column("repairs", sa.JSON(), nullable=False),
        sa.Column("cuts", sa.JSON(), nullable=False),
        sa.Column("logical", sa.JSON(), nullable=False),
        sa.Column("executed", sa.JSON(), nullable=False),
        sa.Column("machine", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("candidates", "system", name="pk_rankings"),
    )
    op.create_index("ix_rankings_system", "rankings", ["system"])
    op.create_table(
        "failures",
        sa.Column("candidates", HASH, nullable=False),
        sa.Column("system", HASH, nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("candidates", "system", name="pk_failures"),
    )


def _jobs() -> None:
    op.create_table(
        "jobs",
        sa.Column("id", ID, nullable=False),
        sa.Column("kind", KIND, nullable=False),
        sa.Column("state", KIND, nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("request", sa.JSON(), nullable=False),
        sa.Column("done", sa.BigInteger(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_jobs"),
    )
    op.create_index("ix_jobs_state", "jobs", ["state"])
    op.create_index("ix_jobs_created_at", "jobs", ["created_at"])


def _battles() -> None:
    op.create_table(
        "voters",
        sa.Column("id", ID, nullable=False),
        sa.Column("kind", KIND, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_voters"),
    )
    op.create_table(
        "battles",
        sa.Column("id", ID, nullable=False),
        sa.Column("voter", ID, nullable=False),
        sa.Column("candidates", HASH, nullable=False),
        sa.Column("collection", HASH, nullable=False),
        sa.Column("query_id", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("left_system", HASH, nullable=False),
        sa.Column("right_system", HASH, nullable=False),
        sa.Column("state", KIND, nullable=False),
        sa.Column("issued_at", UtcDateTime(), nullable=False),
        sa.Column("shown_at", UtcDateTime()),
        sa.PrimaryKeyConstraint("id", name="pk_battles"),
    )
    op.create_index("ix_battles_voter_collection", "battles", ["voter", "collection"])
    op.create_index("ix_battles_candidates", "battles", ["candidates"])


def _votes() -> None:
    op.create_table(
        "votes",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("battle", ID, nullable=False),
        sa.Column("voter_kind", KIND, nullable=False),
        sa.Column("verdict", KIND, nullable=False),
        sa.Column("cast_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["battle"], ["battles.id"], name="fk_votes_battle"),
        sa.PrimaryKeyConstraint("id", name="pk_votes"),
        sa.UniqueConstraint("battle", name="uq_votes_battle"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "withdrawals",
        sa.Column("vote", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("withdrawn_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["vote"], ["votes.id"], name="fk_withdrawals_vote"),
        sa.PrimaryKeyConstraint("vote", name="pk_withdrawals"),
    )
