"""Leaderboard: numbers only where they can be estimated; else counts and what is missing."""

import time

import pytest

from core.bootstrap import App
from core.domain.collections import Collection
from core.domain.voting import VoterKind
from tests.pages.conftest import Open
from tests.support.fake_engine import FakeEngine
from tests.support.page_tree import sent, texts


def test_a_board_by_labels_has_a_sentence_a_plot_a_table_and_a_map(
    app: App, open_page: Open, prepared: Collection
) -> None:
    at = open_page("leaderboard", by="labels", collection="small")
    board = app.leaderboard.board("small", VoterKind.LABELS)
    assert board.identifiable
    assert board.summary in texts(at).replace("\\", "")
    assert len(at.get("plotly_chart")) == 2
    table = at.dataframe[0].value
    assert list(table["System"]) == [" = ".join(entry.systems) for entry in board.entries]
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
    assert list(colleague.dataframe[-1].value["System"]) == list(at.dataframe[-1].value["System"])
    assert set(colleague.dataframe[-1].value["Queries"]) <= {2, 3}


def test_an_unknown_category_in_a_link_gives_way_to_all(open_page: Open, prepared: Collection) -> None:
    at = open_page("leaderboard", collection="small", category="nonsense")
    assert next(box for box in at.selectbox if box.label == "Category").value == ""


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
