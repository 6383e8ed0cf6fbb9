"""Home: where do we stand, what is running, three ways on."""

from core.bootstrap import App
from core.domain.collections import Collection
from core.domain.first_stages import FirstStage
from core.domain.voting import VoterKind
from core.services.board.boards import BoardRequest
from tests.pages.conftest import Open
from tests.support.fake_engine import FakeEngine
from tests.support.page_tree import sent, texts


def test_on_a_fresh_start_one_button_opens_the_first_battle(open_page: Open, prepared: Collection) -> None:
    at = open_page("home")
    assert at.title[0].value == "Where do we stand?"
    assert "There are no votes yet" in texts(at)
    at.button(key="first_battle").click().run()
    assert at.title[0].value == "Arena"
    assert at.query_params["collection"] == "small"


def test_the_leader_by_labels_stands_with_its_interval(app: App, open_page: Open, prepared: Collection) -> None:
    at = open_page("home")
    board = app.leaderboard.board(BoardRequest(collection="small", kind=VoterKind.LABELS))
    best = board.entries[0]
    shown = {metric.label: metric for metric in at.metric}["Leader by relevance labels"]
    assert shown.value.replace("\\", "") == " = ".join(best.systems)
    assert f"{best.rating:.0f} ({best.low:.0f} to {best.high:.0f})" in shown.delta.replace("\\", "")


def test_running_jobs_are_listed_with_progress(
    app: App, engine: FakeEngine, open_page: Open, small: Collection
) -> None:
    engine.held = True
    candidates = app.candidates.for_query("small", "q0")
    app.playground.compare(candidates, ["bm25", "maxsim"])
    at = open_page("home")
    assert "0 of 2 rankings" in sent(at)
    assert any(button.label == "Cancel" for button in at.button)


def test_three_ways_on(open_page: Open, small: Collection) -> None:
    at = open_page("home")
    assert [title for title in ("Compare", "Vote", "Decide") if f"**{title}**" in texts(at)] == [
        "Compare",
        "Vote",
        "Decide",
    ]
    labels = ["One query", "All queries", "In the arena", "By votes", "Within limits"]
    assert [link.proto.label for link in at.get("page_link")] == labels


def test_a_running_benchmark_leads_to_its_cells(
    app: App, engine: FakeEngine, open_page: Open, small: Collection
) -> None:
    plan = app.benchmarks.create("small", ["bm25"], stage=FirstStage(depth=10), probe_queries=0)
    engine.held = True
    app.benchmarks.start(plan)
    links = open_page("home").get("page_link")
    (link,) = [link.proto for link in links if link.proto.label == "See its cells and first results"]
    assert f"plan={plan.id}" in link.query_string
