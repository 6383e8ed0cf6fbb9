"""A collection may have no queries: documents to look into, and to rerank for queries that are typed."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.bootstrap import App
from core.datasets.request import ImportRequest
from tests.pages.conftest import Open
from tests.support.collections_on_disk import jsonl, write_files
from tests.support.page_tree import texts


@pytest.mark.parametrize(
    "page", ["home", "playground", "benchmark", "arena", "leaderboard", "decide", "collections", "votes"]
)
def test_every_page_is_drawn(app: App, open_page: Open, tmp_path: Path, page: str) -> None:
    write_files(tmp_path, {"d.jsonl": jsonl({"id": "a", "text": "one"}, {"id": "b", "text": "two"})})
    app.imports.now(ImportRequest(source=str(tmp_path / "d.jsonl"), name="bare", language="en"))
    at = open_page(page, collection="bare")
    assert not at.exception
    assert "could not be drawn" not in texts(at)
