"""Checks of lower precisions: the newest of a system on a device counts, and a database of before can keep them."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from core.domain.precision import PrecisionCheck
from db.connection import Database
from db.migrate import bring_up_to_date
from db.store import SqlStore

CHECK = PrecisionCheck(
    system="s" * 64,
    spec="cross-encoder:mine",
    models=("mine",),
    precision="bf16",
    collection="c" * 64,
    queries=75,
    tau=0.931,
    tau_low=0.9,
    tau_high=0.95,
    unchanged=0.4,
    ndcg=0.61,
    full_ndcg=0.62,
    seconds=0.011,
    full_seconds=None,
    device="cpu",
    machine="cpu, 2 threads, bf16",
    measured_at=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
)


def test_the_newest_of_a_system_on_a_device_counts(store: SqlStore) -> None:
    assert store.precision_checks() == ()
    later, elsewhere = replace(CHECK, tau=0.95), replace(CHECK, device="cuda (H200)", tau_low=None, tau_high=None)
    for check in (CHECK, elsewhere, later):
        store.save_precision_check(check)
    assert store.precision_checks() == (later, elsewhere)


def test_a_database_of_before_can_keep_them(tmp_path: Path, database_url: str) -> None:
    database = Database(database_url)
    bring_up_to_date(database, tmp_path / "backups", schema="0003")
    database.close()
    store = SqlStore(database_url, tmp_path)
    store.save_precision_check(CHECK)
    assert store.precision_checks() == (CHECK,)
    store.close()


def test_it_is_said_with_interval_queries_and_device() -> None:
    assert CHECK.said == "bf16, Kendall tau 0.93 (0.90 to 0.95) against fp32 on 75 sample queries (CPU)"
    alone = replace(CHECK, queries=1, tau_low=None, tau_high=None, device="")
    assert alone.said == "bf16, Kendall tau 0.93 against fp32 on 1 sample query"
