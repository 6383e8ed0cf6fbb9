"""Importing in a browser: uploads, progress that a reload finds again, Cancel, and where it leads."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.browser.conftest import Server, playwright
from tests.support.chromium import Visitor
from tests.support.collections_on_disk import write_files

pytestmark = pytest.mark.browser
expect = playwright.expect
Visit = Callable[..., Visitor]
CONFIG = 'roster = ["bm25", "first-stage"]  # nothing that takes long in the background\n'
HITS = "query,document id,text\nred?,x,Grass is green\nred?,y,Engines are red\nred?,z,Red is a colour\n"


def named(visitor: Visitor, name: str) -> None:
    visitor.page.get_by_label("Name of the collection").fill(name)


def test_an_upload_leads_to_a_comparison(server: Server, visit: Visit, tmp_path: Path) -> None:
    write_files(tmp_path, {"hits.csv": HITS})
    ann = visit("/collections?mode=import&from=upload")
    named(ann, "colours")
    ann.page.locator(".st-key-import_file input[type=file]").set_input_files(tmp_path / "hits.csv")
    ann.page.get_by_text("hits.csv").first.wait_for()
    ann.page.get_by_role("button", name="Import", exact=True).click()
    ann.page.get_by_text("Imported colours: 3 documents, 1 query, 0 judgments.").wait_for(timeout=60_000)
    ann.picture("collections-import")
    ann.page.get_by_role("link", name="Compare systems on a query").click()
    ann.page.wait_for_url("**/playground?*collection=colours*")
    ann.page.get_by_role("combobox").first.wait_for()


def test_progress_is_found_again_and_cancelled(server: Server, visit: Visit, tmp_path: Path) -> None:
    corpus = "".join(
        json.dumps({"_id": f"d{n}", "text": f"The ferry number {n} leaves the harbour at nine. " * 8}) + "\n"
        for n in range(200_000)
    )
    write_files(tmp_path, {"corpus.jsonl": corpus, "queries.jsonl": '{"_id": "q", "text": "ferry"}\n'})
    ann = visit("/collections?mode=import")
    named(ann, "large")
    ann.page.get_by_label("Folder or file on this server").fill(str(tmp_path))
    ann.page.get_by_role("button", name="Import", exact=True).click()
    ann.page.get_by_role("button", name="Cancel").wait_for(timeout=60_000)
    ann.page.reload()
    ann.page.get_by_role("button", name="Cancel").click(timeout=60_000)
    ann.page.get_by_text("nothing was imported").first.wait_for(timeout=60_000)
    store = server.store()
    assert "large" not in [collection.name for collection in store.collections()]
    store.close()
    assert list((server.home / "collections").glob(".import-*")) == []


def test_a_malformed_file_says_where(server: Server, visit: Visit, tmp_path: Path) -> None:
    write_files(tmp_path, {"hits.csv": HITS + "red?,w\n"})
    ann = visit("/collections?mode=import")
    named(ann, "broken")
    ann.page.get_by_label("Folder or file on this server").fill(str(tmp_path / "hits.csv"))
    ann.page.get_by_role("button", name="Import", exact=True).click()
    said = "hits.csv, line 5: has 2 cells, but the header names 3 columns"
    ann.page.get_by_text(said).wait_for(timeout=60_000)


def test_text_from_right_to_left_is_laid_out_so(server: Server, visit: Visit) -> None:
    ann = visit("/collections?mode=import&from=paste")
    named(ann, "hebrew")
    ann.page.get_by_label("Queries, one per line").fill("מתי המעבורת יוצאת?")
    passages = "המעבורת לאי יוצאת בתשע בבוקר (כל יום).\nהנמל סגור היום."
    ann.page.get_by_label("Passages").fill(passages)
    ann.page.get_by_role("button", name="Import", exact=True).click()
    ann.page.get_by_text("Imported hebrew: 2 documents, 1 query").wait_for(timeout=60_000)
    ann.go("/playground?collection=hebrew&system=bm25&system=first-stage")
    ann.page.get_by_role("button", name="Run", exact=True).click()
    ann.page.get_by_role("list", name="bm25", exact=True).get_by_role("button").nth(1).wait_for(
        timeout=60_000
    )  # it is ranked
    ann.settled()
    expect(ann.page.locator("button.row .title").first).to_have_css("direction", "rtl")
    expect(ann.page.locator(".head .label").first).to_have_css("direction", "ltr")
