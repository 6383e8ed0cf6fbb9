"""The services over a real store, a small collection and an engine without a process."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.bootstrap import App, start
from core.domain.collections import Collection
from core.settings import load_settings
from tests.support.collections_on_disk import write_small_beir
from tests.support.fake_engine import FakeEngine


@pytest.fixture
def engine() -> FakeEngine:
    return FakeEngine()


@pytest.fixture
def reading_seconds() -> float:
    """How long a battle must have been shown; short, so that tests vote quickly."""
    return 0.01


@pytest.fixture
def votes_per_minute() -> int:
    """High, so that tests vote as often as they like."""
    return 10_000


@pytest.fixture
def arena_table() -> str:
    """The table [arena]: no controls, so that every battle is rated."""
    return "same_rate = 0\nswapped_rate = 0\ngold_rate = 0\n"


@pytest.fixture
def app(
    tmp_path: Path, engine: FakeEngine, reading_seconds: float, votes_per_minute: int, arena_table: str
) -> Iterator[App]:
    home = tmp_path / "home"
    home.mkdir()
    limits = f"[limits]\nmin_reading_seconds = {reading_seconds}\nvotes_per_minute = {votes_per_minute}\n"
    (home / "runoff.toml").write_text(f"{limits}[arena]\n{arena_table}", "utf-8")
    made = start(load_settings({"RUNOFF_HOME": str(home)}), engine=engine)
    yield made
    made.close()


@pytest.fixture
def small(app: App, tmp_path: Path) -> Collection:
    """12 passages, 6 queries in two categories, labels for all but the last query."""
    return app.collections.import_path(write_small_beir(tmp_path / "beir"), "small")[0]
