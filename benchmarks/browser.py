"""What a person sees in Chromium: page after start, click to the next battle painted. Clocks run inside the page."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks.server import Server
from tests.support.chromium import ARGUMENTS, BINARY

PAGES = ("/", "/playground", "/arena", "/leaderboard?by=labels", "/leaderboard", "/collections", "/systems", "/votes")
LABELS = ("A is better", "B is better", "Equally good", "Both bad")
READING_MS = 1100
IDLE = '[data-test-script-state="notRunning"]'
SCRIPT = (Path(__file__).parent / "stopwatch.js").read_text("utf-8")


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """Seconds from the health page's first answer until the shell and the content of Home were painted."""

    shell_seconds: float
    content_seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Click:
    """Milliseconds from the click until another battle was painted, and until Streamlit says that it is idle."""

    painted_ms: float
    idle_ms: float


@contextmanager
def chromium() -> Iterator[Browser]:
    """A running browser."""
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=str(BINARY), args=list(ARGUMENTS))
        try:
            yield browser
        finally:
            browser.close()


def visitor(browser: Browser) -> Page:
    """A tab of somebody new, with the stopwatch in every page."""
    page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
    page.add_init_script(SCRIPT)
    return page


def open_home(browser: Browser, server: Server) -> Start:
    """Navigate to Home of a server that has just answered, as somebody new."""
    page = visitor(browser)
    page.goto(f"http://{server.base}/", wait_until="commit")
    page.wait_for_function("() => stopwatch.content !== null", timeout=60_000)
    seen = page.evaluate("() => ({shell: stopwatch.shell, content: stopwatch.content})")
    page.context.close()
    return Start(
        shell_seconds=seen["shell"] / 1000 - server.answered_at,
        content_seconds=seen["content"] / 1000 - server.answered_at,
    )


def open_board(browser: Browser, server: Server, collection: str) -> float:
    """Seconds from the address to the first chart of the leaderboard, as somebody new."""
    page = visitor(browser)
    began = time.perf_counter()
    page.goto(f"http://{server.base}/leaderboard?collection={collection}", wait_until="commit")
    page.locator(".js-plotly-plot .main-svg").first.wait_for(timeout=120_000)
    seconds = time.perf_counter() - began
    page.context.close()
    return seconds


def first_battle(browser: Browser, server: Server) -> float:
    """Seconds from the health page's first answer until a battle was painted; call it right after ``open_home``."""
    page = visitor(browser)
    page.goto(f"http://{server.base}/arena", wait_until="commit")
    page.wait_for_function("() => stopwatch.battle !== null", timeout=120_000)
    seen = float(page.evaluate("() => stopwatch.battle"))
    page.context.close()
    return seen / 1000 - server.answered_at


def visit_every_page(browser: Browser, server: Server) -> None:
    """One person goes through all pages and waits on each until it is complete."""
    page = visitor(browser)
    for path in PAGES:
        page.goto(f"http://{server.base}{path}", wait_until="commit")
        page.locator(IDLE).wait_for(timeout=60_000)
        page.wait_for_timeout(1000)
        page.locator(IDLE).wait_for(timeout=60_000)
    page.context.close()


def clicks(browser: Browser, server: Server, votes: int, seed: int) -> list[Click]:
    """One person votes ``votes`` times after reading; two votes more go first, unmeasured."""
    rng = random.Random(seed)
    page = visitor(browser)
    page.goto(f"http://{server.base}/arena", wait_until="commit")
    page.wait_for_function("() => stopwatch.battle !== null", timeout=120_000)
    found = [_click(page, rng.choice(LABELS)) for _ in range(votes + 2)][2:]
    page.context.close()
    return found


def _click(page: Page, label: str) -> Click:
    page.wait_for_timeout(READING_MS)
    page.evaluate("() => stopwatch.arm()")
    page.get_by_role("button", name=label).click(no_wait_after=True)
    page.wait_for_function("() => stopwatch.painted !== null && stopwatch.idle !== null", timeout=30_000)
    seen = page.evaluate(
        "() => ({painted: stopwatch.painted - stopwatch.clicked, idle: stopwatch.idle - stopwatch.clicked})"
    )
    return Click(painted_ms=float(seen["painted"]), idle_ms=float(seen["idle"]))
