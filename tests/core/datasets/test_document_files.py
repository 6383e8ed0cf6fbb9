"""Documents as JSONL, CSV, TSV, Parquet or text, with queries and judgments beside them."""

from __future__ import annotations

from pathlib import Path

import pyarrow as arrow
import pyarrow.parquet as parquet
import pytest

from core.datasets.collection_file import CollectionFile
from core.datasets.importing import Imported, import_request
from core.datasets.request import ImportRequest
from core.datasets.source import ImportLimits
from core.domain.documents import Document, Query
from core.domain.errors import ImportFormatError, InvalidInputError
from tests.support.collections_on_disk import jsonl, write_files

LIMITS = ImportLimits(max_document_chars=500, max_query_chars=40)
EXPECTED = [Document(id="a", title="Grass", text="is green"), Document(id="7", text="engines are red")]


def imported(tmp_path: Path, files: dict[str, str | bytes], source: str, **fields: object) -> Imported:
    """Import ``source`` of ``files``; ``queries`` and ``qrels`` are names of other files."""
    folder = write_files(tmp_path / "in", files)
    fields = {"language": "en", "name": "test"} | fields
    if "queries" in fields:
        fields["queries"] = str(folder / str(fields["queries"]))
    fields["qrels"] = tuple(str(folder / name) for name in fields.get("qrels", ()))
    request = ImportRequest(source=str(folder / source), **fields)
    return import_request(request, tmp_path / "out" / "aside.sqlite", LIMITS)


def read(found: Imported) -> CollectionFile:
    return CollectionFile(found.collection.path)


def packed(tmp_path: Path, table: dict[str, list], **options: object) -> bytes:
    path = tmp_path / "packed.parquet"
    parquet.write_table(arrow.table(table), path, **options)
    return path.read_bytes()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        (
            "d.jsonl",
            jsonl({"_id": "a", "title": "Grass", "contents": "is green"}, {"_id": 7, "contents": "engines are red"}),
        ),
        ("d.csv", "id,title,text\na,Grass,is green\n7,,engines are red\n"),
        ("d.tsv", "docid\ttitle\ttext\na\tGrass\tis green\n7\t\tengines are red\n"),
        ("d.tsv", "a\tGrass\tis green\n7\t\tengines are red\n"),
    ],
    ids=["jsonl", "csv", "tsv with a header", "tsv without"],
)
def test_documents_arrive(tmp_path: Path, name: str, content: str) -> None:
    found = imported(tmp_path, {name: content}, name)
    assert list(read(found).all_documents()) == EXPECTED
    assert found.warnings == (
        "There are no queries: type them in the Playground, or import again with a file of queries.",
    )


def test_parquet_documents_of_several_row_groups(tmp_path: Path) -> None:
    rows = 2_500
    table = {"doc_id": list(range(rows)), "body": [f"text {n}" for n in range(rows)], "extra": [0.5] * rows}
    found = imported(tmp_path, {"d.parquet": packed(tmp_path, table, row_group_size=300)}, "d.parquet")
    assert [document.text for document in read(found).all_documents()] == table["body"]
    assert found.warnings[0] == "Columns that mean nothing here: extra."


@pytest.mark.parametrize(
    ("name", "content"),
    [
        (
            "q.jsonl",
            jsonl({"qid": 1, "title": "green?", "narrative": "x"}, {"qid": "2", "query": "red?", "title": "no"}),
        ),
        ("q.csv", "query_id,query\n1,green?\n2,red?\n"),
        ("q.tsv", "1\tgreen?\n2\tred?\n"),
        ("q.txt", "1\tgreen?\n\n2\tred?\n"),
        ("topics", "<top><num> Number: 1\n<title> green?\n</top><top>\n<num>2</num><title>red?</title></top>\n"),
    ],
    ids=["jsonl", "csv", "tsv", "txt", "topics"],
)
def test_queries_beside_documents(tmp_path: Path, name: str, content: str) -> None:
    files = {"d.csv": "id,text\na,x\n", name: content, "j.jsonl": jsonl({"query_id": 1, "doc_id": "a", "grade": 2})}
    found = imported(tmp_path, files, "d.csv", queries=name, qrels=("j.jsonl",))
    assert read(found).queries() == (Query(id="1", text="green?"), Query(id="2", text="red?"))
    assert read(found).qrels() == {"1": {"a": 2}}


def test_parquet_hits_with_ranks_and_grades_of_pandas(tmp_path: Path) -> None:
    table = {
        "query": ["red?", "red?", "red?"],
        "doc_id": ["x", "y", "z"],
        "text": ["grass", "engines", "sky"],
        "rank": [2, 1, 3],
        "grade": [float("nan"), 2.0, 0.0],
    }
    found = imported(tmp_path, {"h.parquet": packed(tmp_path, table)}, "h.parquet")
    candidates = read(found).candidates("q1")
    assert candidates is not None
    assert (candidates.ids, candidates.first_stage) == (("y", "x", "z"), "ranks of h.parquet")
    assert read(found).qrels() == {"q1": {"y": 2, "z": 0}}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("one\ntwo\n\n", ["one", "two"]),
        ("one\nmore\n\n\ntwo\n", ["one\nmore", "two"]),
        ("\ufeff\r\none \r\n\r\ntwo", ["one", "two"]),
        ("def f():\n    return 1\n\ndef g(): pass\n", ["def f():\n    return 1", "def g(): pass"]),
    ],
)
def test_passages_of_a_text(tmp_path: Path, text: str, expected: list[str]) -> None:
    found = imported(tmp_path, {"notes.txt": text, "q.txt": "first?\n\nsecond?\n"}, "notes.txt", queries="q.txt")
    assert [document.text for document in read(found).all_documents()] == expected
    assert [query.text for query in read(found).queries()] == ["first?", "second?"]
    candidates = read(found).candidates("q2")
    assert candidates is not None
    assert candidates.ids == ("d1", "d2")


def test_a_source_file_is_code(tmp_path: Path) -> None:
    text = "def parse(x):\n    return int(x)\n\ndef show(y):\n    print(y)\n"
    found = imported(tmp_path, {"tool.py": text}, "tool.py", language="auto")
    assert found.language == "code"
    assert [document.id for document in read(found).search("rse(x", 5)] == ["d1"]


GOOD = {"d.csv": "id,text\na,x\nb,y\n", "q.tsv": "1\tred?\n"}
BROKEN: list[tuple[str, dict[str, str | bytes], str, dict[str, object], str]] = [
    (
        "no text",
        {"d.jsonl": jsonl({"id": "a", "text": "x"}, {"id": "b"})},
        "d.jsonl",
        {},
        "d.jsonl, line 2, column text: is missing",
    ),
    ("no id", {"d.csv": "id,text\na,x\n,y\n"}, "d.csv", {}, "d.csv, line 3, column id: is empty"),
    (
        "same id",
        {"d.csv": "id,text\na,x\nb,y\na,z\n"},
        "d.csv",
        {},
        "d.csv, line 4, column id: the id 'a' was used on line 2",
    ),
    ("two ids", {"d.csv": "id,doc_id,text\na,a,x\n"}, "d.csv", {}, "d.csv, line 2, column doc_id: two columns mean"),
    ("empty", {"d.csv": "id,text\n"}, "d.csv", {}, "d.csv: holds no documents"),
    ("long", {"d.csv": f"id,text\na,{'x' * 501}\n"}, "d.csv", {}, "d.csv, line 2: document 'a' has 501 characters"),
    ("cells", {"d.tsv": "a\tx\nb\n"}, "d.tsv", {}, "d.tsv, line 2: has 1 cells; expected id and text"),
    ("no Parquet", {"d.parquet": b"PAR1 but no more"}, "d.parquet", {}, "d.parquet: cannot be read as Parquet"),
    ("empty text", {"t.txt": "\n \n"}, "t.txt", {}, "t.txt: holds no passages"),
    ("long passage", {"t.txt": f"a\n{'x' * 501}\n"}, "t.txt", {}, "t.txt, line 2: document 'd2' has 501 characters"),
    ("not UTF-8", {"t.txt": b"a\n\xff\n"}, "t.txt", {}, "t.txt, line 2, column 1: not UTF-8"),
    ("query cells", GOOD | {"q.tsv": "1\tred?\n2\n"}, "d.csv", {"queries": "q.tsv"}, "q.tsv, line 2: has 1 cells"),
    (
        "query id",
        GOOD | {"q.tsv": "1\tred?\n1\tno\n"},
        "d.csv",
        {"queries": "q.tsv"},
        "q.tsv, line 2, column id: the id '1' was used on line 1",
    ),
    (
        "query text",
        GOOD | {"q.jsonl": jsonl({"id": "1"})},
        "d.csv",
        {"queries": "q.jsonl"},
        "q.jsonl, line 1, column text: is missing",
    ),
    (
        "query length",
        GOOD | {"q.tsv": f"1\t{'x' * 41}\n"},
        "d.csv",
        {"queries": "q.tsv"},
        "q.tsv, line 1, column text: has 41 characters",
    ),
    ("no queries", GOOD | {"q.tsv": "\n"}, "d.csv", {"queries": "q.tsv"}, "q.tsv: holds no queries"),
    (
        "judgments alone",
        GOOD | {"j.tsv": "1\ta\t1\n"},
        "d.csv",
        {"qrels": ("j.tsv",)},
        "j.tsv: judgments need the queries",
    ),
    ("no file", GOOD, "d.csv", {"queries": "none.tsv"}, "none.tsv: there is no such file"),
    (
        "judgment column",
        GOOD | {"j.csv": "query_id,doc_id\n1,a\n"},
        "d.csv",
        {"queries": "q.tsv", "qrels": ("j.csv",)},
        "j.csv, line 1: the columns query id, document id and grade are needed",
    ),
    (
        "judgment grade",
        GOOD | {"j.jsonl": jsonl({"query_id": "1", "doc_id": "a", "grade": "high"})},
        "d.csv",
        {"queries": "q.tsv", "qrels": ("j.jsonl",)},
        "j.jsonl, line 1, column score: must be a whole number from -1000 to 1000, not 'high'",
    ),
]


@pytest.mark.parametrize(("files", "source", "fields", "message"), [b[1:] for b in BROKEN], ids=[b[0] for b in BROKEN])
def test_errors_name_file_line_column_and_cause(tmp_path, files, source, fields, message) -> None:
    with pytest.raises(ImportFormatError) as caught:
        imported(tmp_path, files, source, **fields)
    assert str(caught.value).startswith(message)
    assert not (tmp_path / "out").exists() or list((tmp_path / "out").iterdir()) == []


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({"id": ["a", None], "text": ["x", "y"]}, "d.parquet, row 2, column id: is missing"),
        ({"id": ["a", "b"], "text": [1, 2]}, "d.parquet, row 1, column text: must be a text, not a number"),
        ({"id": ["a", "b"], "text": [b"1", b"2"]}, "d.parquet, row 1, column text: must be a text, not bytes"),
        ({"id": ["a", "a"], "text": ["x", "y"]}, "d.parquet, row 2, column id: the id 'a' was used on row 1"),
        ({"id": [], "text": []}, "d.parquet: holds no documents"),
        ({"query": ["q"], "text": ["x"]}, "d.parquet: the first line must name"),
        (
            {"query": ["q", "q"], "id": ["a", "a"], "text": ["x", "y"]},
            "d.parquet, row 2, column text: document 'a' has another",
        ),
    ],
)
def test_errors_in_parquet_name_the_row(tmp_path: Path, table: dict[str, list], message: str) -> None:
    with pytest.raises(ImportFormatError) as caught:
        imported(tmp_path, {"d.parquet": packed(tmp_path, table)}, "d.parquet")
    assert str(caught.value).startswith(message)


def test_a_truncated_parquet_file_is_refused(tmp_path: Path) -> None:
    whole = packed(tmp_path, {"id": ["a"], "text": ["x" * 5000]})
    with pytest.raises(ImportFormatError, match="cannot be read as Parquet"):
        imported(tmp_path, {"d.parquet": whole[: len(whole) // 2]}, "d.parquet")


@pytest.mark.parametrize(
    ("files", "source", "fields", "message"),
    [
        ({"h.csv": "query,id,text\nq,a,x\n"}, "h.csv", {"queries": "h.csv"}, "has its queries and grades inside"),
        ({"t.txt": "a\nb\n"}, "t.txt", {"qrels": ("t.txt",)}, "has no ids that judgments could name"),
        ({"d.csv": "id,text\na,x\n"}, "d.csv", {"format": "parquet"}, "expected a file that ends in .parquet"),
        ({"d.csv": "id,text\na,x\n"}, "d.csv", {"format": "zip"}, "Unknown format 'zip'"),
        ({"d.csv": "id,text\na,x\n"}, "d.csv", {"format": "beir"}, "there is no such folder"),
    ],
)
def test_what_does_not_go_together_is_refused(tmp_path, files, source, fields, message) -> None:
    with pytest.raises(InvalidInputError, match=message):
        imported(tmp_path, files, source, **fields)
