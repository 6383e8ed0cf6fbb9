"""The decision in a browser: the sentence, a limit, what more room buys, the code."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable

import pytest

from core.bootstrap import start
from core.domain.benchmarks import BenchmarkPlan
from core.settings import load_settings
from tests.browser.conftest import Server
from tests.support.benchmarks import finished_plan
from tests.support.chromium import Visitor
from tests.support.fake_engine import FakeEngine

pytestmark = [pytest.mark.browser, pytest.mark.thorough]
CONFIG = 'roster = ["bm25", "first-stage"]  # nothing that takes long in the background\n'
# p95 at depth 10: bm25 28 ms, bi-encoder 42 ms, maxsim 56 ms
QUALITY = {"first-stage": 0.0, "bm25": 0.3, "bi-encoder": 0.7, "maxsim": 0.72}
QUERIES = 25


@pytest.fixture(scope="module")
def plan(server: Server) -> BenchmarkPlan:
    """A finished benchmark, written into the server's database by another process, as the command line would."""
    app = start(load_settings({"RUNOFF_HOME": str(server.home)}), engine=FakeEngine())
    sample = app.collections.ensure_sample()
    queries = [query.id for query in app.collections.reader(sample.name).queries()][:QUERIES]
    made = finished_plan(app, sample.name, QUALITY, queries=queries)
    app.close()
    return made


def ready(visitor: Visitor, sentence: str) -> None:
    """The answer stands and the chart is drawn."""
    visitor.page.get_by_role("heading", level=2, name=re.compile(sentence)).wait_for(timeout=60_000)
    visitor.page.locator(".st-key-front .js-plotly-plot").first.wait_for(timeout=60_000)  # the old one may still fade


def test_a_limit_changes_the_answer_and_a_click_makes_room(plan: BenchmarkPlan, visit: Callable[..., Visitor]) -> None:
    visitor = visit(f"/decide?plan={plan.id}")
    ready(visitor, "^Ship bi-encoder: nDCG@10 0")
    visitor.picture("decide")
    field = visitor.page.get_by_role("spinbutton", name="p95 latency, ms at most")
    field.fill("30")
    field.press("Enter")
    ready(visitor, "^Ship bm25: nDCG@10 0")
    assert "p95=30" in visitor.page.url
    visitor.page.get_by_role("button", name="Allow it").first.click()
    ready(visitor, "^Ship bi-encoder: nDCG@10 0")
    assert "p95=42" in visitor.page.url
    code = visitor.page.get_by_test_id("stCode").inner_text()
    assert "def rerank(query: str, documents: list[str]) -> list[int]:" in code


def test_the_bundle_is_made_for_the_limits_of_the_page(plan: BenchmarkPlan, visit: Callable[..., Visitor]) -> None:
    visitor = visit(f"/decide?plan={plan.id}&p95=30")
    ready(visitor, "^Ship bm25: nDCG@10 0")
    with visitor.page.expect_download(timeout=60_000) as download:
        visitor.page.get_by_role("button", name="Decision bundle").click()
    with zipfile.ZipFile(download.value.path()) as bundle:
        assert bundle.testzip() is None
        report = next(name for name in bundle.namelist() if name.endswith("report.html"))
        assert "Ship bm25" in bundle.read(report).decode()


def test_a_link_shows_the_same_on_a_narrow_screen(plan: BenchmarkPlan, visit: Callable[..., Visitor]) -> None:
    visitor = visit(f"/decide?plan={plan.id}&p95=30&axis=memory", width=390, height=844, dark=True)
    ready(visitor, "^Ship bm25: nDCG@10 0")
    visitor.picture("decide-narrow")
    wide = visitor.page.evaluate("document.documentElement.scrollWidth")
    assert wide <= 390
