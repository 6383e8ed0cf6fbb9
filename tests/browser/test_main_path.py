"""The main path as a person walks it: first battle, ten votes, leaderboard, comparison. Leaves the pictures."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

import pytest

from tests.browser.conftest import Server
from tests.support.chromium import Visitor

pytestmark = pytest.mark.browser
Visit = Callable[..., Visitor]
FILLED = """() => {
    for (const node of document.querySelectorAll("*"))
        if (node.shadowRoot?.querySelectorAll("ol.list").length === 6) return true;
    return false;
}"""


def run_what_is_missing(visitor: Visitor) -> None:
    """Press Run where the background has not ranked this query yet, and wait for five lists."""
    visitor.page.locator("button.row").first.wait_for()
    run = visitor.page.get_by_role("button", name="Run", exact=True)
    if run.count():
        run.click()
    visitor.page.wait_for_function(FILLED, timeout=120_000)


def test_from_the_first_start_to_a_leaderboard(server: Server, visit: Visit) -> None:
    ann = visit("/")
    ann.page.get_by_role("button", name="Open the first battle").click()
    started = time.monotonic()
    ann.battle()
    assert time.monotonic() - started < 30  # ten seconds on a machine of its own; the benchmark holds to that
    ann.picture("arena")
    for number in range(10):
        ann.vote(("A is better", "B is better", "Equally good", "Both bad")[number % 4])
    ann.page.get_by_text("A was").wait_for()
    ann.picture("arena-after-a-vote")
    store = server.store()
    assert len(store.votes()) == 10
    store.close()
    ann.page.get_by_role("link", name="Leaderboard").click()
    ann.page.get_by_text(re.compile(r"\d+ votes? of 1 voter")).first.wait_for()  # ten less the hidden controls
    ann.page.get_by_text("Relevance labels", exact=True).click()
    ann.page.get_by_text("comparisons by relevance labels").first.wait_for()
    ann.page.locator(".js-plotly-plot").first.wait_for(timeout=90_000)  # comes by itself once all is ranked


@pytest.mark.thorough
def test_five_systems_side_by_side(server: Server, visit: Visit) -> None:
    bob = visit("/playground?query=f22")
    run_what_is_missing(bob)
    heads = bob.page.locator(".head .label").all_inner_texts()
    assert heads[1:] == ["bm25", "bi-encoder", "maxsim", "query-likelihood", "rrf?of=(bm25,bi-encoder)"]
    row = bob.page.locator("button.row").nth(3)
    title = row.get_attribute("title")
    row.hover()
    assert bob.page.locator(f'button.row.lit[title="{title}"]').count() > 1
    bob.picture("playground")
    row.click()
    panel = bob.page.get_by_role("complementary", name="Document")
    assert title in panel.inner_text()
    assert panel.locator("tr").count() == 7
    bob.picture("playground-document")
    bob.page.keyboard.press("ArrowRight")
    focused = (
        "e => { let a = document.activeElement; while (a.shadowRoot) a = a.shadowRoot.activeElement; return a.title }"
    )
    assert bob.page.evaluate(focused) == title
    bob.page.keyboard.press("Escape")
    assert panel.count() == 0
    for page in ("home", "leaderboard", "collections", "systems"):
        path = {"home": "/", "leaderboard": "/leaderboard?by=labels"}.get(page, f"/{page}")
        carol = visit(path)
        carol.settled()
        assert carol.page.get_by_test_id("stAlertContentError").count() == 0
        carol.picture(page)


@pytest.mark.parametrize(
    ("path", "dark"),
    [
        ("/", False),
        ("/playground", False),
        ("/playground", True),
        ("/arena", False),
        ("/arena", True),
        ("/leaderboard?by=labels", False),
        ("/collections", False),
        ("/systems", False),
    ],
)
@pytest.mark.thorough
def test_every_page_fits_a_phone(visit: Visit, path: str, dark: bool) -> None:
    phone = visit(path, width=390, height=844, dark=dark)
    phone.settled()
    main = phone.page.get_by_test_id("stMain")
    assert main.evaluate("node => node.scrollWidth <= node.clientWidth + 1")
    if path == "/arena":
        phone.battle()
        for name in ("A is better", "Equally good", "Both bad", "B is better", "Skip"):
            box = phone.verdict(name).bounding_box()
            assert box is not None
            assert 0 <= box["y"] <= 844 - box["height"], name
        phone.picture("arena-phone-dark" if dark else "arena-phone")


@pytest.mark.thorough
def test_the_first_click_after_a_deep_link_into_a_fresh_server_counts(server: Server, visit: Visit) -> None:
    server.stop()
    server.start()
    dan = visit("/systems?show=register")
    dan.page.get_by_label("Name here").fill("mine")
    dan.page.get_by_role("button", name="Register", exact=True).last.click()
    dan.page.get_by_text("Incident").wait_for()
