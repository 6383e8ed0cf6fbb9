"""Importing on the page: every source and format, progress with Cancel, warnings, errors, where to go on."""

from __future__ import annotations

import io
import json
from pathlib import Path

import psutil
import pyarrow as arrow
import pyarrow.parquet as parquet
import pytest

from core.bootstrap import App
from core.domain.collections import Collection
from core.domain.jobs import JobState
from tests.pages.conftest import Open
from tests.support.collections_on_disk import jsonl, small_folder, write_files
from tests.support.page_tree import sent, texts

SECONDS = 30
HITS = b"query,document id,text\nred?,x,Grass is green\nred?,y,Engines are red\n"
DOCUMENTS = jsonl({"id": "a", "text": "Grass is green"}, {"id": "b", "text": "Engines are red"}).encode()
TREC = "<DOC><DOCNO>a</DOCNO><TEXT>Grass is green</TEXT></DOC>\n<DOC><DOCNO>b</DOCNO><TEXT>Red</TEXT></DOC>\n"
TOPICS = "<top>\n<num> Number: 7\n<title> red engines\n<desc> Description:\nwhich?\n</top>\n"


def fill(at, **fields: str):
    for key, value in fields.items():
        kinds = {"format": at.selectbox, "language": at.selectbox, "qrels": at.text_area, "runs": at.text_area}
        kinds |= {"pasted": at.text_area, "pasted_queries": at.text_area}
        kinds.get(key, at.text_input)(key=f"import_{key}").set_value(value)
    next(button for button in at.button if button.label == "Import").click()
    return at.run()


def job_of(at) -> str:
    job = at.query_params["job"]
    return job if isinstance(job, str) else job[0]


def finished(app: App, at):
    """The page when the import of its URL has ended."""
    job = job_of(at)
    assert app.jobs.wait(job, SECONDS).state.ended
    return at.run()


def shown(at) -> str:
    return texts(at).replace("\\", "")


def form(open_page: Open, source: str = ""):
    return open_page("collections", mode="import", **({"from": source} if source else {}))


def test_a_folder_on_the_server(app: App, open_page: Open, tmp_path: Path) -> None:
    files = small_folder()
    del files["qrels/test.tsv"]
    path = write_files(tmp_path / "beir", files)
    at = finished(app, fill(form(open_page), name="again", path=str(path), language="en"))
    assert "Imported again: 3 documents, 2 queries, 0 judgments" in shown(at)
    labels = [link.label for link in at.get("page_link")]
    assert labels[-2:] == ["Compare systems on a query", "Measure systems on all queries"]
    at.button(key="import_another").click().run()
    assert at.text_input(key="import_name").value == ""


def test_what_was_imported_can_be_looked_into(app: App, open_page: Open, small: Collection, tmp_path: Path) -> None:
    path = write_files(tmp_path / "in", small_folder())
    at = finished(app, fill(form(open_page), name="other", path=str(path), language="en"))
    at.button(key="import_look").click().run()
    assert at.selectbox(key="choice_collection").value == "other"
    assert {metric.label: metric.value for metric in at.metric}["Documents"] == "3"


def test_a_trec_folder_with_its_run(app: App, open_page: Open, tmp_path: Path) -> None:
    files = {"docs.trec": TREC, "topics.txt": TOPICS, "qrels.txt": "7 0 b 1\n", "first.run": "7 Q0 b 1 2.5 x\n"}
    path = write_files(tmp_path / "trec", files)
    at = finished(app, fill(form(open_page), name="trec", path=str(path), format="trec", language="en"))
    assert "Imported trec: 2 documents, 1 query, 1 judgment" in shown(at)
    assert app.candidates.stages("trec")[0].set_name == "run first.run top 1"


def test_documents_with_queries_and_judgments_in_files_of_their_own(app: App, open_page: Open, tmp_path: Path) -> None:
    table = arrow.table({"id": ["a", "b"], "text": ["Grass is green", "Engines are red"]})
    parquet.write_table(table, tmp_path / "docs.parquet")
    write_files(tmp_path, {"q.tsv": "q1\tred\nq2\tgreen\n", "one.qrels": "q1 0 b 1\n", "two.qrels": "q2 0 a 2\n"})
    fields = {"queries": str(tmp_path / "q.tsv"), "qrels": f"{tmp_path}/one.qrels\n{tmp_path}/two.qrels"}
    at = fill(form(open_page), name="parts", path=str(tmp_path / "docs.parquet"), language="en", **fields)
    assert "Imported parts: 2 documents, 2 queries, 2 judgments" in shown(finished(app, at))
    assert "Judgments of one.qrels, two.qrels were merged." in shown(at)


@pytest.mark.parametrize(
    ("name", "content", "queries"),
    [
        ("hits.csv", HITS, 1),
        (
            "hits.jsonl",
            jsonl({"query": "red?", "id": "x", "text": "Grass"}, {"query": "r", "id": "y", "text": "Red"}),
            2,
        ),
        ("documents.jsonl", DOCUMENTS, 0),
        ("documents.csv", b"id,title,text\nx,,Grass is green\ny,Engines,Engines are red\n", 0),
        ("documents.trec", TREC, 0),
        ("notes.txt", b"Grass is green\n\nEngines\nare red\n", 0),
    ],
)
def test_an_uploaded_file(app: App, open_page: Open, name: str, content: str | bytes, queries: int) -> None:
    at = form(open_page, "upload")
    at.file_uploader(key="import_file").upload(name, content.encode() if isinstance(content, str) else content)
    at = finished(app, fill(at, name="mine", language="en"))
    collection = app.collections.get("mine")
    assert (collection.documents, collection.queries) == (2, queries)
    assert ("There are no queries" in shown(at)) == (queries == 0)


def test_uploaded_parquet(app: App, open_page: Open) -> None:
    table = arrow.table({"query": ["red?", "red?"], "doc_id": [1, 2], "text": ["Grass", "Red"], "grade": [None, 2.0]})
    written = io.BytesIO()
    parquet.write_table(table, written)
    at = form(open_page, "upload")
    at.file_uploader(key="import_file").upload("hits.parquet", written.getvalue())
    finished(app, fill(at, name="mine", language="en"))
    assert app.collections.reader("mine").qrels() == {"q1": {"2": 2}}


def test_uploads_that_form_a_beir_folder(app: App, open_page: Open) -> None:
    files = small_folder()
    at = form(open_page, "upload")
    at.file_uploader(key="import_file").upload("corpus.jsonl", str(files["corpus.jsonl"]).encode())
    at.file_uploader(key="import_queries_file").upload("queries.jsonl", str(files["queries.jsonl"]).encode())
    at.file_uploader(key="import_qrels_files").upload("test.tsv", str(files["qrels/test.tsv"]).encode())
    finished(app, fill(at, name="mine", format="beir", language="en"))
    assert app.collections.reader("mine").query("q1").category == "keyword"
    assert app.collections.get("mine").judgments == 3


def test_pasted_text_in_a_language_that_is_found_out(app: App, open_page: Open) -> None:
    at = form(open_page, "paste")
    passages = "北京的天气今天很好适合出门散步。\n\n上海明天会下大雨请带雨伞。"
    finished(app, fill(at, name="weather", pasted=passages, pasted_queries="天气怎么样\n雨"))
    reader = app.collections.reader("weather")
    found = reader.candidates("q2")
    assert reader.language == "zh"
    assert found is not None
    assert (found.ids, found.first_stage) == (("d1", "d2"), "as pasted")
    assert [document.id for document in reader.search("大雨", 5)] == ["d2"]


def test_an_unknown_id_of_ir_datasets(app: App, open_page: Open) -> None:
    at = finished(app, fill(form(open_page, "id"), name="none", id="no/such"))
    (error,) = at.error
    assert "ir_datasets knows no collection 'no/such'" in error.value.replace("\\", "")


def test_a_malformed_file_names_its_place_and_imports_nothing(app: App, open_page: Open, small: Collection) -> None:
    at = form(open_page, "upload")
    at.file_uploader(key="import_file").upload("hits.csv", HITS + b"red?,x,Grass is blue\n")
    at = finished(app, fill(at, name="hits"))
    (error,) = at.error
    assert "hits.csv, line 4, column text:" in error.value.replace("\\", "")
    assert [collection.name for collection in app.collections.all()] == ["small"]
    assert list((app.settings.home / "uploads").iterdir()) == []


@pytest.mark.parametrize(
    ("source", "fields", "message"),
    [
        ("", {"name": "small", "path": "/x"}, "already a collection named 'small'"),
        ("", {"name": "new"}, "Give the path of a folder or file"),
        ("", {"path": "/x"}, "Give the collection a name"),
        ("upload", {"name": "new"}, "Choose a file of hits or documents"),
        ("paste", {"name": "new", "pasted": "text"}, "at least one query and one passage"),
        ("id", {"name": "new"}, "Give the id of a collection"),
    ],
)
def test_what_is_missing_is_said(open_page: Open, small: Collection, source: str, fields: dict, message: str) -> None:
    at = fill(form(open_page, source), **fields)
    assert message in shown(at)
    assert "Traceback" not in sent(at)


def test_progress_cancel_and_a_reload(app: App, open_page: Open, tmp_path: Path) -> None:
    corpus = "".join(json.dumps({"_id": f"d{n}", "text": "The ferry leaves at nine."}) + "\n" for n in range(150_000))
    path = write_files(tmp_path / "beir", small_folder() | {"corpus.jsonl": corpus, "qrels/test.tsv": "q1\td1\t1\n"})
    at = fill(form(open_page), name="large", path=str(path), language="en")
    job = job_of(at)
    for child in psutil.Process().children(recursive=True):
        if "core.datasets" in child.cmdline():
            child.suspend()  # so that it is under way however quick the machine is
    again = open_page("collections", mode="import", job=job)
    assert "Everything is checked before anything is imported" in shown(again)
    other = form(open_page)
    assert [button.label for button in other.button if button.label in ("Cancel", "Import")] == ["Cancel", "Import"]
    again.button(key=f"cancel-{job}").click().run()
    assert app.jobs.wait(job, SECONDS).state is JobState.CANCELLED
    assert "nothing was imported" in shown(again.run())
    assert app.collections.all() == ()


def test_after_a_failure_the_form_is_as_it_was_filled_in(app: App, open_page: Open, tmp_path: Path) -> None:
    path = tmp_path / "hits.jsonl"
    path.write_text('{"query": 1' + "\n")
    at = finished(app, fill(form(open_page), name="mine", path=str(path), language="de", format="jsonl"))
    assert "Nothing was imported" in shown(at)
    at.button(key="import_again").click().run()
    assert at.text_input(key="import_name").value == "mine"
    assert at.text_input(key="import_path").value == str(path)
    assert (at.selectbox(key="import_language").value, at.selectbox(key="import_format").value) == ("de", "jsonl")
    path.write_bytes(DOCUMENTS)
    next(button for button in at.button if button.label == "Import").click()
    assert "Imported mine" in shown(finished(app, at.run()))


def test_warnings_are_there_after_a_reload(app: App, open_page: Open, tmp_path: Path) -> None:
    path = write_files(tmp_path / "beir", small_folder() | {"qrels/test.tsv": "q1\tgone\t1\nq1\ta\t-1\n"})
    at = finished(app, fill(form(open_page), name="odd", path=str(path), language="en"))
    reloaded = open_page("collections", mode="import", job=job_of(at))
    for page in (at, reloaded):
        assert [warning.value.replace("\\", "") for warning in page.warning] == [
            "1 negative grades were imported as 0 (judged irrelevant).",
            "1 judgments name documents that the corpus does not have; they were kept.",
        ]
