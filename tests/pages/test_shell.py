"""The frame of every page: sections, deep links, errors without a traceback."""

import logging

import pytest
from streamlit.testing.v1 import AppTest

from core import bootstrap
from core.bootstrap import App
from core.domain.collections import Collection
from core.domain.errors import StorageError
from core.settings import PROJECT
from pages._ui.navigation import pages
from tests.pages.conftest import Open
from tests.support.page_tree import sent, texts


@pytest.mark.parametrize("page", ["home", "playground", "benchmark", "arena", "leaderboard", "collections", "systems"])
def test_every_page_draws_without_an_error(open_page: Open, prepared: Collection, page: str) -> None:
    at = open_page(page)
    assert not at.error
    assert at.title[0].value


def test_an_unexpected_failure_is_one_line_with_an_incident_that_is_in_the_log(
    open_page: Open, small: Collection, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("secret detail")

    monkeypatch.setattr("core.services.board.leaderboard.LeaderboardService.board", broken)
    with caplog.at_level(logging.ERROR, "core.pages"):
        at = open_page("home")
    (error,) = at.error
    incident = error.value.split()[-1].rstrip(".")
    assert incident in caplog.text
    assert "secret detail" in caplog.text
    assert "secret detail" not in sent(at)


def test_a_database_that_cannot_be_opened_is_told_not_thrown(open_page: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> None:
        raise StorageError("The database lies on a network file system. Choose a local RUNOFF_HOME.")

    monkeypatch.setattr(bootstrap, "open_app", refuse)
    assert "Choose a local RUNOFF" in texts(open_page("home"))


def test_a_deep_link_into_a_server_nobody_has_visited_comes_through_app_py(app: App, prepared: Collection) -> None:
    at = AppTest.from_file(str(PROJECT / "app.py"), default_timeout=20).run()
    at.switch_page("pages/leaderboard.py").run()  # AppTest serves this run as a fresh server would
    assert not at.exception
    assert at.title[0].value == "Leaderboard"
    assert "There are no votes yet" in texts(at)


def test_the_sections_are_those_of_the_design() -> None:
    assert {section: len(found) for section, found in pages().items()} == {
        "Compare": 3,
        "Vote": 1,
        "Decide": 2,
        "Workbench": 4,
    }
