"""Pure helpers of the screens."""

from datetime import UTC, datetime, timedelta

import pytest

from core.domain.documents import Document
from core.services.board.boards import Board, BoardRequest, Chance, Entry, Missing, PairCount, Part
from pages._ui import wording
from pages._ui.arena.vote_link import vote_link
from pages._ui.board import standings
from pages._ui.board.chart_data import csv_of
from pages._ui.board.forest import Row, forest
from pages._ui.charts import bump_chart, interval
from pages._ui.colours import colour
from pages._ui.escape import code, plain
from pages._ui.own_documents import split_documents
from pages._ui.ranking_view import segments


def entry(name: str, rating: float | None, **values: object) -> Entry:
    base = {
        "low": None, "high": None, "votes": 4, "wins": 2, "ties": 1, "losses": 1, "ndcg": None, "ndcg_low": None,
        "ndcg_high": None, "queries": 0, "calls": None, "prompt_tokens": None,
    }  # fmt: skip
    return Entry(systems=(name,), rating=rating, **{**base, **values})


def board(entries: tuple[Entry, ...], pairs: tuple[PairCount, ...], **values: object) -> Board:
    base = {
        "request": BoardRequest(collection="c"), "votes": 4, "voters": 1, "identifiable": True, "summary": "",
        "explanation": "", "scale": "points", "estimand": "",
    }  # fmt: skip
    return Board(entries=entries, pairs=pairs, **{**base, **values})


def test_markdown_of_others_is_escaped_whole() -> None:
    assert plain("![x](http://a.b/c) **b**\n# h $x$ :red[y]") == (
        r"\!\[x\]\(http\://a\.b/c\) \*\*b\*\* \# h \$x\$ \:red\[y\]"
    )


@pytest.mark.parametrize(("text", "shown"), [("bm25", "`bm25`"), ("a`b", "``a`b``"), ("`a", "`` `a ``")])
def test_inline_code_holds_any_backticks(text: str, shown: str) -> None:
    assert code(text) == shown


def test_segments_keep_every_character_and_mark_the_spans() -> None:
    assert segments("a red car", [(2, 5)]) == [("a ", 0), ("red", 1), (" car", 0)]
    assert segments("red", [(0, 3)]) == [("red", 1)]
    assert segments("none", []) == [("none", 0)]


def test_documents_are_lines_or_blocks() -> None:
    assert [document.text for document in split_documents("one\ntwo\n")] == ["one", "two"]
    assert [document.text for document in split_documents("one\nstill one\r\n\r\n\r\ntwo")] == ["one\nstill one", "two"]
    assert split_documents("  \n ") == ()


def test_the_same_system_has_the_same_colour_and_the_default_ones_differ() -> None:
    roster = ["first-stage", "bm25", "bi-encoder", "maxsim", "query-likelihood", "rrf?of=(bm25,bi-encoder)"]
    assert len({colour(spec) for spec in roster}) == 6
    assert colour("cross-encoder:mine") == colour("cross-encoder:mine")


@pytest.mark.parametrize(
    ("value", "shown"), [(0.0, "0"), (12.3456, "12.35"), (0.76721, "0.7672"), (-131.26, "-131.3"), (12345.6, "12,346")]
)
def test_scores_have_about_four_digits(value: float, shown: str) -> None:
    assert wording.number(value) == shown


@pytest.mark.parametrize(("value", "shown"), [(0.25, "250 ms"), (4.04, "4.0 s"), (75, "75 s"), (180, "3 min")])
def test_durations_carry_units(value: float, shown: str) -> None:
    assert wording.seconds(value) == shown


def test_how_long_ago() -> None:
    assert wording.ago(datetime.now(UTC) - timedelta(minutes=5)) == "5 min ago"


def test_a_passage_without_a_title_is_named_by_its_text() -> None:
    assert wording.title_of(Document(id="d", text="word " * 40)).endswith("…")
    assert wording.title_of(Document(id="d", text=" ")) == "d"


def test_an_interval_is_written_only_where_there_is_one() -> None:
    assert interval(1012.4, 980.2, 1044.0) == "1012 (980 to 1044)"
    assert interval(1012.4, None, None) == "1012"
    assert interval(None, None, None) == wording.UNKNOWN


def test_win_rates_count_ties_as_halves_from_both_sides() -> None:
    made = board((entry("a", 1010.0), entry("b", 990.0)), (PairCount(first=0, second=1, wins=2, ties=1, losses=1),))
    rates, texts, hovers = standings.win_rates(made)
    assert rates == [[None, 0.625], [0.375, None]]
    assert texts[0][1] == "62"
    assert hovers[1][0] == "b won 38% of 4 against a"


def test_pairs_that_never_met_are_listed_with_what_is_needed() -> None:
    made = board(
        (entry("a", None), entry("b", None), entry("c", None)),
        (PairCount(first=0, second=1, wins=1, ties=0, losses=0),),
        identifiable=False,
        missing=(Missing(first=1, second=2, needed="a battle"),),
    )
    table = standings.pair_table(made)
    assert table["Still needed"] == ["", "a battle"]
    assert table["First won"] == [1, 0]
    assert "Rating" not in standings.table(made)
    assert standings.leader(made) is None


def test_the_forest_plot_has_the_best_on_top_with_its_interval_and_ranks() -> None:
    made = board(
        (entry("a", 1010.0, low=990.0, high=1040.0, first_rank=1, last_rank=2), entry("<b>b", 990.0), entry("c", None)),
        (),
    )
    rows = standings.forest_rows(made, made.entries)
    figure = forest(rows, title="rating", middle=1000.0, beside="ranks")
    first, second = figure.data
    assert list(first.error_x.array) == [30.0]
    assert list(first.error_x.arrayminus) == [20.0]
    assert second.error_x.array is None
    assert list(figure.layout.yaxis.ticktext) == ["a", "&lt;b&gt;b"]
    low_end, high_end = figure.layout.yaxis.range
    assert low_end > high_end  # the first row on top
    assert "1\u20132" in [note.text for note in figure.layout.annotations]


def test_sixty_rows_stay_readable() -> None:
    rows = [Row(name=f"s{i}", value=i, low=None, high=None, colour="#123456", hover=()) for i in range(60)]
    figure = forest(rows, title="", middle=None)
    assert figure.layout.height >= 60 * figure.layout.yaxis.tickfont.size * 1.5


def test_groups_without_a_common_scale_are_named_in_the_table() -> None:
    made = board(
        (entry("a", 1010.0), entry("b", 990.0, component=1)),
        (),
        identifiable=False,
        parts=(Part(entries=(0,), rateable=True, why=""), Part(entries=(1,), rateable=True, why="")),
    )
    table = standings.table(made)
    assert table["Group"] == ["A", "B"]
    assert "Ranks" not in table
    assert "nDCG@10" not in table


def test_the_models_chances_read_from_both_sides() -> None:
    chance = Chance(first=0, second=1, probability=0.75, low=0.6, high=0.9, better=0.99, clear=True)
    values, texts, _ = standings.model_chances(board((entry("a", 1.0), entry("b", 0.0)), (), chances=(chance,)))
    assert values == [[None, 0.75], [0.25, None]]
    assert texts[0][1] == "75"


def test_a_csv_is_guarded_against_spreadsheets() -> None:
    text = csv_of({"System": ["=HYPERLINK(1)", "plain, with comma"], "Rating": [1.5, None]})
    assert text == 'System,Rating\n\'=HYPERLINK(1),1.5\n"plain, with comma",\n'


def test_the_bump_chart_draws_each_document_at_its_ranks() -> None:
    figure = bump_chart([("first", [0, 1, 2]), ("x", [2, 0, 1])], ["p", "q", "r"], depth=3)
    assert {trace.name: list(trace.y) for trace in figure.data} == {"p": [1, 2], "q": [2, 3], "r": [3, 1]}


def test_a_vote_link_names_the_collection_and_leads_to_the_arena_alone() -> None:
    link = vote_link("https://example.org:8501/leaderboard?by=labels", "my set", "a&b")
    assert link == "https://example.org:8501/arena?link=vote&collection=my+set&category=a%26b"
