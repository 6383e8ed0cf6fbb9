"""A benchmark as a person runs it: plan, forecast, progress in two tabs, cancel, resume, results, one query."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.browser.conftest import Server
from tests.support.chromium import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.thorough]
Visit = Callable[..., Visitor]
CONFIG = 'roster = ["bm25", "first-stage"]  # nothing that takes long in the background\n'
SYSTEMS = "systems=bm25&systems=bi-encoder"  # the baseline comes by itself
RUN_MS = 120_000


def press(visitor: Visitor, name: str) -> None:
    visitor.page.get_by_role("button", name=name, exact=True).click()


@pytest.fixture(scope="module")
def address(server: Server, chromium: object) -> str:
    """Plan, cancel, resume; the address of the finished benchmark."""
    ann = Visitor(chromium, server.address)
    ann.go(f"/benchmark?{SYSTEMS}")
    ann.page.get_by_role("button", name="Run the sample benchmark").wait_for()
    ann.page.get_by_text("A sample", exact=True).click()
    ann.page.get_by_label("How many of 75").fill("12")
    ann.page.get_by_label("How many of 75").press("Enter")
    press(ann, "Make the plan")
    ann.page.get_by_text("A run makes").wait_for()
    ann.picture("benchmark-forecast")
    press(ann, "Start")
    ann.page.get_by_role("button", name="Cancel", exact=True).wait_for()
    bob = Visitor(chromium, server.address)  # the same plan in another browser
    bob.go(ann.page.url.removeprefix(server.address))
    bob.page.get_by_role("progressbar").first.wait_for()
    bob.picture("benchmark-running")
    press(bob, "Cancel")
    ann.page.get_by_text("everything finished stays").first.wait_for()
    press(ann, "Resume")
    ann.page.get_by_role("heading", name="bi-encoder leads").wait_for(timeout=RUN_MS)
    ann.page.get_by_role("button", name="Cancel", exact=True).wait_for(state="detached", timeout=RUN_MS)
    found = str(ann.page.url).removeprefix(server.address)
    assert [*ann.complaints, *bob.complaints] == []
    for visitor in (ann, bob):
        visitor.leave()
    return found


def test_the_finished_benchmark_says_who_leads_and_what_it_costs(visit: Visit, address: str) -> None:
    ann = visit(address)
    heading = ann.page.get_by_role("heading", level=2).first
    heading.wait_for()
    assert "bi-encoder leads with nDCG@10" in heading.inner_text()
    assert "over 12 queries" in heading.inner_text()
    ann.page.locator(".js-plotly-plot").first.wait_for(timeout=RUN_MS)
    ann.page.get_by_text("one query at a time, warm, answer cache off").wait_for()
    ann.page.get_by_text("Randomised Tukey", exact=True).click()
    ann.page.wait_for_url("**correction=tukey**")
    ann.picture("benchmark")


def test_a_click_on_a_bar_opens_the_query_and_back_leads_back(visit: Visit, address: str) -> None:
    ann = visit(f"{address}&section=queries&a=bi-encoder&b=bm25")
    bar = ann.page.locator("[class*=st-key-differences_bars] .point path").first
    bar.wait_for(timeout=RUN_MS)
    bar.scroll_into_view_if_needed()
    ann.picture("benchmark-queries")
    box = bar.bounding_box()
    assert box is not None
    ann.page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)  # the plot itself takes the click
    ann.page.wait_for_url("**/playground?**")
    ann.page.locator("button.row").first.wait_for()
    heads = ann.page.locator(".head .label").all_inner_texts()
    assert heads[1:] == ["bi-encoder", "bm25"]
    assert ann.page.get_by_role("button", name="Run", exact=True).count() == 0  # both rankings are there
    ann.page.go_back()
    ann.page.wait_for_url("**/benchmark?**")
    ann.page.locator("[class*=st-key-differences_points] .point").first.wait_for()


def test_the_benchmark_fits_a_phone(visit: Visit, address: str) -> None:
    phone = visit(f"{address}&section=queries", width=390, height=844)
    phone.page.get_by_role("heading", name="Take along").wait_for()
    main = phone.page.get_by_test_id("stMain")
    assert main.evaluate("node => node.scrollWidth <= node.clientWidth + 1")


def test_home_leads_on_and_keeps_the_collection(visit: Visit) -> None:
    ann = visit("/")
    ann.page.get_by_role("link", name="All queries").click()
    ann.page.get_by_role("heading", name="How good on all queries").wait_for()
    ann.page.wait_for_url("**collection=sample**")
