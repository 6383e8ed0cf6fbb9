"""Importing one CSV or JSONL of hits."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.datasets.collection_file import CollectionFile
from core.datasets.importing import import_source, open_source
from core.domain.documents import Document, Query
from core.domain.errors import ImportFormatError
from tests.support.collections_on_disk import jsonl, write_files

CSV = (
    "query,document id,text,title,rank,grade\n"
    'ferry,a,"The ferry, at nine",Ferries,2,1\n'
    'ferry,b,"Two\nlines of ""text""",,1,\n'
    'backup,b,"Two\nlines of ""text""",,1,0\n'
)


def imported(tmp_path: Path, name: str, content: str | bytes) -> tuple[CollectionFile, tuple[str, ...]]:
    write_files(tmp_path, {name: content})
    collection, warnings = import_source(tmp_path / name, tmp_path / "target", name="test")
    assert collection.origin == f"file of hits {name}"
    return CollectionFile(collection.path), warnings


def order(reader: CollectionFile, query: str) -> tuple[str, ...]:
    found = reader.candidates(query)
    assert found is not None
    return found.ids


def test_csv(tmp_path: Path) -> None:
    reader, warnings = imported(tmp_path, "hits.csv", CSV)
    assert list(reader.all_documents()) == [
        Document(id="a", title="Ferries", text="The ferry, at nine"),
        Document(id="b", text='Two\nlines of "text"'),
    ]
    assert reader.queries() == (Query(id="q1", text="ferry"), Query(id="q2", text="backup"))
    assert reader.qrels() == {"q1": {"a": 1}, "q2": {"b": 0}}
    assert (order(reader, "q1"), order(reader, "q2")) == (("b", "a"), ("b",))
    assert warnings == ()


@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_other_delimiters_and_a_byte_order_mark(tmp_path: Path, delimiter: str) -> None:
    plain = "query,Document ID,text\nferry,a,one\nferry,b,two\n"
    expected, _ = imported(tmp_path, "hits.csv", plain)
    found, _ = imported(tmp_path, "hits.csv", "\ufeff" + plain.replace(",", delimiter).replace("\n", "\r\n"))
    assert found.fingerprint == expected.fingerprint
    assert order(found, "q1") == ("a", "b")


def test_jsonl_with_query_ids_categories_and_file_order(tmp_path: Path) -> None:
    hits = jsonl(
        {"query_id": "x", "query": "ferry", "doc_id": 7, "text": "seven", "category": "keyword", "extra": 1},
        {"query_id": "y", "query": "ferry", "doc_id": 7, "text": "seven", "grade": 3},
        {"query_id": "x", "query": "ferry", "doc_id": 5, "text": "five", "category": "keyword", "other": None},
    )
    reader, warnings = imported(tmp_path, "hits.jsonl", hits)
    assert reader.queries() == (Query(id="x", text="ferry", category="keyword"), Query(id="y", text="ferry"))
    assert (order(reader, "x"), order(reader, "y")) == (("7", "5"), ("7",))
    assert reader.qrels() == {"y": {"7": 3}}
    assert warnings == ("Columns that mean nothing here: extra, other.",)
    first = reader.candidates("x")
    assert first is not None
    assert first.first_stage == "order of hits.jsonl"


HEADER = "query,document_id,text,rank,grade\n"
BROKEN: list[tuple[str, str, str | bytes, int | None, str | None, str]] = [
    ("empty", "h.csv", "", 1, None, "the first line must name"),
    ("header only", "h.csv", HEADER, None, None, "holds no hits"),
    ("wrong header", "h.csv", "find,id,words\nq,a,t\n", 1, None, "the first line must name"),
    ("doubled column", "h.csv", "query,id,text,text\nq,a,t,u\n", 1, "text", "named twice"),
    ("two names of one column", "h.csv", "query,id,doc_id,text\nq,a,a,t\n", 2, "doc_id", "two columns mean"),
    ("too few cells", "h.csv", HEADER + "q,a,t,1,1\nq,b,t\n", 3, None, "has 3 cells, but the header names 5"),
    ("quote never closed", "h.csv", HEADER + 'q,a,t,1,1\nq,b,"t\nx\n', 3, None, "not valid CSV"),
    ("text after a quote", "h.csv", HEADER + 'q,a,"t"x,1,1\n', 2, None, "not valid CSV"),
    ("cell beyond the CSV limit", "h.csv", HEADER + f"q,a,{'x' * 131073},1,1\n", 2, None, "field limit"),
    ("another text", "h.csv", HEADER + "q,a,one,,\nr,b,x,,\nr,a,two,,\n", 4, "text", "another title or text on line 2"),
    ("hit twice", "h.csv", HEADER + "q,a,one,,\nq,a,one,,\n", 3, "document_id", "on line 2 already"),
    ("rank for some", "h.csv", HEADER + "q,a,one,1,\nq,b,two,,\n", 3, "rank", "or none"),
    ("rank for others", "h.csv", HEADER + "q,a,one,,\nq,b,two,1,\n", 3, "rank", "or none"),
    ("rank twice", "h.csv", HEADER + "q,a,one,1,\nq,b,two,1,\n", 3, "rank", "belongs to document 'a'"),
    ("rank in words", "h.csv", HEADER + "q,a,one,first,\n", 2, "rank", "not 'first'"),
    ("grade negative", "h.csv", HEADER + "q,a,one,1,-1\n", 2, "grade", "from 0 to 1000"),
    ("no query", "h.csv", HEADER + ",a,one,,\n", 2, "query", "is empty"),
    ("no id", "h.csv", HEADER + "q,,one,,\n", 2, "document_id", "is empty"),
    ("lines inside quotes count", "h.csv", HEADER + 'q,a,"1\n2\n3",,\nq,b,two,x,\n', 5, "rank", "not 'x'"),
    ("not UTF-8", "h.csv", HEADER.encode() + b"q,a,\xff,,\n", 2, "5", "0xFF"),
    ("no text", "h.jsonl", jsonl({"query": "q", "id": "a"}), 1, "text", "is missing"),
    ("empty JSONL", "h.jsonl", "", None, None, "holds no hits"),
    ("grade true", "h.jsonl", jsonl({"query": "q", "id": "a", "text": "", "grade": True}), 1, "grade", "not True"),
    (
        "query ids on some lines",
        "h.jsonl",
        jsonl({"query": "q", "id": "a", "text": ""}, {"query": "q", "id": "b", "text": "", "query_id": "1"}),
        2,
        "query_id",
        "or none",
    ),
    (
        "a query id with two texts",
        "h.jsonl",
        jsonl({"query": "q", "id": "a", "text": "", "qid": 1}, {"query": "r", "id": "b", "text": "", "qid": 1}),
        2,
        "query",
        "another text or category",
    ),
    ("long text", "h.jsonl", jsonl({"query": "q", "id": "a", "text": "x" * 100_001}), 1, None, "at most 100,000"),
    ("long query", "h.jsonl", jsonl({"query": "q" * 4001, "id": "a", "text": "x"}), 1, "query", "at most 4,000"),
]


@pytest.mark.parametrize(
    ("file", "content", "line", "column", "cause"), [b[1:] for b in BROKEN], ids=[b[0] for b in BROKEN]
)
def test_errors_name_file_line_column_and_cause(tmp_path, file, content, line, column, cause) -> None:
    with pytest.raises(ImportFormatError) as caught:
        imported(tmp_path, file, content)
    error = caught.value
    assert (error.file, error.line, error.column) == (file, line, column)
    assert cause in error.cause
    assert not (tmp_path / "target").exists()


@pytest.mark.parametrize(("name", "cause"), [("notes.pdf", "cannot be imported"), ("all.zip", "cannot be imported")])
def test_other_kinds_of_file(tmp_path: Path, name: str, cause: str) -> None:
    write_files(tmp_path, {name: "x"})
    with pytest.raises(ImportFormatError, match=cause):
        open_source(tmp_path / name)


def test_no_file_at_all(tmp_path: Path) -> None:
    with pytest.raises(ImportFormatError, match="no such file or folder"):
        open_source(tmp_path / "nowhere")
