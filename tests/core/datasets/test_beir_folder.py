"""Importing folders in BEIR layout: what arrives, and which place an error names."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.datasets.collection_file import CollectionFile
from core.datasets.importing import import_source
from core.domain.documents import Document, Query
from core.domain.errors import CancelledError, ImportFormatError
from tests.support.collections_on_disk import jsonl, small_folder, write_files


def imported(tmp_path: Path, files: dict[str, str | bytes], **options) -> tuple[CollectionFile, tuple[str, ...]]:
    folder = write_files(tmp_path / "source", files)
    collection, warnings = import_source(folder, tmp_path / "target", name="test", **options)
    return CollectionFile(collection.path), warnings


def refused(tmp_path: Path, files: dict[str, str | bytes], **options) -> ImportFormatError:
    """The error of an import that must fail, after checking that nothing is left."""
    folder = write_files(tmp_path / "source", files)
    with pytest.raises(ImportFormatError) as caught:
        import_source(folder, tmp_path / "target", name="test", **options)
    target = tmp_path / "target"
    assert not target.exists() or list(target.iterdir()) == []
    return caught.value


def test_everything_arrives(tmp_path: Path) -> None:
    reader, warnings = imported(tmp_path, small_folder())
    assert list(reader.all_documents()) == [
        Document(id="a", title="Ferries", text="The ferry leaves at nine."),
        Document(id="b", title="", text="Backups run every night."),
        Document(id="c", title="Tickets", text="Ferry tickets are sold on board the ferry."),
    ]
    assert reader.queries() == (
        Query(id="q1", text="ferry tickets", category="keyword"),
        Query(id="q2", text="When do backups run?"),
    )
    assert reader.qrels() == {"q1": {"c": 2, "a": 1}, "q2": {"b": 3}}
    assert reader.candidates("q1") is None
    assert warnings == ()


def test_counts_and_name_are_registered(tmp_path: Path) -> None:
    folder = write_files(tmp_path / "ships", small_folder())
    collection, _ = import_source(folder, tmp_path / "target", name="Ships")
    assert (collection.documents, collection.queries, collection.judgments) == (3, 2, 3)
    assert (collection.name, collection.origin, collection.sample) == ("Ships", "BEIR folder ships", False)
    assert collection.path == tmp_path / "target" / f"{collection.fingerprint}.sqlite"


@pytest.mark.parametrize(
    "content",
    [
        "q1\tc\t2\nq1\ta\t1\nq2\tb\t3\n",
        "query-id\tcorpus-id\tscore\nq1\tc\t2\nq1\ta\t1\nq2\tb\t3",
        "\ufeffquery-id\tcorpus-id\tscore\r\nq1\tc\t2\r\nq1\ta\t1\r\n\r\nq2\tb\t3\r\n",
        "q1 0 c 2\nq1 0 a 1\nq2 0 b 3\n",
    ],
    ids=["no header", "no last line break", "spreadsheet", "TREC"],
)
def test_spellings_of_judgments(tmp_path: Path, content: str) -> None:
    reader, _ = imported(tmp_path, small_folder() | {"qrels/test.tsv": content})
    assert reader.qrels() == {"q1": {"c": 2, "a": 1}, "q2": {"b": 3}}


def test_byte_order_mark_and_numeric_ids(tmp_path: Path) -> None:
    files = small_folder() | {
        "corpus.jsonl": "\ufeff" + jsonl({"_id": 1, "text": "one"}, {"_id": "2", "title": None, "text": "two"}),
        "qrels/test.tsv": "q1\t1\t1\n",
    }
    reader, _ = imported(tmp_path, files)
    assert [document.id for document in reader.all_documents()] == ["1", "2"]


def test_splits_of_judgments_are_merged_with_a_note(tmp_path: Path) -> None:
    files = small_folder() | {"qrels/dev.tsv": "q2\tb\t3\nq2\ta\t0\n"}
    reader, warnings = imported(tmp_path, files)
    assert reader.qrels() == {"q1": {"c": 2, "a": 1}, "q2": {"b": 3, "a": 0}}
    assert warnings == ("Judgments of dev.tsv, test.tsv were merged.",)


def test_odd_things_are_imported_with_a_count(tmp_path: Path) -> None:
    files = small_folder() | {
        "corpus.jsonl": jsonl({"_id": "a", "text": "x"}, {"_id": "b b", "text": ""}, {"_id": "c", "text": " \n"}),
        "qrels/test.tsv": "q1\ta\t1\nq1\tgone\t2\nq2\tlost\t-1\nother\ta\t1\nother\tc\t1\n",
    }
    reader, warnings = imported(tmp_path, files)
    assert reader.qrels() == {"q1": {"a": 1, "gone": 2}, "q2": {"lost": 0}}
    assert warnings == (
        "1 negative grades were imported as 0 (judged irrelevant).",
        "2 judgments of 1 queries that queries.jsonl does not have were left out.",
        "2 judgments name documents that the corpus does not have; they were kept.",
        "2 documents have no text.",
        "1 ids hold blanks; TREC runs cannot be written for them.",
    )


def test_candidates_come_in_rank_order(tmp_path: Path) -> None:
    rows = "query-id\trank\tdocument-id\nq1\t2\ta\nq1\t1\tc\nq1\t10\tb\n"
    reader, _ = imported(tmp_path, small_folder() | {"candidates.tsv": rows})
    found = reader.candidates("q1")
    assert found is not None
    assert found.ids == ("c", "a", "b")
    assert found.query == Query(id="q1", text="ferry tickets", category="keyword")
    assert (found.collection, found.first_stage) == (reader.fingerprint, "as written")
    assert reader.candidates("q2") is None


def test_no_judgments_at_all_is_fine(tmp_path: Path) -> None:
    files = small_folder()
    del files["qrels/test.tsv"]
    reader, _ = imported(tmp_path, files)
    assert reader.qrels() == {}


GOOD = {"_id": "a", "text": "x"}
BROKEN: list[tuple[str, str, str | bytes, int | None, str | None, str]] = [
    (
        "malformed",
        "corpus.jsonl",
        jsonl(*({"_id": str(n), "text": "x"} for n in range(4999))) + '{"_id" 1}\n',
        5000,
        "8",
        "not valid JSON",
    ),
    ("no object", "corpus.jsonl", '["a"]\n', 1, None, "one JSON object"),
    ("no text", "corpus.jsonl", '{"_id": "a"}\n', 1, "text", "is missing"),
    ("no id", "corpus.jsonl", '{"text": "a"}\n', 1, "_id", "is missing"),
    ("empty id", "corpus.jsonl", jsonl(GOOD, {"_id": " ", "text": "x"}), 2, "_id", "is empty"),
    ("bool as id", "corpus.jsonl", '{"_id": true, "text": "x"}\n', 1, "_id", "not true or false"),
    ("text a number", "corpus.jsonl", '{"_id": "a", "text": 5}\n', 1, "text", "must be a text, not a number"),
    ("title a list", "corpus.jsonl", '{"_id": "a", "text": "", "title": []}\n', 1, "title", "not a list"),
    ("half surrogate", "corpus.jsonl", '{"_id": "a", "text": "\\ud800"}\n', 1, "text", "surrogate"),
    ("huge number", "corpus.jsonl", '{"_id": ' + "9" * 5000 + "}\n", 1, None, "not usable JSON"),
    ("deep", "corpus.jsonl", "[" * 100_000 + "\n", 1, None, "not usable JSON"),
    ("same id", "corpus.jsonl", jsonl(GOOD, {"_id": "b", "text": "y"}, GOOD), 3, "_id", "used on line 1 already"),
    ("latin 1", "corpus.jsonl", jsonl(GOOD).encode() + b'{"_id": "b", "text": "\xc3\xa9\xe9"}\n', 2, "24", "0xE9"),
    ("UTF-16", "corpus.jsonl", jsonl(GOOD).encode("utf-16"), 1, None, "UTF-16"),
    ("empty corpus", "corpus.jsonl", "", None, None, "holds no documents"),
    ("blank corpus", "corpus.jsonl", "\n \n", None, None, "holds no documents"),
    ("long document", "corpus.jsonl", jsonl({"_id": "a", "text": "x" * 501}), 1, None, "501 characters; at most 500"),
    ("empty queries", "queries.jsonl", "\n", None, None, "holds no queries"),
    ("query without text", "queries.jsonl", '{"_id": "q", "text": " "}\n', 1, "text", "is empty"),
    ("same query", "queries.jsonl", jsonl(GOOD, GOOD), 2, "_id", "used on line 1 already"),
    ("long query", "queries.jsonl", jsonl({"_id": "q", "text": "x" * 41}), 1, "text", "41 characters; at most 40"),
    ("bad metadata", "queries.jsonl", '{"_id": "q", "text": "x", "metadata": 1}\n', 1, "metadata", "an object"),
    (
        "bad category",
        "queries.jsonl",
        '{"_id": "q", "text": "x", "metadata": {"category": 1}}\n',
        1,
        "category",
        "text",
    ),
    ("empty qrels", "qrels/test.tsv", "", None, None, "holds no judgments"),
    ("header only", "qrels/test.tsv", "query-id\tcorpus-id\tscore\n", None, None, "holds no judgments"),
    ("two cells", "qrels/test.tsv", "q1\ta\t1\nq1\ta\n", 2, None, "parted by tabs"),
    ("grade in words", "qrels/test.tsv", "q1\ta\tgood\n", 1, "score", "not 'good'"),
    ("grade a fraction", "qrels/test.tsv", "q1\ta\t1.5\n", 1, "score", "whole number"),
    ("grade too large", "qrels/test.tsv", "q1\ta\t1001\n", 1, "score", "from -1000 to 1000"),
    ("no grade", "qrels/test.tsv", "q1\ta\t\n", 1, "score", "is missing"),
    ("judged twice", "qrels/test.tsv", "q1\ta\t1\nq1\ta\t1\n", 2, None, "judged on line 1 already"),
    ("no id in qrels", "qrels/test.tsv", "q1\t\t1\n", 1, "corpus-id", "is empty"),
    ("candidate cells", "candidates.tsv", "q1\t1\n", 1, None, "parted by tabs"),
    ("candidate query", "candidates.tsv", "q9\t1\ta\n", 1, "query-id", "no query 'q9'"),
    ("candidate rank", "candidates.tsv", "q1\t1\ta\nq1\t1\tb\n", 2, "rank", "rank of its own"),
    ("no candidate rank", "candidates.tsv", "q1\t\ta\n", 1, "rank", "rank of its own"),
    ("candidate twice", "candidates.tsv", "q1\t1\ta\nq1\t2\ta\n", 2, "document-id", "twice"),
]


@pytest.mark.parametrize(
    ("file", "content", "line", "column", "cause"), [b[1:] for b in BROKEN], ids=[b[0] for b in BROKEN]
)
def test_errors_name_file_line_column_and_cause(tmp_path, file, content, line, column, cause) -> None:
    error = refused(tmp_path, small_folder() | {file: content}, max_document_chars=500, max_query_chars=40)
    assert (error.file, error.line, error.column) == (file, line, column)
    assert cause in error.cause


def test_candidates_of_unknown_documents_are_refused(tmp_path: Path) -> None:
    error = refused(tmp_path, small_folder() | {"candidates.tsv": "q1\t1\ta\nq1\t2\tz\n"})
    assert "'q1'" in error.cause
    assert "'z'" in error.cause


def test_splits_that_contradict_are_refused(tmp_path: Path) -> None:
    error = refused(tmp_path, small_folder() | {"qrels/dev.tsv": "q1\tc\t1\n"})
    assert (error.file, error.line) == ("qrels/test.tsv", 2)
    assert "another file of judgments says 1" in error.cause


@pytest.mark.parametrize("missing", ["corpus.jsonl", "queries.jsonl"])
def test_a_folder_without_a_needed_file(tmp_path: Path, missing: str) -> None:
    files = small_folder()
    del files[missing]
    assert f"{missing} is missing" in refused(tmp_path, files).cause


def test_a_line_without_end_is_not_read_into_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.datasets.lines.MAX_LINE_BYTES", 1000)
    error = refused(tmp_path, small_folder() | {"corpus.jsonl": jsonl(GOOD) + "x" * 2000})
    assert (error.line, error.cause) == (2, "longer than 1,000 bytes.")


def test_progress_rises_to_the_total(tmp_path: Path) -> None:
    files = small_folder()
    heard: list[tuple[int, int]] = []
    imported(tmp_path, files, progress=lambda done, total: heard.append((done, total)))
    size = sum(len(content) for content in files.values())
    assert heard[-1] == (size, size)
    assert heard == sorted(heard)
    assert len(heard) > 5


def test_progress_does_not_flood(tmp_path: Path) -> None:
    corpus = jsonl(*({"_id": str(n), "text": "word"} for n in range(5000)))
    heard: list[int] = []
    imported(tmp_path, small_folder() | {"corpus.jsonl": corpus}, progress=lambda done, _total: heard.append(done))
    assert 50 < len(heard) < 300


@pytest.mark.parametrize("after", [0, 3, 8])
def test_cancelling_leaves_nothing(tmp_path: Path, after: int) -> None:
    folder = write_files(tmp_path / "source", small_folder())
    asked = iter(range(1000))
    with pytest.raises(CancelledError, match="nothing was imported"):
        import_source(folder, tmp_path / "target", name="test", cancelled=lambda: next(asked) >= after)
    assert not (tmp_path / "target").exists() or list((tmp_path / "target").iterdir()) == []
