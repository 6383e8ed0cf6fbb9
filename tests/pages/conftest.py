"""Pages through app.py, over a real store, a small collection and an engine without a process."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import streamlit as st
from streamlit.runtime.pages_manager import PagesManager
from streamlit.testing.v1 import AppTest

from core import bootstrap
from core.bootstrap import App
from core.domain.collections import Collection
from core.settings import PROJECT, Arena, Limits, load_settings
from tests.support.collections_on_disk import write_small_beir
from tests.support.fake_engine import FakeEngine

Open = Callable[..., AppTest]


@pytest.fixture
def engine() -> FakeEngine:
    return FakeEngine()


@pytest.fixture
def limits() -> Limits:
    return Limits(min_reading_seconds=0.01)


@pytest.fixture
def arena() -> Arena:
    """No hidden controls, and every battle side by side unless another form is asked for."""
    return Arena(same_rate=0.0, swapped_rate=0.0, gold_rate=0.0)


@pytest.fixture
def cookies(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """What the browser sends; empty is a first visit."""
    held: dict[str, str] = {}
    monkeypatch.setattr(type(st.context), "cookies", property(lambda _self: held))
    return held


@pytest.fixture
def app(
    tmp_path: Path,
    engine: FakeEngine,
    limits: Limits,
    arena: Arena,
    cookies: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[App]:
    """The application that the pages will find; only the engine process is replaced."""
    settings = replace(load_settings({"RUNOFF_HOME": str(tmp_path / "home")}), limits=limits, arena=arena)
    made = bootstrap.start(settings, engine=engine)
    monkeypatch.setattr(bootstrap, "open_app", lambda: made)
    st.cache_resource.clear()
    yield made
    st.cache_resource.clear()
    made.close()


@pytest.fixture
def small(app: App, tmp_path: Path) -> Collection:
    """12 passages, 6 queries in two categories, labels for all but the last query; hostile text in one passage."""
    return app.collections.import_path(write_small_beir(tmp_path / "beir"), "small")[0]


@pytest.fixture
def prepared(app: App, small: Collection) -> Collection:
    """The small collection with every ranking of the roster."""
    app.preparation.ensure(small.fingerprint)
    deadline = time.monotonic() + 10
    while app.preparation.preparing(small.fingerprint):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    return small


@pytest.fixture
def running_server(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a server in which somebody has been: app.py runs first. AppTest forgets that before every run."""
    made = PagesManager.__init__

    def remembering(self: PagesManager, *args: object, **kwargs: object) -> None:
        made(self, *args, **kwargs)
        PagesManager.uses_pages_directory = False

    monkeypatch.setattr(PagesManager, "__init__", remembering)


@pytest.fixture
def open_page(app: App, running_server: None) -> Open:
    """``open_page("arena", collection="small")``: the page as a browser that follows this link sees it."""

    def opened(page: str, **query: object) -> AppTest:
        at = AppTest.from_file(str(PROJECT / "app.py"), default_timeout=20)
        at.query_params.update(query)
        at.run()
        if page != "home":
            at.query_params.update(query)
            at.switch_page(f"pages/{page}.py")
            at.run()
        assert not at.exception, at.exception
        return at

    return opened
