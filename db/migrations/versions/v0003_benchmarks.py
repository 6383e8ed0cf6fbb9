"""Benchmark plans, latency probes, and an index that counts the rankings of a system without reading them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from db.types import UtcDateTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

HASH = sa.String(64)
ID = sa.String(128)


def upgrade() -> None:
    """Create the tables and replace the index; no row changes."""
    op.create_index("ix_rankings_system_candidates", "rankings", ["system", "candidates"])
    op.drop_index("ix_rankings_system", "rankings")
    op.create_table(
        "plans",
        sa.Column("id", ID, nullable=False),
        sa.Column("collection", HASH, nullable=False),
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("settings", sa.JSON(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_plans"),
        sa.UniqueConstraint("collection", "name", name="uq_plans_collection_name"),
    )
    op.create_table(
        "probes",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("system", HASH, nullable=False),
        sa.Column("collection", HASH, nullable=False),
        sa.Column("depth", sa.Integer(), nullable=False),
        sa.Column("machine", sa.Text(), nullable=False),
        sa.Column("device", sa.Text(), nullable=False),
        sa.Column("wall_ms", sa.JSON(), nullable=False),
        sa.Column("disturbed", sa.Integer(), nullable=False),
        sa.Column("memory", sa.JSON(), nullable=False),
        sa.Column("orders_equal", sa.Double()),
        sa.Column("measured_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_probes"),
    )
    op.create_index("ix_probes_system_collection", "probes", ["system", "collection"])
