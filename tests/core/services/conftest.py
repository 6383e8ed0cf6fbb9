"""The services over a real store, a small collection and an engine without a process."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.bootstrap import App, start
from core.domain.collections import Collection
from core.settings import load_settings
from tests.support.fake_engine import FakeEngine

TOPICS = ("ferry", "dog", "cabin", "refund", "storm", "ticket")


@pytest.fixture
def engine() -> FakeEngine:
    return FakeEngine()


@pytest.fixture
def reading_seconds() -> float:
    """How long a battle must have been shown; short, so that tests vote quickly."""
    return 0.01


@pytest.fixture
def app(tmp_path: Path, engine: FakeEngine, reading_seconds: float) -> Iterator[App]:
    home = tmp_path / "home"
    home.mkdir()
    (home / "runoff.toml").write_text(f"[limits]\nmin_reading_seconds = {reading_seconds}\n", "utf-8")
    made = start(load_settings({"RUNOFF_HOME": str(home)}), engine=engine)
    yield made
    made.close()


@pytest.fixture
def small(app: App, tmp_path: Path) -> Collection:
    """12 passages, 6 queries in two categories, labels for all but the last query."""
    folder = tmp_path / "beir"
    (folder / "qrels").mkdir(parents=True)
    documents = [
        {"_id": f"d{n}", "title": f"About {topic} {n}", "text": f"The {topic} passage number {n} of the ferry line"}
        for n, topic in enumerate(TOPICS * 2)
    ]
    queries = [
        {"_id": f"q{n}", "text": f"{topic} ferry", "metadata": {"category": "odd" if n % 2 else "even"}}
        for n, topic in enumerate(TOPICS)
    ]
    qrels = ["query-id\tcorpus-id\tscore"] + [f"q{n}\td{n}\t2\nq{n}\td{n + 6}\t1" for n in range(5)]
    (folder / "corpus.jsonl").write_text("".join(json.dumps(row) + "\n" for row in documents), "utf-8")
    (folder / "queries.jsonl").write_text("".join(json.dumps(row) + "\n" for row in queries), "utf-8")
    (folder / "qrels" / "test.tsv").write_text("\n".join(qrels) + "\n", "utf-8")
    return app.collections.import_path(folder, "small")[0]
