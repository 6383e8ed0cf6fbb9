"""Collections: what is there, what is in it, importing with precise errors."""

import time
from pathlib import Path

from core.bootstrap import App
from core.domain.collections import Collection
from tests.pages.conftest import Open
from tests.support.page_tree import sent, texts

HITS = b"query,document id,text\nred?,x,Grass is green\nred?,y,Engines are red\n"


def send_import(at, **fields: str):
    for key, value in fields.items():
        at.text_input(key=f"import_{key}").set_value(value)
    next(button for button in at.button if button.label == "Import").click()
    return at.run()


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


def test_a_folder_on_the_server_is_imported(app: App, open_page: Open, small: Collection, tmp_path: Path) -> None:
    (tmp_path / "beir" / "qrels" / "test.tsv").unlink()
    at = send_import(open_page("collections", mode="import"), name="again", path=str(tmp_path / "beir"))
    assert "Imported again: 12 documents, 6 queries, 0 judgments" in texts(at).replace("\\", "")
    assert [collection.name for collection in app.collections.all()] == ["again", "small"]


def test_an_uploaded_file_of_hits_is_imported(app: App, open_page: Open, small: Collection) -> None:
    at = open_page("collections", mode="import")
    at.file_uploader[0].upload("hits.csv", HITS)
    send_import(at, name="hits")
    assert app.collections.get("hits").documents == 2


def test_a_malformed_file_names_file_line_and_column_and_imports_nothing(
    app: App, open_page: Open, small: Collection
) -> None:
    at = open_page("collections", mode="import")
    at.file_uploader[0].upload("hits.csv", HITS + b"red?,x,Grass is blue\n")
    send_import(at, name="hits")
    (error,) = at.error
    assert error.value.replace("\\", "").startswith("hits.csv, line 4, column text:")
    assert "Incident" in error.value
    assert [collection.name for collection in app.collections.all()] == ["small"]


def test_a_taken_name_or_both_sources_are_refused(open_page: Open, small: Collection, tmp_path: Path) -> None:
    at = send_import(open_page("collections", mode="import"), name="small", path=str(tmp_path / "beir"))
    assert "already a collection named" in texts(at)
    at.file_uploader[0].upload("hits.csv", HITS)
    send_import(at, name="new", path=str(tmp_path / "beir"))
    assert "either a folder on this server or a file" in texts(at)
    assert "Traceback" not in sent(at)
