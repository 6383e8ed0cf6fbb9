"""Votes under impatient fingers, reloads, a killed server and two browsers; and blind before the vote."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from core.domain.voting import Vote
from tests.browser.conftest import Server
from tests.support.chromium import READ_MS, Visitor

pytestmark = [pytest.mark.browser, pytest.mark.thorough]
Visit = Callable[..., Visitor]
LINK = "/arena?link=vote"
CONFIG = """
roster = ["bm25", "bi-encoder", "maxsim", "rrf?of=(bm25,bi-encoder)"]  # no language model in the background
[arena]
same_rate = 0
swapped_rate = 0
gold_rate = 0
"""


def votes(server: Server) -> tuple[Vote, ...]:
    store = server.store()
    try:
        return store.votes()
    finally:
        store.close()


@pytest.mark.parametrize("pause_ms", [50, 150, 300])
def test_a_double_click_is_one_vote(server: Server, visit: Visit, pause_ms: int) -> None:
    before = len(votes(server))
    ann = visit(LINK)
    first = ann.battle()
    ann.page.wait_for_timeout(READ_MS)
    box = ann.verdict("A is better").bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    ann.page.mouse.click(x, y)
    ann.page.wait_for_timeout(pause_ms)
    ann.page.mouse.click(x, y)
    ann.until_another_battle_than(first)
    ann.page.wait_for_timeout(800)
    assert len(votes(server)) == before + 1


def test_keys_vote_and_skip(server: Server, visit: Visit) -> None:
    before = len(votes(server))
    ann = visit(LINK)
    battle = ann.battle()
    ann.page.wait_for_timeout(READ_MS)
    ann.page.keyboard.press("4")
    ann.until_another_battle_than(battle)
    battle = ann.battle()
    ann.page.keyboard.press("s")
    ann.until_another_battle_than(battle)
    assert [str(vote.verdict) for vote in votes(server)[before:]] == ["right"]


def test_a_key_pressed_at_once_is_not_counted(server: Server, visit: Visit) -> None:
    ann = visit(LINK)
    ann.vote("A is better")
    before = len(votes(server))
    battle = ann.battle()
    ann.page.keyboard.press("1")
    ann.page.get_by_text("Not counted: shown for").wait_for()
    assert ann.battle() == battle
    assert len(votes(server)) == before


def test_a_reload_keeps_the_battle_and_its_slots(visit: Visit) -> None:
    ann = visit(LINK)
    battle = ann.battle()
    ann.kept()
    ann.page.reload()
    assert ann.battle() == battle


def test_undo_withdraws_and_brings_another_battle(server: Server, visit: Visit) -> None:
    before = len(votes(server))
    ann = visit(LINK)
    first = ann.battle()
    ann.vote("B is better")
    ann.page.get_by_role("button", name="Undo", exact=True).click()
    ann.page.get_by_text("Vote withdrawn").wait_for()
    assert len(votes(server)) == before
    assert ann.battle() != first


def test_a_server_killed_between_battle_and_vote_loses_nothing(server: Server, visit: Visit) -> None:
    ann = visit(LINK)
    ann.vote("A is better")
    kept = votes(server)
    battle = ann.battle()
    ann.page.wait_for_timeout(READ_MS)
    ann.offline = True
    server.kill()
    server.start()
    ann.page.reload()
    assert ann.battle() == battle
    ann.offline = False
    ann.vote("B is better")
    assert votes(server)[: len(kept)] == kept
    assert len(votes(server)) == len(kept) + 1


def test_two_browsers_at_once_lose_and_double_nothing(server: Server, visit: Visit) -> None:
    before = len(votes(server))
    ann, bob = visit(LINK), visit(LINK)
    for _ in range(3):
        first, second = ann.battle(), bob.battle()
        ann.page.wait_for_timeout(READ_MS)
        ann.verdict("A is better").click(no_wait_after=True)
        bob.verdict("B is better").click(no_wait_after=True)
        ann.until_another_battle_than(first)
        bob.until_another_battle_than(second)
    cast = votes(server)[before:]
    assert len(cast) == 6
    assert len({vote.battle for vote in cast}) == 6
    assert len({vote.voter for vote in cast}) == 2


def test_no_frame_names_a_system_before_the_vote(server: Server, visit: Visit) -> None:
    store = server.store()
    names = [word for pair in store.system_specs().items() for word in pair]
    store.close()
    assert len(names) >= 10
    ann = visit(LINK)
    for _ in range(5):  # skipped battles reveal nothing either
        battle = ann.battle()
        ann.verdict("Skip").click()
        ann.until_another_battle_than(battle)
    received = b"\n".join(ann.frames)
    assert ann.battle()[0].encode() in received
    assert [name for name in names if name.encode() in received] == []
    ann.vote("A is better")
    revealed = b"\n".join(ann.frames)
    assert sum(name.encode() in revealed for name in names) >= 2  # the search would have found them


def test_a_vote_link_has_no_navigation(visit: Visit) -> None:
    ann = visit(LINK)
    ann.battle()
    assert ann.page.get_by_test_id("stSidebarNav").count() == 0
    assert ann.page.get_by_role("link", name="Leaderboard").count() == 0
