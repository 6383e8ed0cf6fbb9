"""Leaderboard: numbers only where they can be estimated; else counts and what is missing."""

import json
import time

import pytest
from pandas import DataFrame
from streamlit.testing.v1 import AppTest

from core.bootstrap import App
from core.domain.collections import Collection
from core.domain.voting import VoterKind
from core.services.board.boards import BoardRequest
from tests.pages.conftest import Open
from tests.support.board_votes import Poll, fingerprints
from tests.support.fake_engine import FakeEngine
from tests.support.page_tree import sent, texts

QUERIES = ("q0", "q1", "q2", "q3", "q4", "q5")
SECTIONS = ("wins", "robust", "time", "pairs", "sides", "agreement", "combined")


@pytest.fixture
def poll(app: App, prepared: Collection) -> Poll:
    return Poll(app.store, prepared.fingerprint, QUERIES)


@pytest.fixture
def voted(app: App, poll: Poll) -> Poll:
    """Twelve people, twenty votes each on all systems of the arena."""
    poll.at_random([f"v{i}" for i in range(12)], list(fingerprints(app).values()), 20)
    return poll


def board_table(at: AppTest) -> DataFrame:
    """The table of the board, not that of pairs."""
    return next(frame.value for frame in at.dataframe if "System" in frame.value.columns)


def test_a_board_by_labels_has_a_sentence_a_plot_a_table_and_a_map(
    app: App, open_page: Open, prepared: Collection
) -> None:
    at = open_page("leaderboard", by="labels", collection="small")
    board = app.leaderboard.board(BoardRequest(collection="small", kind=VoterKind.LABELS))
    assert board.identifiable
    assert board.summary in texts(at).replace("\\", "")
    assert len(at.get("plotly_chart")) == 2
    table = at.dataframe[0].value
    assert list(table["System"]) == [entry.name for entry in board.entries]
    assert list(table["Rating"]) == pytest.approx([entry.rating for entry in board.entries])
    assert next(iter(table["95 % interval"])) == f"{board.entries[0].low:.0f} to {board.entries[0].high:.0f}"
    assert next(iter(table["nDCG@10"])) == pytest.approx(board.entries[0].ndcg)


def test_a_board_of_people_without_votes_shows_no_rating_and_a_way_to_vote(
    open_page: Open, prepared: Collection
) -> None:
    at = open_page("leaderboard", collection="small")
    assert "There are no votes yet" in texts(at)
    assert not at.get("plotly_chart")
    assert "Rating" not in at.dataframe[1].value.columns
    assert [link.proto.label for link in at.get("page_link")] == ["Vote in the arena"]
    assert next(iter(at.dataframe[0].value["Still needed"]))


def test_category_and_voter_kind_stay_in_the_url(open_page: Open, prepared: Collection) -> None:
    at = open_page("leaderboard", collection="small")
    at.segmented_control[0].set_value("labels").run()
    next(box for box in at.selectbox if box.label == "Category").set_value("odd").run()
    assert (at.query_params["by"], at.query_params["category"]) == ("labels", "odd")
    colleague = open_page("leaderboard", **at.query_params)
    assert list(board_table(colleague)["System"]) == list(board_table(at)["System"])
    assert set(board_table(colleague)["Queries"]) <= {2, 3}


def test_an_unknown_category_in_a_link_gives_way_to_all(open_page: Open, prepared: Collection) -> None:
    at = open_page("leaderboard", collection="small", category="nonsense")
    assert next(box for box in at.selectbox if box.label == "Category").value == ""


@pytest.mark.parametrize("section", SECTIONS)
def test_every_section_draws_has_its_data_and_says_how_to_read_it(open_page: Open, voted: Poll, section: str) -> None:
    at = open_page("leaderboard", collection="small", show=section)
    assert not at.error, [error.value for error in at.error]
    charts, downloads = at.get("plotly_chart"), at.get("download_button")
    assert len(downloads) >= len(charts) >= 2
    assert all(len(caption.value) > 30 for caption in at.caption)
    assert "more votes would settle first place" in texts(at)


def test_a_filter_is_said_and_can_be_cleared(open_page: Open, voted: Poll) -> None:
    at = open_page("leaderboard", collection="small", category="odd", method="davidson", as_of="2026-03-01T14:00Z")
    assert "category odd · as of 2026-03-01 14:00 UTC · Davidson" in texts(at).replace("\\", "")
    at.button(key="clear_filters").click().run()
    assert "as_of" not in at.query_params
    assert "Davidson" not in texts(at)


def test_the_board_as_of_an_earlier_time_comes_from_the_url(app: App, open_page: Open, voted: Poll) -> None:
    # A vote a minute from noon on: at two o'clock there were 121.
    at = open_page("leaderboard", collection="small", as_of="2026-03-01T14:00Z")
    assert "121 votes of 7 voters" in texts(at).replace("\\", "")


def test_few_votes_show_what_there_is(open_page: Open, app: App, poll: Poll) -> None:
    names = list(fingerprints(app).values())
    poll.at_random(["ann"], names[:3], 3)
    at = open_page("leaderboard", collection="small", show="robust")
    assert not at.error
    assert "3 votes so far" in texts(at)
    assert "no common scale yet whose robustness" in texts(at)


def test_an_imported_log_is_listed_beside_collections(app: App, open_page: Open, prepared: Collection) -> None:
    poll = Poll(app.store, "votes:elsewhere", ("x", "y", "z"))
    poll.at_random([f"v{i}" for i in range(6)], ["=P", "<b>Q</b>", "R"], 20)
    at = open_page("leaderboard", collection="small")
    next(box for box in at.selectbox if box.label == "Collection").set_value("votes:elsewhere").run()
    assert at.query_params["collection"] == "votes:elsewhere"
    assert not at.error
    assert set(board_table(at)["System"]) == {"=P", "<b>Q</b>", "R"}
    assert "nDCG@10" not in board_table(at).columns
    assert "6 voters" in texts(at)


def test_a_board_by_labels_shows_the_rankings_it_waits_for(
    app: App, engine: FakeEngine, open_page: Open, small: Collection
) -> None:
    engine.held = True
    app.preparation.ensure(small.fingerprint)
    deadline = time.monotonic() + 5
    while (job := app.preparation.running(small.fingerprint)) is None:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    at = open_page("leaderboard", by="labels", collection="small")
    assert f"0 of {job.total} rankings" in sent(at)


def test_covariates_come_from_the_url_and_show_what_they_are_worth(open_page: Open, voted: Poll) -> None:
    at = open_page("leaderboard", collection="small", show="sides", covariates="side")
    assert not at.error
    assert "Standing on the left is worth" in texts(at)
    assert "allowing for side" in texts(at)
    assert [chart.key for chart in at.get("plotly_chart")] == ["forest", "side", "effects", "switched"]


def test_of_many_systems_charts_show_the_first_unless_all_are_asked_for(
    app: App, open_page: Open, prepared: Collection
) -> None:
    Poll(app.store, "votes:elsewhere", QUERIES).at_random(
        [f"v{i}" for i in range(6)], [f"s{i:02}" for i in range(25)], 150
    )
    at = open_page("leaderboard", collection="small")
    next(box for box in at.selectbox if box.label == "Collection").set_value("votes:elsewhere").run()
    assert len(board_table(at)) == 25
    assert charted(at) == 20
    next(toggle for toggle in at.toggle if toggle.label == "All 25 systems in the charts").set_value(True).run()
    assert at.query_params["all"] == "1"
    assert charted(at) == 25


def charted(at: AppTest) -> int:
    """Rows of the forest plot."""
    figure = json.loads(at.get("plotly_chart")[0].proto.spec)
    return len(figure["layout"]["yaxis"]["ticktext"])
