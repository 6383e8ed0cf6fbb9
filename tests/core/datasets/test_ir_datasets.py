"""ir_datasets: what is on this machine is read, and what cannot be reached is said with what to do."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import NamedTuple

import ir_datasets
import pytest

from core.datasets.collection_file import CollectionFile
from core.datasets.importing import Imported, import_request
from core.datasets.request import ImportRequest
from core.datasets.source import ImportLimits
from core.domain.documents import Document, Query
from core.domain.errors import ImportFormatError, InvalidInputError
from tests.support.collections_on_disk import write_files


def imported(tmp_path: Path, id: str, **fields: str) -> Imported:
    request = ImportRequest(source=f"ir_datasets:{id}", name="test", **fields)
    return import_request(request, tmp_path / "out" / "aside.sqlite", ImportLimits(max_document_chars=100))


@pytest.fixture
def local(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Registers a collection of local files with the package, under the id "local"."""

    def made(documents: str, queries: str = "1\tgreen?\n", qrels: str = "1 0 a 2\n", **tables: str) -> None:
        write_files(tmp_path / "in", {"d.tsv": documents, "q.tsv": queries, "j.txt": qrels})
        found = ir_datasets.create_dataset(
            docs_tsv=str(tmp_path / "in/d.tsv"),
            queries_tsv=str(tmp_path / "in/q.tsv"),
            qrels_trec=str(tmp_path / "in/j.txt"),
        )
        monkeypatch.setattr(ir_datasets, "load", lambda _id: found)

    return made


def test_what_is_here_is_read(tmp_path: Path, local) -> None:
    local("a\tgrass is green\nb\tengines are red\n", qrels="1 0 a 2\n1 1 a 0\n1 1 b -1\n9 0 a 1\n")
    found = imported(tmp_path, "local", language="en")
    reader = CollectionFile(found.collection.path)
    assert found.collection.origin == "ir_datasets:local"
    assert list(reader.all_documents()) == [
        Document(id="a", text="grass is green"),
        Document(id="b", text="engines are red"),
    ]
    assert reader.queries() == (Query(id="1", text="green?"),)
    assert reader.assessments("1") == {"0": {"a": 2}, "1": {"a": 0, "b": 0}}
    assert "see its licence before you pass it on" in found.warnings[0]
    assert found.warnings[1:] == (
        "1 negative grades were imported as 0 (judged irrelevant).",
        "1 judgments of 1 queries that ir_datasets:local does not have were left out.",
    )


def test_titles_and_other_fields(tmp_path: Path, local, monkeypatch: pytest.MonkeyPatch) -> None:
    class Made(NamedTuple):
        doc_id: str
        title: str
        body: str

        def default_text(self) -> str:
            return self.body

    local("a\tx\n")
    monkeypatch.setattr(ir_datasets.load("local"), "docs_iter", lambda: iter([Made("1", "Grass", "is green")]), False)
    reader = CollectionFile(imported(tmp_path, "local", language="en").collection.path)
    assert list(reader.all_documents()) == [Document(id="1", title="Grass", text="is green")]


@pytest.mark.parametrize(
    ("documents", "queries", "message"),
    [
        ("a\tx\nb\ty\na\tz\n", "1\tq\n", "ir_datasets:local, column doc_id: the id 'a' is used twice"),
        (f"a\t{'x' * 101}\n", "1\tq\n", "ir_datasets:local, row 1: document 'a' has 101 characters"),
        ("a\tx\n", "1\t \n", "ir_datasets:local, row 1, column text: is empty"),
    ],
)
def test_errors_name_the_row(tmp_path: Path, local, documents: str, queries: str, message: str) -> None:
    local(documents, queries)
    with pytest.raises(ImportFormatError) as caught:
        imported(tmp_path, "local", language="en")
    assert str(caught.value).startswith(message)
    assert not (tmp_path / "out").exists() or list((tmp_path / "out").iterdir()) == []


def test_an_id_that_nobody_knows(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match="ir_datasets knows no collection 'no/such'"):
        imported(tmp_path, "no/such")


def test_offline_says_what_is_needed_and_where_it_may_lie(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def unreachable(*_arguments: object, **_options: object) -> None:
        raise OSError("Network is unreachable")

    monkeypatch.setattr(socket, "getaddrinfo", unreachable)
    monkeypatch.setenv("IR_DATASETS_HOME", str(tmp_path / "ir"))
    monkeypatch.setenv("IR_DATASETS_DL_TRIES", "1")
    with pytest.raises(InvalidInputError) as caught:
        imported(tmp_path, "beir/nfcorpus/test")
    message = str(caught.value)
    assert message.startswith("ir_datasets:beir/nfcorpus/test is not on this machine, and it could not be downloaded")
    assert "nfcorpus.zip (MD5 " in message
    assert f"{tmp_path / 'ir'}/downloads/<its MD5>" in message
    assert "Nothing was imported" in message
    assert not (tmp_path / "out").exists()
