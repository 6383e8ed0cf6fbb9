"""Every form of battle through AppTest: what goes into the ballot, once, and into no other; controls told honestly."""

import time

import pytest
from streamlit.testing.v1 import AppTest

from core.bootstrap import App
from core.domain.collections import Collection
from core.domain.voting import BattleForm, BattleState, Control, Reason, Verdict, Vote
from core.settings import Arena
from tests.pages.conftest import Open
from tests.support.arena_page import READ, VIEW, battle_of, report, titles
from tests.support.page_tree import component, sent, texts

FORMS = [str(form) for form in BattleForm]
ANSWERS = {"side-by-side": "left", "interleaved": "done", "best-to-worst": "done"}
NO_CONTROLS = {"same_rate": 0.0, "swapped_rate": 0.0, "gold_rate": 0.0}


def complete(at: AppTest) -> AppTest:
    """Say in the lists whatever this form asks for."""
    places = list(range(1, len(component(at, VIEW)["lists"]) + 1))
    return report(at, marks={"1": True}, places=places)


def answer(at: AppTest, name: str = "") -> str:
    battle = battle_of(at)
    time.sleep(READ)
    name = name or ANSWERS[component(at, VIEW)["form"]]
    at.button(key=f"{name}-{battle}").click().run()
    assert not at.exception, at.exception
    return battle


def marked(app: App, vote: Vote) -> dict[str, bool]:
    """Titles of the marked documents."""
    documents = {document.id: document.title for document in app.candidates.load(vote.candidates).documents}
    return {documents[mark.document]: mark.useful for mark in vote.marks}


def test_marks_and_reasons_travel_with_the_vote(app: App, open_page: Open, prepared: Collection) -> None:
    at = open_page("arena")
    shown = titles(at)
    battle = answer(report(at, marks={"0": True, "3": False}, reasons=["order", "missing-answer"]))
    (vote,) = app.store.votes()
    assert (vote.battle, vote.verdict) == (battle, Verdict.LEFT)
    assert marked(app, vote) == {shown[0]: True, shown[3]: False}
    assert vote.reasons == (Reason.MISSING, Reason.ORDER)


def test_what_was_said_of_one_battle_is_not_said_of_the_next(app: App, open_page: Open, prepared: Collection) -> None:
    at = open_page("arena")
    turn = component(at, VIEW)["turn"]
    answer(report(at, marks={"0": True}, reasons=["order"]))
    assert component(at, VIEW)["turn"] != turn
    answer(report(at, turn=turn, marks={"0": True}, reasons=["order"]))  # a browser that is late
    first, second = app.store.votes()
    assert len(first.marks) == len(first.reasons) == 1
    assert second.marks == second.reasons == ()


def test_a_plain_vote_carries_nothing(app: App, open_page: Open, prepared: Collection) -> None:
    answer(open_page("arena"))
    (vote,) = app.store.votes()
    assert vote.marks == vote.reasons == vote.order == ()


def test_one_merged_list_takes_marks_and_names_both_afterwards(app: App, open_page: Open, prepared: Collection) -> None:
    at = open_page("arena", form="interleaved")
    data = component(at, VIEW)
    assert data["form"] == "interleaved"
    assert data["lists"] == [list(range(10))]
    assert data["reasons"] == []
    done = f"done-{battle_of(at)}"
    assert at.button(key=done).disabled
    report(at, marks={"1": True, "4": True}).run()
    assert not at.button(key=done).disabled
    assert at.button(key=f"none-useful-{battle_of(at)}").disabled
    shown = titles(at)
    battle = answer(at)
    (vote,) = app.store.votes()
    assert (vote.battle, vote.form) == (battle, BattleForm.INTERLEAVED)
    assert marked(app, vote) == {shown[1]: True, shown[4]: True}
    left, right = (app.systems.name(system) for system in vote.slots)
    assert f"The list was made of `{left}` and `{right}`; you credited `{left}` " in texts(at)


def test_none_useful_is_an_answer_too(app: App, open_page: Open, prepared: Collection) -> None:
    at = open_page("arena", form="interleaved")
    answer(at, "none-useful")
    (vote,) = app.store.votes()
    assert (vote.verdict, vote.marks) == (Verdict.BOTH_BAD, ())
    assert "you found nothing useful in it" in texts(at)


def test_none_useful_with_a_mark_is_asked_again(app: App, open_page: Open, prepared: Collection) -> None:
    at = open_page("arena", form="interleaved")
    battle = answer(report(at, marks={"0": True}), "none-useful")  # marked and clicked in the same instant
    assert app.store.votes() == ()
    assert battle_of(at) == battle
    assert "Mark the useful passages" in texts(at)


def test_lists_are_put_in_order_with_a_tie(app: App, open_page: Open, prepared: Collection) -> None:
    at = open_page("arena", form="best-to-worst")
    count = len(component(at, VIEW)["lists"])
    assert count in (3, 4)
    done = f"done-{battle_of(at)}"
    report(at, places=[2, None, 1, 4][:count]).run()
    assert at.button(key=done).disabled
    battle = answer(report(at, places=[2, 2, 1, 4][:count], marks={"0": False}).run())
    (vote,) = app.store.votes()
    assert (vote.battle, vote.form, vote.verdict) == (battle, BattleForm.BEST_TO_WORST, Verdict.ORDERED)
    assert vote.order == ((2,), (0, 1), (3,))[: count - 1]
    assert [mark.useful for mark in vote.marks] == [False]
    names = [app.systems.name(system) for system in vote.slots]
    assert f"You said: 1\\. C `{names[2]}`, 2\\. A `{names[0]}` and B `{names[1]}`" in texts(at)


@pytest.mark.parametrize("form", FORMS)
def test_a_second_click_votes_once_in_every_form(app: App, open_page: Open, prepared: Collection, form: str) -> None:
    at = open_page("arena", form=form)
    complete(at).run()
    stale = at.button(key=f"{ANSWERS[form]}-{battle_of(at)}")
    battle = answer(at)
    at._tree.children[0].children[max(at._tree.children[0].children) + 1] = stale  # the button the finger still has
    time.sleep(READ)
    stale.click()
    at.run()
    assert [vote.battle for vote in app.store.votes()] == [battle]
    assert app.store.battle(battle_of(at)).state is BattleState.SHOWN
    assert "Vote already recorded" in texts(at)


@pytest.mark.parametrize("form", FORMS)
def test_nothing_names_a_system_before_the_vote_in_any_form(
    app: App, open_page: Open, prepared: Collection, form: str
) -> None:
    at = open_page("arena", form=form)
    words = [word for fingerprint, spec in app.systems.names().items() for word in (spec, fingerprint)]
    for _ in range(3):
        complete(at).run()
        page = sent(at)
        assert [word for word in words if word in page] == []
        assert [
            id for id in app.candidates.load(app.store.battle(battle_of(at)).candidates).ids if f'"{id}"' in page
        ] == []
        at.button(key=f"skip-{battle_of(at)}").click().run()


def test_another_kind_of_battle_is_there_at_once(open_page: Open, prepared: Collection) -> None:
    at = open_page("arena")
    at.selectbox(key="choice_form").set_value("best-to-worst").run()
    assert component(at, VIEW)["form"] == "best-to-worst"


@pytest.mark.parametrize("arena", [Arena(**{**NO_CONTROLS, "same_rate": 1.0})])
def test_the_same_system_on_both_sides_is_told_afterwards(app: App, open_page: Open, prepared: Collection) -> None:
    at = open_page("arena")
    assert "check" not in texts(at)
    answer(at, "equal")
    (vote,) = app.store.votes()
    assert vote.control is Control.SAME_SYSTEM
    assert f"both lists were the same one, of `{app.systems.name(vote.left)}`" in texts(at)


@pytest.mark.parametrize("arena", [Arena(**{**NO_CONTROLS, "gold_rate": 1.0})])
def test_a_known_answer_is_told_afterwards(app: App, open_page: Open, prepared: Collection) -> None:
    at = open_page("arena")
    answer(at)
    (vote,) = app.store.votes()
    assert vote.control is Control.GOLD
    assert "This was a check with a known answer, which no board counts" in texts(at)
