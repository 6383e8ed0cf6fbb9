"""Every form of battle in Chromium: what the voter said arrives with the vote, by mouse and by keyboard, once."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from core.domain.voting import BattleForm, Reason, Verdict, Vote
from tests.browser.conftest import Server
from tests.support.chromium import READ_MS, Visitor

pytestmark = [pytest.mark.browser, pytest.mark.thorough]
Visit = Callable[..., Visitor]
CONFIG = """
roster = ["bm25", "bi-encoder", "maxsim", "rrf?of=(bm25,bi-encoder)"]
[arena]
same_rate = 0
swapped_rate = 0
gold_rate = 0
"""
FORMS = [str(form) for form in BattleForm]


def link(form: str) -> str:
    return f"/arena?link=vote&form={form}"


def votes(server: Server) -> tuple[Vote, ...]:
    store = server.store()
    try:
        return store.votes()
    finally:
        store.close()


def marked(server: Server, vote: Vote) -> dict[str, bool]:
    """Ids of marked documents."""
    return {mark.document: mark.useful for mark in vote.marks}


def battle(ann: Visitor) -> tuple[str, ...]:
    """Query and titles on the screen, whatever the form."""
    ann.verdict("Skip").wait_for(timeout=60_000)
    return ann.lists()


def another(ann: Visitor, before: tuple[str, ...]) -> tuple[str, ...]:
    for _ in range(300):
        now = battle(ann)
        if now != before:
            return now
        ann.page.wait_for_timeout(20)
    raise AssertionError("the battle stayed")


def complete(ann: Visitor, form: str) -> None:
    """Say what the form asks for and wait until its first button opens."""
    battle(ann)
    if form == "interleaved":
        ann.page.locator(".mark.yes").first.click()
    if form == "best-to-worst":
        ann.page.keyboard.press("a")
        for letter in "bcd"[: ann.page.locator(".side").count() - 1]:
            ann.page.keyboard.press(letter)
    if form != "side-by-side":
        ann.page.locator('[class*="st-key-done-"] button:not([disabled])').wait_for()


def test_marks_and_reasons_arrive_with_the_vote_and_not_with_the_next(server: Server, visit: Visit) -> None:
    before = len(votes(server))
    ann = visit(link("side-by-side"))
    first = battle(ann)
    ann.page.wait_for_timeout(READ_MS)
    page = ann.page
    page.locator(".side").nth(0).locator(".mark.yes").nth(0).click()
    page.locator(".side").nth(1).locator(".mark.no").nth(4).click()
    page.locator(".reason", has_text="Duplicates").click()
    page.keyboard.press("1")  # at once: the marks go with it
    second = another(ann, first)
    assert page.locator('[aria-pressed="true"]').count() == 0
    page.wait_for_timeout(READ_MS)
    page.keyboard.press("2")
    another(ann, second)
    one, two = votes(server)[before:]
    assert sorted(marked(server, one).values()) == [False, True]
    assert one.reasons == (Reason.DUPLICATES,)
    assert two.verdict is Verdict.EQUAL
    assert two.marks == two.reasons == ()


def test_a_document_in_both_lists_has_one_mark_and_a_mark_can_be_taken_back(server: Server, visit: Visit) -> None:
    before = len(votes(server))
    ann = visit(link("side-by-side"))
    for _ in range(20):
        first = battle(ann)
        shared = next((title for title in first[1:] if first[1:].count(title) == 2), "")
        if shared:
            break
        ann.verdict("Skip").click()
        another(ann, first)
    page = ann.page
    both = page.get_by_role("button", name=f"Useful: {shared}", exact=True)
    both.first.click()
    assert [both.nth(side).get_attribute("aria-pressed") for side in (0, 1)] == ["true", "true"]
    both.nth(1).click()
    assert page.locator('[aria-pressed="true"]').count() == 0
    page.wait_for_timeout(READ_MS)
    page.keyboard.press("4")
    another(ann, first)
    (vote,) = votes(server)[before:]
    assert vote.marks == ()


def test_marks_stay_when_a_vote_came_too_soon(server: Server, visit: Visit) -> None:
    ann = visit(link("side-by-side"))
    first = battle(ann)
    ann.page.wait_for_timeout(READ_MS)
    ann.page.keyboard.press("1")
    second = another(ann, first)
    before = len(votes(server))
    ann.page.locator(".mark.yes").first.evaluate("node => node.click()")  # no waiting: too soon is the point
    ann.page.keyboard.press("1")
    ann.page.get_by_text("Not counted: shown for").wait_for()
    assert battle(ann) == second
    assert ann.page.locator('.mark.yes[aria-pressed="true"]').count() >= 1
    ann.page.wait_for_timeout(READ_MS)
    ann.page.keyboard.press("1")
    another(ann, second)
    (vote,) = votes(server)[before:]
    assert [mark.useful for mark in vote.marks] == [True]


def test_a_merged_list_by_keyboard_alone(server: Server, visit: Visit) -> None:
    before = len(votes(server))
    ann = visit(link("interleaved"))
    first = battle(ann)
    page = ann.page
    ann.page.wait_for_timeout(READ_MS)
    page.locator(".passage").nth(0).focus()
    page.keyboard.press("Tab")  # to its mark
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.locator('[class*="st-key-done-"] button:not([disabled])').wait_for()
    ann.picture("arena-merged-list")
    page.keyboard.press("1")
    another(ann, first)
    page.get_by_text("The list was made of").wait_for()
    (vote,) = votes(server)[before:]
    assert vote.form is BattleForm.INTERLEAVED
    assert [mark.useful for mark in vote.marks] == [True, True]


def test_lists_in_order_by_keyboard_alone(server: Server, visit: Visit) -> None:
    before = len(votes(server))
    ann = visit(link("best-to-worst"))
    first = battle(ann)
    page = ann.page
    count = page.locator(".side").count()
    page.wait_for_timeout(READ_MS)
    page.keyboard.press("c")  # Streamlit would ask whether to clear its caches
    page.keyboard.press("a")
    page.keyboard.press("Shift+B")
    if count == 4:
        page.keyboard.press("d")
    order = "Best to worst: C > A = B" + (" > D" if count == 4 else "")
    assert page.get_by_role("status").filter(has_text="Best to worst").inner_text() == order
    assert page.get_by_role("dialog").count() == 0
    ann.picture("arena-best-to-worst")
    page.locator('[class*="st-key-done-"] button:not([disabled])').wait_for()
    page.keyboard.press("1")
    another(ann, first)
    page.get_by_text("You said:").wait_for()
    (vote,) = votes(server)[before:]
    assert vote.order == ((2,), (0, 1), (3,))[: count - 1]
    assert len(set(vote.slots)) == count


def test_places_by_touch_on_a_phone(server: Server, visit: Visit) -> None:
    before = len(votes(server))
    ann = visit(link("best-to-worst"), width=390, height=844)
    first = battle(ann)
    page = ann.page
    page.wait_for_timeout(READ_MS)
    count = page.locator(".side").count()
    for slot in range(count):
        page.get_by_role("button", name=f"{'ABCD'[slot]} in place {count - slot}").click()
    page.locator('[class*="st-key-done-"] button:not([disabled])').wait_for()
    ann.verdict("Done").click()
    another(ann, first)
    (vote,) = votes(server)[before:]
    assert vote.order == tuple((slot,) for slot in reversed(range(count)))
    assert page.evaluate("document.scrollingElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("pause_ms", [50, 300])
def test_a_double_click_is_one_vote_in_every_form(server: Server, visit: Visit, form: str, pause_ms: int) -> None:
    before = len(votes(server))
    ann = visit(link(form))
    complete(ann, form)
    first = battle(ann)
    ann.page.wait_for_timeout(READ_MS)
    name = "A is better" if form == "side-by-side" else "Done"
    box = ann.verdict(name).bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    ann.page.mouse.click(x, y)
    ann.page.wait_for_timeout(pause_ms)
    ann.page.mouse.click(x, y)
    another(ann, first)
    ann.page.wait_for_timeout(800)
    assert len(votes(server)) == before + 1


@pytest.mark.parametrize("form", FORMS)
def test_no_frame_names_a_system_before_the_vote_in_any_form(server: Server, visit: Visit, form: str) -> None:
    store = server.store()
    names = [word for pair in store.system_specs().items() for word in pair]
    store.close()
    assert len(names) >= 8
    ann = visit(link(form))
    for _ in range(3):
        complete(ann, form)
        first = battle(ann)
        ann.verdict("Skip").click()
        another(ann, first)
    complete(ann, form)
    first = battle(ann)
    received = b"\n".join(ann.frames)
    assert first[0].encode() in received
    assert [name for name in names if name.encode() in received] == []
    ann.page.wait_for_timeout(READ_MS)
    ann.page.keyboard.press("1")
    another(ann, first)
    ann.page.get_by_role("button", name="Undo", exact=True).wait_for()
    revealed = b"\n".join(ann.frames)
    assert sum(name.encode() in revealed for name in names) >= 2  # the search would have found them


def test_the_kind_of_battle_is_chosen_and_kept_in_the_url(visit: Visit) -> None:
    ann = visit("/arena")
    battle(ann)
    page = ann.page
    page.get_by_test_id("stPopoverButton").click()
    page.get_by_role("combobox", name="Kind of battle").click()
    page.get_by_role("option", name="Put in order").click()
    page.locator(".order").wait_for()
    page.wait_for_url("**form=best-to-worst*")
    page.get_by_text("form=best-to-worst").wait_for()  # the vote link carries it


def test_a_reload_brings_back_the_names_and_undo(server: Server, visit: Visit) -> None:
    before = len(votes(server))
    ann = visit(link("side-by-side"))
    first = battle(ann)
    ann.page.wait_for_timeout(READ_MS)
    ann.page.keyboard.press("1")
    another(ann, first)
    ann.page.reload()
    ann.page.get_by_text("You said A is better").wait_for()
    ann.page.get_by_role("button", name="Undo", exact=True).click()
    ann.page.get_by_text("Vote withdrawn").wait_for()
    assert len(votes(server)) == before
