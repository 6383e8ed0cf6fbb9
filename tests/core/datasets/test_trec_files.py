"""TREC's files: marked-up documents, topics in their spellings, folders, and which place an error names."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.datasets.collection_file import CollectionFile
from core.datasets.importing import Imported, import_request
from core.datasets.meter import silent
from core.datasets.request import ImportRequest
from core.datasets.source import ImportLimits
from core.datasets.trec_markup import read_trec_documents, read_trec_topics
from core.domain.documents import Document
from core.domain.errors import ImportFormatError
from tests.support.collections_on_disk import write_files

DOCUMENTS = """<DOC>
<DOCNO> AP-1 </DOCNO>
<FILEID>AP-NR-1</FILEID>
<HEAD>Ferries &amp; trains</HEAD>
<DATELINE>HARBOUR (AP)</DATELINE>
<TEXT>
   The ferry <b>leaves</b> at nine & ten.
</TEXT>
<TEXT>
More.
</TEXT>
</DOC>
<!-- two in one line -->
<doc><docno>AP-2</docno>Without a text field</doc> <DOC><DOCNO>AP-3</DOCNO><TEXT></TEXT></DOC>
"""
CLASSIC = """
<top>
<num> Number: 301
<title> Topic: International   Organized
Crime

<desc> Description:
Identify organizations.

<narr> Narrative:
Anything.
</top>
<top>
<num> Number: 302
<title>
<desc> Description: What is polio?
</top>
"""
CLOSED = """<?xml version="1.0"?>
<topics task="COVID">
<topic number="1"><query>virus origin</query><question>what is the origin</question></topic>
<topic number="2"><question>how &lt;long&gt;?</question></topic>
</topics>
"""


def rows(tmp_path: Path, text: str, reader) -> list[dict[str, object]]:
    write_files(tmp_path, {"f": text})
    return [dict(row.values) for row in reader(tmp_path / "f", "f", silent())]


def test_documents(tmp_path: Path) -> None:
    assert rows(tmp_path, DOCUMENTS, read_trec_documents) == [
        {"id": "AP-1", "title": "Ferries & trains", "text": "The ferry  leaves  at nine & ten.\nMore."},
        {"id": "AP-2", "title": "", "text": "Without a text field"},
        {"id": "AP-3", "title": "", "text": ""},
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (CLASSIC, [("301", "International Organized Crime"), ("302", "What is polio?")]),
        (CLOSED, [("1", "virus origin"), ("2", "how <long>?")]),
        ("<top><num>7</num><title>a b</title></top>", [("7", "a b")]),
    ],
    ids=["classic", "closed tags", "one line"],
)
def test_topics(tmp_path: Path, text: str, expected: list[tuple[str, str]]) -> None:
    found = rows(tmp_path, text, read_trec_topics)
    assert [(row["id"], row["text"]) for row in found] == expected


def imported(tmp_path: Path, files: dict[str, str | bytes], **fields: object) -> Imported:
    folder = write_files(tmp_path / "robust", files)
    request = ImportRequest(source=str(folder), name="test", language="en", **fields)
    return import_request(request, tmp_path / "out" / "aside.sqlite", ImportLimits())


FOLDER: dict[str, str | bytes] = {
    "docs/b.trec": "<DOC><DOCNO>2</DOCNO><TEXT>two</TEXT></DOC>",
    "docs/a.jsonl": '{"id": "1", "text": "one"}\n',
    "topics.txt": CLASSIC,
    "qrels.robust": "301 0 1 1\n302 0 2 -2\n",
    "runs/first.trec": "301 Q0 2 1 2.0 x\n301 Q0 1 2 1.0 x\n",
    "second.run": "302 Q0 1 1 2.0 x\n",
    "README.md": "about",
}


def test_a_folder(tmp_path: Path) -> None:
    found = imported(tmp_path, FOLDER)
    reader = CollectionFile(found.collection.path)
    assert found.collection.origin == "TREC folder robust"
    assert list(reader.all_documents()) == [Document(id="1", text="one"), Document(id="2", text="two")]
    assert reader.qrels() == {"301": {"1": 1}, "302": {"2": 0}}
    assert [(run.path.name, run.depth) for run in found.runs] == [("first.trec", 2), ("second.run", 1)]
    assert found.warnings == ("1 negative grades were imported as 0 (judged irrelevant).",)


BROKEN: list[tuple[str, dict[str, str | bytes], str]] = [
    (
        "never closed",
        {"docs/b.trec": "\n<DOC><DOCNO>2</DOCNO>\n"},
        "b.trec, line 2: the record is never closed by </doc>",
    ),
    (
        "no id",
        {"docs/b.trec": "<DOC>\n<TEXT>x</TEXT></DOC>"},
        "b.trec, line 1, column DOCNO: the document has no <DOCNO>",
    ),
    ("empty id", {"docs/b.trec": "<DOC><DOCNO> </DOCNO></DOC>"}, "b.trec, line 1, column DOCNO: the document has no"),
    (
        "text between",
        {"docs/b.trec": "<DOC><DOCNO>2</DOCNO></DOC>\nstray\n"},
        "b.trec, line 2: text outside <doc> ... </doc>: 'stray'",
    ),
    (
        "same id",
        {"docs/b.trec": "<DOC><DOCNO>1</DOCNO></DOC>"},
        "b.trec, line 1, column id: the id '1' was used on a.jsonl, line 1 already",
    ),
    ("no topics", {"topics.txt": "<top></top>"}, "topics.txt, line 1, column num: the topic has no number"),
    ("topic without words", {"topics.txt": "<top><num>1</num></top>"}, "topics.txt, line 1, column text: is empty"),
    (
        "topic twice",
        {"topics.txt": "<top><num>1<title>a</top>\n<top><num>1<title>b</top>"},
        "topics.txt, line 2, column id: the id '1' was used",
    ),
    ("qrels", {"qrels.robust": "301 0 1 1\n301 0 1\n"}, "qrels.robust, line 2: expected query-id, corpus-id and score"),
    (
        "run",
        {"second.run": "302 Q0 1 1 best x\n"},
        "second.run, line 1, column score: must be a finite number, not 'best'",
    ),
    (
        "run of others",
        {"second.run": "302 Q0 9 1 1.0 x\n"},
        "second.run, column document: query '302': Unknown document '9'",
    ),
    ("two topics", {"topics.b": "1\tx\n"}, "robust: has several files of topics: topics.b, topics.txt"),
    ("bytes", {"docs/b.trec": b"<DOC>\n<DOCNO>\xe9</DOCNO></DOC>"}, "b.trec, line 2, column 8: not UTF-8"),
]


@pytest.mark.parametrize(("files", "message"), [b[1:] for b in BROKEN], ids=[b[0] for b in BROKEN])
def test_errors_name_file_line_column_and_cause(tmp_path: Path, files: dict, message: str) -> None:
    with pytest.raises(ImportFormatError) as caught:
        imported(tmp_path, FOLDER | files)
    assert str(caught.value).startswith(message)
    assert not (tmp_path / "out").exists() or list((tmp_path / "out").iterdir()) == []


def test_a_folder_without_documents(tmp_path: Path) -> None:
    with pytest.raises(ImportFormatError, match="holds no documents: name them docs"):
        imported(tmp_path, {"topics.txt": CLASSIC}, format="trec")


def test_a_record_without_end_is_not_read_into_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.datasets.trec_markup.MAX_LINE_BYTES", 1000)
    with pytest.raises(ImportFormatError, match="no </doc> within 1,000 characters"):
        imported(tmp_path, FOLDER | {"docs/b.trec": "<DOC>\n" + "words and words\n" * 100})
