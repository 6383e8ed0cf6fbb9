"""The vote path as a voter's browser drives it: blind, once, not too soon, withdrawn, never on the next battle."""

import time
from hashlib import sha256

import pytest
from streamlit.testing.v1 import AppTest

from core.bootstrap import App
from core.domain.collections import Collection
from core.domain.errors import StorageBusyError, StorageFullError
from core.domain.voting import Ballot, BattleState, Verdict, VoterKind
from core.settings import Limits
from tests.pages.conftest import Open
from tests.support.arena_page import READ, VIEW, battle_of
from tests.support.fake_engine import FakeEngine
from tests.support.page_tree import component, sent, texts


def click(at: AppTest, verdict: str) -> str:
    battle = battle_of(at)
    time.sleep(READ)
    at.button(key=f"{verdict}-{battle}").click().run()
    return battle


def test_the_battle_is_there_with_five_choices(open_page: Open, prepared: Collection) -> None:
    at = open_page("arena")
    data = component(at, VIEW)
    assert data["query"].endswith("ferry")
    left, right = data["lists"]
    assert len(left) == len(set(left)) == 10
    assert left[:5] != right[:5]
    assert set(left) | set(right) == set(range(len(data["documents"])))
    labels = [button.label for button in at.button if battle_of(at) in button.key]
    assert labels == ["A is better", "Equally good", "Both bad", "B is better", "Skip"]


def test_nothing_names_a_system_before_the_vote(app: App, open_page: Open, prepared: Collection) -> None:
    at = open_page("arena")
    words = [word for fingerprint, spec in app.systems.names().items() for word in (spec, fingerprint)]
    assert len(words) >= 10
    for _ in range(4):
        page = sent(at)
        assert "ferry" in page
        assert [word for word in words if word in page] == []
        at.button(key=f"skip-{battle_of(at)}").click().run()


def test_hidden_data_of_the_lists_holds_titles_texts_and_order_only(open_page: Open, prepared: Collection) -> None:
    at = open_page("arena")
    data = component(at, VIEW)
    assert set(data) == {"turn", "form", "ask", "query", "documents", "lists", "reasons"}
    assert {key for document in data["documents"] for key in document} == {"title", "text"}
    assert battle_of(at) not in str(data)


def test_a_vote_is_kept_and_reveals_both_names(app: App, open_page: Open, prepared: Collection) -> None:
    at = open_page("arena")
    battle = click(at, "left")
    (vote,) = app.store.votes(kind=VoterKind.PERSON)
    assert (vote.battle, vote.verdict) == (battle, Verdict.LEFT)
    line = texts(at)
    assert f"A was `{app.systems.name(vote.left)}`, B was `{app.systems.name(vote.right)}`." in line
    assert battle_of(at) != battle
    assert "1 vote of yours today" in line


def test_after_the_vote_the_labels_or_the_others_are_heard(app: App, open_page: Open, prepared: Collection) -> None:
    at = open_page("arena")
    click(at, "both-bad")
    (vote,) = app.store.votes()
    judged = vote.query_id != "q5"
    assert ("relevance labels" in texts(at)) is judged
    assert ("Nobody else" in texts(at)) is not judged


def test_a_second_click_on_the_same_button_votes_once(app: App, open_page: Open, prepared: Collection) -> None:
    at = open_page("arena")
    stale = at.button(key=f"left-{battle_of(at)}")
    battle = click(at, "left")
    at._tree.children[0].children[max(at._tree.children[0].children) + 1] = stale  # the button the finger still has
    time.sleep(READ)
    stale.click()
    at.run()
    votes = app.store.votes()
    assert [vote.battle for vote in votes] == [battle]
    assert app.store.battle(battle_of(at)).state is BattleState.SHOWN
    assert "Vote already recorded" in texts(at)


def test_a_recorded_vote_says_so(app: App, open_page: Open, prepared: Collection) -> None:
    at = open_page("arena")
    battle = battle_of(at)
    time.sleep(READ)
    app.arena.vote(
        battle, app.store.battle(battle).voter, Ballot(verdict=Verdict.RIGHT)
    )  # the other tab of the same voter
    at.button(key=f"left-{battle}").click().run()
    assert "Vote already recorded" in texts(at)
    assert [vote.verdict for vote in app.store.votes()] == [Verdict.RIGHT]


@pytest.mark.parametrize("limits", [Limits(min_reading_seconds=30.0)])
def test_a_vote_that_comes_too_soon_leaves_the_battle_open(app: App, open_page: Open, prepared: Collection) -> None:
    at = open_page("arena")
    battle = click(at, "right")
    assert "Not counted: shown for 0" in texts(at).replace("\\", "")
    assert app.store.votes() == ()
    assert battle_of(at) == battle


@pytest.mark.parametrize("limits", [Limits(min_reading_seconds=0.01, votes_per_minute=1)])
def test_more_votes_than_a_person_can_give_leave_the_battle_open(
    app: App, open_page: Open, prepared: Collection
) -> None:
    at = open_page("arena")
    click(at, "left")
    battle = click(at, "left")
    assert "1 vote of yours within a minute" in texts(at)
    assert len(app.store.votes()) == 1
    assert battle_of(at) == battle


@pytest.mark.parametrize("limits", [Limits(min_reading_seconds=0.01, battle_expiry_minutes=0.005)])
def test_an_expired_battle_says_so_and_gives_way_to_another(app: App, open_page: Open, prepared: Collection) -> None:
    at = open_page("arena")
    battle = battle_of(at)
    time.sleep(0.31)
    at.button(key=f"left-{battle}").click().run()
    assert "This battle is not open for you" in texts(at).replace("\\", "")
    assert app.store.battle(battle).state is BattleState.EXPIRED
    assert battle_of(at) != battle


def test_undo_withdraws_the_vote_and_retires_the_battle(app: App, open_page: Open, prepared: Collection) -> None:
    at = open_page("arena")
    battle = click(at, "right")
    at.button(key=f"undo-{battle}").click().run()
    assert app.store.votes() == ()
    assert app.store.battle(battle).state is BattleState.RETIRED
    assert "Vote withdrawn" in texts(at)
    assert f"undo-{battle}" not in {button.key for button in at.button}


def test_undo_stays_until_the_next_vote(open_page: Open, prepared: Collection) -> None:
    at = open_page("arena")
    first = click(at, "left")
    at.run()
    assert f"undo-{first}" in {button.key for button in at.button}
    second = click(at, "left")
    keys = {button.key for button in at.button}
    assert f"undo-{second}" in keys
    assert f"undo-{first}" not in keys


def test_skip_brings_another_battle_and_no_vote(app: App, open_page: Open, prepared: Collection) -> None:
    at = open_page("arena")
    battle = battle_of(at)
    at.button(key=f"skip-{battle}").click().run()
    assert battle_of(at) != battle
    assert app.store.battle(battle).state is BattleState.SKIPPED
    assert app.store.votes() == ()


@pytest.mark.parametrize(
    "error",
    [
        StorageBusyError("Database busy; vote NOT recorded. Retry."),
        StorageFullError("Storage full; vote NOT recorded."),
    ],
)
def test_a_vote_that_could_not_be_saved_is_kept_in_the_page(
    app: App, open_page: Open, prepared: Collection, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    at = open_page("arena")

    def refuse(*_: object) -> None:
        raise error

    with monkeypatch.context() as broken:
        broken.setattr(type(app.store), "cast_vote", refuse)
        battle = click(at, "left")
    assert "vote NOT recorded" in texts(at).replace("\\", "")
    assert battle_of(at) == battle
    at.button(key=f"again-{battle}").click().run()
    assert [(vote.battle, vote.verdict) for vote in app.store.votes()] == [(battle, Verdict.LEFT)]


def test_the_battle_waits_for_the_same_voter_after_a_reload(
    app: App, cookies: dict[str, str], open_page: Open, prepared: Collection
) -> None:
    at = open_page("arena")
    cookie = component(at, "runoff_cookie")
    cookies[cookie["name"]] = cookie["value"]
    again = open_page("arena")
    assert battle_of(again) == battle_of(at)
    assert component(again, VIEW) == component(at, VIEW)


def test_a_reload_keeps_the_names_and_undo_of_the_last_vote(
    app: App, cookies: dict[str, str], open_page: Open, prepared: Collection
) -> None:
    at = open_page("arena")
    cookie = component(at, "runoff_cookie")
    cookies[cookie["name"]] = cookie["value"]
    battle = click(at, "left")
    again = open_page("arena")
    (vote,) = app.store.votes()
    assert f"A was `{app.systems.name(vote.left)}`" in texts(again)
    again.button(key=f"undo-{battle}").click().run()
    assert app.store.votes() == ()
    assert "A was" not in texts(open_page("arena"))


def test_the_id_of_a_voter_does_not_lead_to_the_cookie(app: App, open_page: Open, prepared: Collection) -> None:
    at = open_page("arena")
    secret = component(at, "runoff_cookie")["value"]
    click(at, "left")
    (vote,) = app.store.votes()
    assert vote.voter == sha256(f"runoff voter {secret}".encode()).hexdigest()[:32]
    assert secret not in str([*app.store.votes(), *app.store.battles(vote.voter), app.store.voter(vote.voter)])


def test_a_cookie_of_another_shape_is_not_taken_for_a_voter(
    app: App, cookies: dict[str, str], open_page: Open, prepared: Collection
) -> None:
    cookies["runoff_voter"] = "' OR 1=1 --"
    at = open_page("arena")
    assert len(at.session_state["voter"]) == 32


def test_two_browsers_have_battles_of_their_own(app: App, open_page: Open, prepared: Collection) -> None:
    first, second = open_page("arena"), open_page("arena")
    assert battle_of(first) != battle_of(second)
    click(first, "left")
    click(second, "right")
    assert len({vote.voter for vote in app.store.votes()}) == 2


def test_a_voter_may_give_a_name(app: App, open_page: Open, prepared: Collection) -> None:
    at = open_page("arena")
    at.text_input(key="voter_name").set_value("Ann").run()
    voter = app.store.voter(at.session_state["voter"])
    assert voter is not None
    assert voter.name == "Ann"


def test_waiting_shows_progress_without_names_and_ends_by_itself(
    app: App, engine: FakeEngine, small: Collection, open_page: Open
) -> None:
    engine.held = True
    app.preparation.ensure(small.fingerprint)
    deadline = time.monotonic() + 5
    while (job := app.preparation.running(small.fingerprint)) is None:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    at = open_page("arena")
    page = sent(at)
    assert f"0 of {job.total} rankings" in page
    assert [spec for spec in app.systems.names().values() if spec in page] == []
    engine.held = False
    engine.release()
    at.run()
    assert battle_of(at)


def test_without_battles_it_says_what_to_do(small: Collection, open_page: Open) -> None:
    at = open_page("arena")
    assert "No battles are prepared" in texts(at).replace("\\", "")
    at.button(key="prepare").click().run()
    deadline = time.monotonic() + 5
    while not any(button.key.startswith("skip-") for button in at.button):
        assert time.monotonic() < deadline
        at.run()


def test_a_vote_link_carries_the_kind_of_battle_and_the_group(open_page: Open, prepared: Collection) -> None:
    at = open_page("arena")
    at.selectbox(key="choice_form").set_value("interleaved")
    at.text_input(key="link_group").set_value("support team").run()
    (link,) = at.code
    assert link.value.endswith("/arena?link=vote&collection=small&form=interleaved&group=support+team")
    assert at.query_params["form"] == "interleaved"


def test_who_follows_a_link_votes_in_its_group(app: App, open_page: Open, prepared: Collection) -> None:
    click(open_page("arena", link="vote", group="support team"), "left")
    (vote,) = app.store.votes()
    assert vote.voter_group == "support team"


def test_a_vote_link_shows_the_arena_alone(app: App, open_page: Open, prepared: Collection) -> None:
    at = open_page("arena", link="vote")
    page = sent(at)
    assert "A is better" in page
    assert "Vote link" not in texts(at)
    registered = {info["page_name"] for info in at._registered_pages.values()}
    assert not registered & {"Leaderboard", "Playground", "Systems", "Home"}
