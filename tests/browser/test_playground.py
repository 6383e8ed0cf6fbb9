"""The side-by-side view in a browser: rankings that arrive disturb nobody who is reading."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.support.chromium import Visitor

pytestmark = pytest.mark.browser
CONFIG = 'roster = ["bm25", "first-stage"]  # nothing that takes long in the background\n'
FOCUSED = """() => {
    let node = document.activeElement;
    while (node.shadowRoot) node = node.shadowRoot.activeElement;
    return [node.className, node.title];
}"""


def test_rankings_that_arrive_leave_the_focus_on_its_row(visit: Callable[..., Visitor]) -> None:
    ann = visit("/playground?source=query&system=bm25&system=first-stage")
    ann.page.get_by_role("textbox", name="Query", exact=True).fill("how does bread rise")
    ann.page.get_by_role("button", name="Find candidates").click()
    row = ann.page.locator("button.row").nth(2)
    row.wait_for(timeout=60_000)
    ann.settled()
    row.focus()
    title = row.get_attribute("title")
    row.evaluate("node => { node.dataset.old = 'yes'; }")
    run = ann.page.get_by_role("button", name="Run", exact=True)
    run.evaluate("node => node.click()")  # as it would come from elsewhere: the focus does not move
    ann.page.get_by_role("list", name="bm25", exact=True).get_by_role("button").first.wait_for(timeout=60_000)
    ann.settled()
    assert ann.page.locator("[data-old]").count() == 0  # the rows are new ones
    classes, there = ann.page.evaluate(FOCUSED)
    assert "row" in classes.split()
    assert there == title
