"""A fresh store for each test. RUNOFF_TEST_DATABASE_URL names an empty PostgreSQL database to run the same on it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from db.schema import metadata
from db.store import SqlStore

SERVER = os.environ.get("RUNOFF_TEST_DATABASE_URL", "")


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'runoff.sqlite'}"


@pytest.fixture
def sqlite_store(tmp_path: Path, database_url: str) -> Iterator[SqlStore]:
    store = SqlStore(database_url, tmp_path, busy_seconds=1.0)
    yield store
    store.close()


@pytest.fixture(params=["sqlite", "server"] if SERVER else ["sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SqlStore]:
    if request.param == "sqlite":
        yield request.getfixturevalue("sqlite_store")
        return
    engine = create_engine(SERVER)
    with engine.begin() as connection:
        metadata.drop_all(connection)
        connection.execute(text("DROP TABLE IF EXISTS alembic_version"))
    engine.dispose()
    store = SqlStore(SERVER, tmp_path)
    yield store
    store.close()
