"""The tables of benchmarks: plans, and what is only added: probes of latency, checks of lower precisions."""

from __future__ import annotations

from sqlalchemy import JSON, Column, Double, Index, Integer, String, Table, Text, UniqueConstraint

from db.metadata import HASH, ID, metadata
from db.types import UtcDateTime

plans = Table(
    "plans",
    metadata,
    Column("id", ID, primary_key=True),
    Column("collection", HASH, nullable=False),
    Column("name", String(255), nullable=False),
    Column("settings", JSON, nullable=False),  # every other field of domain.benchmarks.BenchmarkPlan
    Column("created_at", UtcDateTime, nullable=False),
    UniqueConstraint("collection", "name", name="uq_plans_collection_name"),
)

probes = Table(
    "probes",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("system", HASH, nullable=False),
    Column("collection", HASH, nullable=False),
    Column("depth", Integer, nullable=False),
    Column("machine", Text, nullable=False),
    Column("device", Text, nullable=False),
    Column("wall_ms", JSON, nullable=False),
    Column("disturbed", Integer, nullable=False),
    Column("memory", JSON, nullable=False),  # [[model id, bytes], ...]
    Column("orders_equal", Double),
    Column("measured_at", UtcDateTime, nullable=False),
    Index("ix_probes_system_collection", "system", "collection"),
)

precision_checks = Table(
    "precision_checks",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("system", HASH, nullable=False),
    Column("device", Text, nullable=False),
    Column("measured_at", UtcDateTime, nullable=False),
    Column("figures", JSON, nullable=False),  # every other field of domain.precision.PrecisionCheck
    Index("ix_precision_checks_system", "system"),
)
