"""The real application in a process of its own, and Chromium in front of it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import pytest

from core.settings import PROJECT
from db.store import SqlStore
from tests.support.chromium import ARGUMENTS, BINARY, OPEN, Visitor

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
START_SECONDS = 60.0
LOG_CHARS = 4000  # of the server, where a test failed


class Server:
    """``streamlit run app.py`` on one port over one RUNOFF_HOME; may be stopped and started again."""

    def __init__(self, home: Path) -> None:
        self.home = home
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        return f"http://localhost:{self.port}"

    def start(self) -> None:
        command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(self.port)]
        environment = {**os.environ, "RUNOFF_HOME": str(self.home), "RUNOFF_THREADS": "2"}
        log = (self.home.parent / "server.log").open("ab")
        self._process = subprocess.Popen(command, cwd=PROJECT, env=environment, stdout=log, stderr=log)
        log.close()
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            assert self._process.poll() is None, self.said()
            assert time.monotonic() < deadline, "the server did not start"
            time.sleep(0.1)

    def kill(self) -> None:
        """As a power cut would."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def stop(self) -> None:
        assert self._process is not None
        self._process.terminate()
        self._process.wait(timeout=30)

    def said(self) -> str:
        """The end of everything that it and its engine wrote."""
        files = [self.home.parent / "server.log", *sorted((self.home / "logs").glob("*.log"))]
        return "\n".join(f"{file.name}:\n{file.read_text('utf-8', 'replace')[-LOG_CHARS:]}" for file in files)

    def store(self) -> SqlStore:
        """The same database, read from here."""
        return SqlStore(f"sqlite:///{self.home / 'runoff.sqlite'}", self.home)

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.address}/_stcore/health", timeout=1) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return False


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A failure tells what was on every screen and what the server said: on a slow machine nobody can look."""
    report = yield
    if report.failed:
        for number, visitor in enumerate(OPEN, 1):
            try:
                seen = visitor.seen()
            except playwright.Error as error:
                seen = f"nothing: {error}"
            report.sections.append((f"screen {number}", seen))
        server = getattr(item, "funcargs", {}).get("server")
        if server is not None:
            report.sections.append(("server", server.said()))
    return report


@pytest.fixture(scope="module")
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Gone with the module, so that it does not prepare battles beside other tests. ``CONFIG`` of a module: its
    runoff.toml."""
    if not BINARY.exists():
        assert not os.environ.get("RUNOFF_REQUIRE_BROWSER"), f"there is no Chromium at {BINARY}"
        pytest.skip(f"there is no Chromium at {BINARY}; apt-get install chromium, or name one in RUNOFF_CHROMIUM")
    home = tmp_path_factory.mktemp("browser") / "home"
    home.mkdir()
    (home / "runoff.toml").write_text(getattr(request.module, "CONFIG", ""), "utf-8")
    made = Server(home)
    made.start()
    yield made
    made.stop()


@pytest.fixture(scope="module")
def chromium(server: Server) -> Iterator[object]:
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=str(BINARY), args=list(ARGUMENTS))
        yield browser
        OPEN.clear()
        browser.close()


@pytest.fixture
def visit(server: Server, chromium: object) -> Iterator[Callable[..., Visitor]]:
    """``visit("/arena")``: somebody with a browser of their own; complaints of the console fail the test."""
    visitors: list[Visitor] = []

    def go(path: str = "/", **looks: object) -> Visitor:
        visitor = Visitor(chromium, server.address, **looks)
        visitors.append(visitor)
        visitor.go(path)
        return visitor

    yield go
    for visitor in visitors:
        visitor.leave()
    complaints = [line for visitor in visitors for line in visitor.complaints]
    assert complaints == []
