"""Votes: filters, decisions with reasons, voters with their evidence, files in and out."""

import json

import pytest
from streamlit.testing.v1 import AppTest

from core.bootstrap import App
from core.domain.roles import Actor, Role
from core.domain.vote_filter import VoteFilter
from core.domain.voting import Verdict
from tests.pages.conftest import Open
from tests.support.casting import cast, crowd
from tests.support.page_tree import texts

OPERATOR = Actor(id="olga", role=Role.OPERATOR)
pytestmark = pytest.mark.usefixtures("small")


@pytest.fixture
def voted(app: App) -> App:
    """Nine votes of ann and bob on a collection that is not here."""
    for number in range(9):
        verdict = (Verdict.LEFT, Verdict.RIGHT, Verdict.EQUAL)[number % 3]
        cast(app.store, f"b{number}", ("ann", "bob")[number % 2], "A", "B", verdict, query=f"q{number}")
    return app


def counted(app: App) -> set[str]:
    found = app.moderation.find(OPERATOR, VoteFilter(collection="col"), size=100).votes
    return {vote.battle for vote in found if vote.counted}


def press(at: AppTest, label: str) -> AppTest:
    return next(button for button in at.button if button.label == label).click().run()


def test_without_votes_it_says_where_they_come_from(open_page: Open) -> None:
    assert "The first ones come from the Arena" in texts(open_page("votes"))


def test_the_log_shows_the_newest_first_with_what_was_said(voted: App, open_page: Open) -> None:
    table = open_page("votes").dataframe[0].value
    assert list(table["Query"]) == [f"q{number}" for number in range(8, -1, -1)]
    assert list(table["Verdict"])[:3] == ["equally good", "B is better", "A is better"]
    assert set(table["Status"]) == {"counted"}


def test_a_filter_is_in_the_url_and_narrows(voted: App, open_page: Open) -> None:
    at = open_page("votes", voter="ann")
    assert set(at.dataframe[0].value["Voter"]) == {"ann"}
    at.selectbox(key="choice_verdict").set_value("left").run()
    assert set(at.dataframe[0].value["Verdict"]) == {"A is better"}
    assert at.query_params["verdict"] == "left"
    at.text_input(key="filter_voter").set_value("nobody").run()
    assert "No vote matches" in texts(at)


def test_all_that_was_found_is_excluded_with_a_reason_and_readmitted(voted: App, open_page: Open) -> None:
    at = open_page("votes", voter="bob")
    at.checkbox(key="decide_all").check().run()
    press(at, "Exclude 4 votes")
    assert "Say why" in at.error[0].value
    assert len(counted(voted)) == 9
    at.text_input(key="decide_reason").set_value("the same machine as ann").run()
    press(at, "Exclude 4 votes")
    assert counted(voted) == {"b0", "b2", "b4", "b6", "b8"}
    assert "4 rows added to the log" in at.success[0].value
    at = open_page("votes", status="excluded")
    assert list(at.dataframe[0].value["Status"]) == ["excluded"] * 4
    at.checkbox(key="decide_all").check().run()
    at.text_input(key="decide_reason").set_value("a shared office").run()
    press(at, "Readmit 4 votes")
    assert len(counted(voted)) == 9


def test_a_researcher_sees_but_does_not_decide(voted: App, open_page: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(voted.roles, "actor", lambda *_: Actor(id="rita", role=Role.RESEARCHER))
    at = open_page("votes")
    assert len(at.dataframe[0].value) == 9
    assert "needs the role operator" in texts(at)
    assert not [button for button in at.button if button.label.startswith("Exclude")]


def test_a_voter_sees_nothing(voted: App, open_page: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(voted.roles, "actor", lambda *_: Actor(id="vera", role=Role.VOTER))
    at = open_page("votes")
    assert len(at.dataframe) == 0
    assert "Only the role researcher may look at votes" in at.error[0].value


def test_flagged_voters_come_with_evidence_by_family(app: App, open_page: Open) -> None:
    crowd(app.store, voters=8, votes=30)
    for number in range(60):
        left, right = (("A", "B"), ("B", "A"), ("C", "D"), ("D", "C"))[number % 4]
        cast(app.store, f"lefty-{number}", "lefty", left, right, Verdict.LEFT, query=f"q{number % 12}")
    at = open_page("votes", show="voters")
    assert "1 voter of 9 flagged, 0 waiting" in texts(at)
    assert [expander.label for expander in at.expander] == ["From behaviour: 1 voter"]
    press(at, "Put 1 flagged voter in quarantine")
    assert "1 voter of 9 flagged, 1 waiting" in texts(at)
    at.selectbox(key="choice_voters").set_value("waiting").run()
    assert list(at.dataframe[1].value["Now"]) == ["in quarantine"]


def test_pages_of_many_votes(app: App, open_page: Open) -> None:
    crowd(app.store, voters=4, votes=15)
    at = open_page("votes")
    assert len(at.dataframe[0].value) == 50
    at.button(key="page_older").click().run()
    assert len(at.dataframe[0].value) == 10
    assert at.query_params["page"] == "2"
    at.selectbox(key="choice_verdict").set_value("right").run()
    assert 0 < len(at.dataframe[0].value) <= 50


def test_a_file_comes_in_and_goes_out(voted: App, open_page: Open) -> None:
    at = open_page("votes", show="files")
    rows = [{"model_a": "x", "model_b": "y", "winner": "model_a", "judge": "j", "tstamp": 1.0}]
    at.file_uploader[0].upload("mine.json", json.dumps(rows).encode(), "application/json")
    press(at, "Import")
    assert "1 entry added" in at.success[0].value
    assert voted.store.vote_sources()[-1].collection == "votes:mine"
    press(open_page("votes", show="files"), "Prepare the file")
