"""One person at a Chromium: what is on the screen, what the websocket brought, what the console complained of."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

from core.settings import PROJECT

BINARY = Path(os.environ.get("RUNOFF_CHROMIUM", "/usr/bin/chromium"))
ARGUMENTS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
# On a deep link Streamlit's own page first asks for these below the page's path and then at the root.
_EXPECTED = re.compile(r"/[a-z]+/_stcore/(health|host-config)$")
PICTURES = PROJECT / "docs" / "images"
STILL = """() => {
    const still = document.querySelector("[data-testid=stApp]")?.dataset.testScriptState === "notRunning";
    window.stillSince = still ? window.stillSince ?? performance.now() : undefined;
    return still && performance.now() - window.stillSince > 400;
}"""
SEEN_CHARS = 3000  # of a page, where a test failed
READ_MS = 1200  # longer than the shortest reading time, one second


OPEN: list[Visitor] = []  # who has not left


class Visitor:
    """A browser profile of its own: no cookie is shared with anybody."""

    def __init__(self, browser: Any, address: str, *, width: int = 1440, height: int = 900, dark: bool = False) -> None:
        scheme = "dark" if dark else "light"
        self.context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
        self.page = self.context.new_page()
        OPEN.append(self)
        self.address = address
        self.frames: list[bytes] = []
        self.complaints: list[str] = []
        self.offline = False  # while the server is down on purpose, failed connections are no complaint
        self.page.on("websocket", lambda socket: socket.on("framereceived", self._frame))
        self.page.on("pageerror", lambda error: self.complaints.append(f"page error: {error}"))
        self.page.on("console", self._console)

    def go(self, path: str) -> None:
        self.page.goto(self.address + path)
        self.page.get_by_role("heading", level=1).first.wait_for()

    def battle(self) -> tuple[str, ...]:
        """Query and titles of the battle on the screen, A's then B's."""
        self.verdict("A is better").wait_for(timeout=60_000)
        return self.lists()

    def lists(self) -> tuple[str, ...]:
        """Query and titles on the screen, whatever the form of the battle; read at one instant, never half of two."""
        self.page.locator(".query").wait_for()
        read = "root => [...root.querySelectorAll('.query, .side .title')].map(node => node.textContent)"
        return tuple(self.page.locator(".battle").evaluate(read))

    def verdict(self, name: str) -> Any:
        return self.page.get_by_role("button", name=re.compile(f"^{name}")).first

    def vote(self, name: str) -> None:
        """Read, decide, and wait until the next battle is painted."""
        before = self.battle()
        self.page.wait_for_timeout(READ_MS)
        self.verdict(name).click()
        self.until_another_battle_than(before)

    def until_another_battle_than(self, before: tuple[str, ...]) -> None:
        for _ in range(300):
            if self.battle() != before:
                return
            self.page.wait_for_timeout(20)
        raise AssertionError("the battle stayed")

    def settled(self) -> None:
        """Wait until the page has been still for a while: no run of its script, and none that a component asked for."""
        self.page.wait_for_function(STILL, timeout=60_000)

    def kept(self) -> None:
        """Wait until the browser has the voter's cookie."""
        for _ in range(300):
            if self.context.cookies():
                return
            self.page.wait_for_timeout(20)
        raise AssertionError("no cookie was set")

    def picture(self, name: str) -> None:
        """``docs/images/<name>.png``, only where RUNOFF_SCREENSHOTS asks for pictures."""
        if os.environ.get("RUNOFF_SCREENSHOTS"):
            PICTURES.mkdir(parents=True, exist_ok=True)
            self.page.wait_for_timeout(800)
            self.page.screenshot(path=str(PICTURES / f"{name}.png"))

    def leave(self) -> None:
        OPEN.remove(self)
        self.context.close()

    def seen(self) -> str:
        """Address, text and complaints as they are now, for the report of a test that failed."""
        fields = "nodes => nodes.map(node => `${node.ariaLabel}: ${JSON.stringify(node.value)}`).join('\\n')"
        parts = [
            self.page.url,
            self.page.locator("body").inner_text()[:SEEN_CHARS],
            self.page.locator("input, textarea").evaluate_all(fields),
            *self.complaints,
        ]
        return "\n".join(parts)

    def _frame(self, payload: bytes | str) -> None:
        self.frames.append(payload if isinstance(payload, bytes) else payload.encode())

    def _console(self, message: Any) -> None:
        place = str(message.location.get("url", ""))
        if message.type == "error" and not self.offline and not _EXPECTED.search(place):
            self.complaints.append(f"{message.text} {place}")
