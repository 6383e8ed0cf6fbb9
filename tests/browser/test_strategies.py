"""Strategies in a browser: the drawing of a real run, a system built from a form, and the trace of its ranking."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.support.chromium import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.thorough]
CONFIG = 'roster = ["bm25", "first-stage"]  # nothing that takes long in the background\n'


def test_a_strategy_is_drawn_and_leads_to_the_playground(visit: Callable[..., Visitor]) -> None:
    ann = visit("/strategies?strategy=yes-no")
    ann.page.get_by_role("heading", name="LLM yes/no", exact=True).wait_for(timeout=60_000)
    ann.page.locator(".js-plotly-plot").nth(1).wait_for(timeout=60_000)  # the drawing, and the cost over N
    ann.settled()
    assert ann.page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    ann.page.get_by_role("link", name="Try it in the Playground").click()
    ann.page.get_by_text("A run asks:").wait_for(timeout=60_000)
    assert "yes-no" in ann.page.url


def test_a_system_is_built_run_and_traced(visit: Callable[..., Visitor]) -> None:
    ann = visit("/playground?system=bm25&system=first-stage")
    ann.page.get_by_role("button", name="Build a system").click()
    form = ann.page.get_by_role("dialog")
    strategy = form.get_by_role("combobox").first
    strategy.click()
    strategy.fill("Reciprocal")
    ann.page.get_by_role("option").first.click()
    form.get_by_text("On this list:").wait_for(timeout=60_000)
    form.get_by_role("button", name="Add this system").click()
    ann.page.get_by_role("button", name="Run", exact=True).click(timeout=60_000)
    spec = "rrf?of=(bm25,bi-encoder)"
    ann.page.get_by_role("list", name=spec, exact=True).get_by_role("button").first.wait_for(timeout=120_000)
    ann.settled()
    ann.page.goto(f"{ann.page.url}&trace=bm25")
    ann.page.get_by_role("button", name="Make the trace").click(timeout=60_000)
    ann.page.get_by_role("dialog").locator(".js-plotly-plot").first.wait_for(timeout=60_000)
