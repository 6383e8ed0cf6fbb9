"""The leaderboard in a browser: right and readable with 0, 1, 3 and 10 votes, disconnected, and as of a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.browser.conftest import Server
from tests.support.board_votes import Poll
from tests.support.chromium import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.thorough]
Visit = Callable[..., Visitor]
CONFIG = 'roster = ["bm25", "first-stage"]  # nothing that takes long in the background\n'
QUERIES = tuple(f"q{i}" for i in range(8))
NAMES = {name: name for name in "ABCDEFGH"}
SAID = {
    "one": ["A < B"],
    "three": ["A < B", "B < C", "C < A"],
    "ten": ["A < B", "B < C", "C < A", "A < C", "A = B", "B > A", "C < B", "A < B", "A < C", "C = B"],
    "ties": ["A = B"] * 5,
    "apart": ["A < B", "B < A", "A < B", "C < D", "D < C", "C < D", "C = D"],
}


@pytest.fixture(scope="module")
def polled(server: Server) -> Iterator[dict[str, Poll]]:
    """Imported logs of several sizes in the server's database."""
    store = server.store()
    polls = {name: Poll(store, f"votes:{name}", QUERIES) for name in (*SAID, "many")}
    for name, said in SAID.items():
        voters = ["ann"] if name in ("one", "ties") else ["ann", "bob", "cid"]
        for number, one in enumerate(said):
            polls[name].votes(voters[number % len(voters)], [one], NAMES)
    polls["many"].at_random([f"v{i:02}" for i in range(20)], list(NAMES), 60)
    yield polls
    store.close()


def heading(visitor: Visitor) -> str:
    """The sentence above everything."""
    found = visitor.page.get_by_role("heading", level=2).first
    found.wait_for()
    return str(found.inner_text())


@pytest.mark.usefixtures("polled")
@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("one", "1 vote so far: not enough to rate the systems."),
        ("three", "A, B and C cannot be told apart."),
        ("ten", "A, C and B cannot be told apart."),
        ("ties", "5 votes so far, ties only: nobody is ahead."),
        ("apart", "7 votes so far: no common scale for all systems yet. A and B cannot be told apart. C and D"),
    ],
)
def test_few_votes_say_what_is_known(visit: Visit, name: str, said: str) -> None:
    ann = visit(f"/leaderboard?collection=votes:{name}")
    assert said in heading(ann)
    assert ann.page.get_by_role("alert").count() == 0
    ann.picture(f"board-{name}")


def test_no_votes_at_all(visit: Visit) -> None:
    ann = visit("/leaderboard")
    assert heading(ann) == "There are no votes yet."
    ann.page.get_by_role("link", name="Vote in the arena").wait_for()
    ann.picture("board-none")


@pytest.mark.usefixtures("polled")
def test_a_disconnected_board_has_a_plot_for_each_group(visit: Visit) -> None:
    ann = visit("/leaderboard?collection=votes:apart")
    for group in ("Group A: comparable among themselves", "Group B: comparable among themselves"):
        ann.page.get_by_role("heading", name=group).wait_for()


@pytest.mark.usefixtures("polled")
def test_the_board_as_of_a_time_is_in_the_link(visit: Visit) -> None:
    ann = visit("/leaderboard?collection=votes:many&as_of=2026-03-01T13:00Z")
    ann.page.get_by_text("61 votes of 2 voters").wait_for()
    ann.page.get_by_role("button", name="Clear").click()
    ann.page.get_by_text("1,200 votes of 20 voters").wait_for()
    assert "as_of" not in ann.page.url
    ann.page.locator(".js-plotly-plot").first.wait_for()
    ann.picture("board-many")


@pytest.mark.usefixtures("polled")
@pytest.mark.parametrize("width", [390, 1280])
def test_nothing_is_wider_than_the_screen(visit: Visit, width: int) -> None:
    ann = visit("/leaderboard?collection=votes:many", width=width)
    ann.page.locator(".js-plotly-plot").nth(1).wait_for()
    assert ann.page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.usefixtures("polled")
def test_the_data_of_the_forest_plot_can_be_taken_along(visit: Visit) -> None:
    ann = visit("/leaderboard?collection=votes:many")
    ann.page.locator(".js-plotly-plot").first.wait_for()
    with ann.page.expect_download() as waited:
        ann.page.get_by_role("button", name="Data as CSV").first.click()
    lines = waited.value.path().read_text("utf-8").splitlines()
    assert lines[0].startswith("System,Rating,95 % interval,Ranks")
    assert len(lines) == 1 + len(NAMES)
