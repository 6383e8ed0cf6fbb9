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
READ_MS = 1200  # longer than the shortest reading time, one second


class Visitor:
    """A browser profile of its own: no cookie is shared with anybody."""

    def __init__(self, browser: Any, address: str, *, width: int = 1440, height: int = 900, dark: bool = False) -> None:
        scheme = "dark" if dark else "light"
        self.context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
        self.page = self.context.new_page()
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
        self.page.locator(".query").wait_for()
        return (self.page.locator(".query").inner_text(), *self.page.locator(".side .title").all_inner_texts())

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

    def picture(self, name: str) -> None:
        """``docs/images/<name>.png``, only where RUNOFF_SCREENSHOTS asks for pictures."""
        if os.environ.get("RUNOFF_SCREENSHOTS"):
            PICTURES.mkdir(parents=True, exist_ok=True)
            self.page.wait_for_timeout(800)
            self.page.screenshot(path=str(PICTURES / f"{name}.png"))

    def leave(self) -> None:
        self.context.close()

    def _frame(self, payload: bytes | str) -> None:
        self.frames.append(payload if isinstance(payload, bytes) else payload.encode())

    def _console(self, message: Any) -> None:
        place = str(message.location.get("url", ""))
        if message.type == "error" and not self.offline and not _EXPECTED.search(place):
            self.complaints.append(f"{message.text} {place}")
