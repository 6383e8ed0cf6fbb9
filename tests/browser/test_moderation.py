"""An operator looks at votes in a real browser, takes some out and puts them back; the board follows."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from core.domain.vote_log import ActKind
from core.domain.voting import Verdict
from tests.browser.conftest import Server
from tests.support.casting import cast, crowd
from tests.support.chromium import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.thorough]
CONFIG = 'roster = ["bm25", "first-stage"]  # nothing that takes long in the background\n'
Visit = Callable[..., Visitor]
FIRST_ROW = 52  # pixels from the top of a table to the middle of its first row
NEXT_ROW = 33


def select_rows(visitor: Visitor, table: int, rows: int) -> None:
    """Click the boxes before the first ``rows`` rows; tables are painted on a canvas."""
    visitor.settled()
    box = visitor.page.get_by_test_id("stDataFrame").nth(table).bounding_box()
    assert box is not None
    for row in range(rows):
        visitor.page.mouse.click(box["x"] + 16, box["y"] + FIRST_ROW + NEXT_ROW * row)
        visitor.settled()


@pytest.fixture(scope="module")
def voted(server: Server) -> Server:
    """Eight honest voters and one who always chose the left side, on an imported log."""
    store = server.store()
    crowd(store, voters=8, votes=30, collection="votes:old")
    for number in range(60):
        left, right = (("A", "B"), ("B", "A"), ("C", "D"), ("D", "C"))[number % 4]
        name = f"lefty-{number}"
        cast(store, name, "lefty", left, right, Verdict.LEFT, query=f"q{number % 12}", collection="votes:old")
    store.close()
    return server


def acts(server: Server) -> list[tuple[ActKind, str, str]]:
    store = server.store()
    found = [(d.act.kind, d.act.battle or d.act.voter, d.act.reason) for d in store.decisions()]
    store.close()
    return found


def test_two_votes_are_excluded_with_a_reason_and_one_is_readmitted(voted: Server, visit: Visit) -> None:
    olga = visit("/votes?collection=votes:old&voter=lefty")
    olga.page.get_by_text("60 votes. Select rows").wait_for()
    select_rows(olga, 0, 2)
    olga.page.get_by_label("Why (kept in the log)").fill("two at once")
    olga.page.get_by_role("button", name="Exclude 2 votes").click()
    olga.page.get_by_text("2 rows added to the log").wait_for()
    assert [(kind, reason) for kind, _, reason in acts(voted)] == [(ActKind.EXCLUDE, "two at once")] * 2
    olga.go("/votes?collection=votes:old&status=excluded")
    olga.page.get_by_text("2 votes. Select rows").wait_for()
    select_rows(olga, 0, 1)
    olga.page.get_by_text("drawn by").wait_for()
    olga.picture("votes")
    olga.page.get_by_label("Why (kept in the log)").fill("one was meant")
    olga.page.get_by_role("button", name="Readmit 1 vote").click()
    olga.page.get_by_text("1 row added to the log").wait_for()
    assert acts(voted)[-1][0] is ActKind.READMIT
    bob = visit("/leaderboard?collection=votes:old")
    bob.page.get_by_text("299 votes").first.wait_for()


def test_a_flagged_voter_is_set_aside_and_then_excluded(voted: Server, visit: Visit) -> None:
    olga = visit("/votes?collection=votes:old&show=voters")
    olga.page.get_by_text("1 voter of 9 flagged").wait_for()
    olga.page.get_by_role("button", name="Put 1 flagged voter in quarantine").click()
    olga.page.get_by_text("1 waiting for a decision").wait_for()
    olga.picture("voters")
    bob = visit("/leaderboard?collection=votes:old")
    bob.page.get_by_text("240 votes").first.wait_for()
    select_rows(olga, 1, 1)
    olga.page.get_by_label("Why (kept in the log)").fill("a script")
    olga.page.get_by_role("button", name="Exclude all votes of 1 voter").click()
    olga.page.get_by_text("0 waiting for a decision").wait_for()
    assert acts(voted)[-1] == (ActKind.EXCLUDE, "lefty", "a script")
