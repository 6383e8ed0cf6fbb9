"""Collections: what is there and what is in it. Importing: test_import_page.py."""

import time
from pathlib import Path

from core.bootstrap import App
from core.domain.collections import Collection
from pages._ui.direction import directed
from tests.pages.conftest import Open
from tests.support.collections_on_disk import write_small_beir
from tests.support.page_tree import texts


def test_size_origin_and_fingerprint_are_shown(open_page: Open, small: Collection) -> None:
    at = open_page("collections")
    assert {metric.label: metric.value for metric in at.metric} == {
        "Documents": "12",
        "Queries": "6",
        "Relevance judgments": "10",
    }
    assert small.fingerprint in texts(at)
    assert list(at.dataframe[0].value["Name"]) == ["small"]


def test_documents_are_searched_and_shown_as_text(open_page: Open, small: Collection) -> None:
    at = open_page("collections")
    at.text_input(key="document_search").set_value("storm").run()
    assert {expander.label.split(" :gray")[0] for expander in at.expander} == {"About storm 4", "About storm 10"}
    at.text_input(key="document_search").set_value("tracker").run()
    (shown,) = at.text
    assert "![pixel](http://tracker.example/p.png)" in shown.value
    assert "tracker" not in "".join(element.value for element in at.markdown)


def test_a_search_without_hits_says_what_to_do(open_page: Open, small: Collection) -> None:
    at = open_page("collections")
    at.text_input(key="document_search").set_value("zebra").run()
    assert "No document matches. Try fewer or other words." in texts(at)


def test_queries_are_searched_and_narrowed(open_page: Open, small: Collection) -> None:
    at = open_page("collections", part="queries", category="even")
    assert list(at.dataframe[1].value["Query"]) == ["ferry ferry", "cabin ferry", "storm ferry"]
    at.text_input(key="queries_search").set_value("cab").run()
    assert list(at.dataframe[1].value["Judged documents"]) == [2]


def test_battles_are_prepared_from_here(app: App, open_page: Open, small: Collection) -> None:
    at = open_page("collections", part="battles")
    assert "0 of 6 queries have rankings." in texts(at)
    at.button(key="prepare").click().run()
    deadline = time.monotonic() + 10
    while app.preparation.preparing(small.fingerprint):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    assert "6 of 6 queries have rankings." in texts(at.run())


def test_language_parts_judgments_and_agreement(app: App, open_page: Open, tmp_path: Path) -> None:
    path = write_small_beir(tmp_path / "beir")
    rows = ["query-id\tcorpus-id\tscore\tassessor"]
    rows += [f"q0\td{n}\t{n % 2}\t{who}" for n in range(4) for who in ("ann", "ben")]
    (path / "qrels" / "test.tsv").write_text("\n".join(rows) + "\n", "utf-8")
    collection = app.collections.import_path(path, "judged")[0]
    at = open_page("collections", collection="judged", part="judgments")
    shown = texts(at)
    assert "Language: English. Fingerprint: " + collection.fingerprint in shown
    assert "Fingerprints of the parts: corpus " in shown
    assert "4 of 12 documents are judged for some query, 1 of 6 queries have judgments." in shown
    assert "nominal grades: 1.00 (95 % interval 1.00 to 1.00), over 4 pairs" in shown
    grades, assessors = at.dataframe[1].value, at.dataframe[2].value
    assert (list(grades["Grade"]), list(grades["Judgments"]), list(grades["Share"])) == ([0, 1], [2, 2], [0.5, 0.5])
    assert (list(assessors["Assessor"]), list(assessors["Judgments"])) == (["ann", "ben"], [4, 4])


def test_candidate_sets_with_their_recall_ceiling(app: App, open_page: Open, small: Collection) -> None:
    assert "no candidate sets yet" in texts(open_page("collections", part="candidates"))
    app.candidates.give_run("small", "mine", {"q0": [("d0", 2.0), ("d1", 1.0)], "q1": [("d0", 1.0)]}, 2)
    at = open_page("collections", part="candidates")
    table = at.dataframe[1].value
    assert list(table["Candidate set"]) == ["run mine top 2"]
    assert list(table["Queries"]) == [2]
    assert list(table["Recall ceiling"]) == [0.25]


def test_text_from_right_to_left_is_isolated_line_by_line() -> None:
    hebrew = "\u05e9\u05dc\u05d5\u05dd"
    assert directed("plain (text)") == "plain (text)"
    assert directed("Caf\u00e9") == "Caf\u00e9"
    assert directed(f"{hebrew} (1).\n\nabc") == f"\u2068{hebrew} (1).\u2069\n\n\u2068abc\u2069"
