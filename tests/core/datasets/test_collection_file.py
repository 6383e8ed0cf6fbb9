"""The collection file: reading, searching, fingerprint, faults."""

from __future__ import annotations

import os
import sqlite3
import threading
import time
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.datasets.collection_file import CollectionFile
from core.datasets.collection_writer import DuplicateDocumentError, Written, write_collection
from core.domain.documents import Document, Query
from core.domain.errors import StorageError, StorageFullError, UnknownNameError
from tests.support.collections_on_disk import collection_of

DOCUMENTS = (
    Document(id="a", title="Ferries", text="The ferry leaves at nine."),
    Document(id="b", text="Backups run every night."),
    Document(id="c", title="Tickets", text="Ferry tickets are sold on board."),
)
QUERIES = (Query(id="q1", text="ferry", category="keyword"), Query(id="q2", text="backup"))
QRELS = {"q1": {"c": 2, "a": 0}}


def write(directory: Path, **changes) -> Written:
    given = {"documents": DOCUMENTS, "queries": QUERIES, "qrels": QRELS, "candidates": None} | changes
    return write_collection(directory, **given, name="test", origin="a test", first_stage="by hand")


def test_documents_come_in_the_order_asked(tmp_path: Path) -> None:
    reader = collection_of(tmp_path, DOCUMENTS, QUERIES)
    assert reader.documents(["c", "a", "c"]) == (DOCUMENTS[2], DOCUMENTS[0], DOCUMENTS[2])
    assert reader.documents([]) == ()
    assert reader.query("q2") == QUERIES[1]
    assert reader.judgments("q1") == {}


@pytest.mark.parametrize("name", ["z", "", "A", "\ud800", "a\x00"])
def test_unknown_names(tmp_path: Path, name: str) -> None:
    reader = collection_of(tmp_path, DOCUMENTS, QUERIES)
    with pytest.raises(UnknownNameError):
        reader.documents(["a", name])
    with pytest.raises(UnknownNameError):
        reader.query(name)
    assert reader.judgments(name) == {}
    assert reader.candidates(name) is None


def test_fingerprint_ignores_order_and_names_the_file(tmp_path: Path) -> None:
    first = write(tmp_path / "one")
    shuffled = {"qrels": {"q1": {"a": 0, "c": 2}}, "documents": DOCUMENTS[::-1], "queries": QUERIES[::-1]}
    second = write(tmp_path / "two", **shuffled)
    assert first.fingerprint == second.fingerprint == CollectionFile(second.path).fingerprint
    assert first.path.name == f"{first.fingerprint}.sqlite"


@pytest.mark.parametrize(
    "change",
    [
        {"documents": (*DOCUMENTS[:2], Document(id="c", title="Tickets", text="Ferry tickets are sold on board!"))},
        {"documents": (*DOCUMENTS[:2], Document(id="c", text="Tickets\nFerry tickets are sold on board."))},
        {"queries": (QUERIES[0], Query(id="q2", text="backup", category="keyword"))},
        {"qrels": {"q1": {"c": 2, "a": 1}}},
        {"qrels": {"q1": {"c": 2}}},
        {"candidates": {"q1": ["c", "a"]}},
    ],
    ids=["text", "title moved into text", "category", "grade", "judgment less", "candidates"],
)
def test_fingerprint_covers_every_content(tmp_path: Path, change: dict) -> None:
    assert write(tmp_path, **change).fingerprint != write(tmp_path).fingerprint


def test_fingerprint_covers_the_order_of_candidates(tmp_path: Path) -> None:
    one, two = (write(tmp_path, candidates={"q1": found}) for found in (["a", "c"], ["c", "a"]))
    assert one.fingerprint != two.fingerprint


def test_equal_contents_land_on_one_untouched_file(tmp_path: Path) -> None:
    first = write(tmp_path)
    before = first.path.stat()
    again = write(tmp_path)
    assert again.path == first.path
    assert (first.path.stat().st_ino, first.path.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert list(tmp_path.iterdir()) == [first.path]


def test_the_file_cannot_be_written_through_the_reader(tmp_path: Path) -> None:
    reader = collection_of(tmp_path, DOCUMENTS)
    with pytest.raises(StorageError, match="readonly"), reader._connection() as db:
        db.execute("DELETE FROM documents")


def test_a_repeated_document_id_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(DuplicateDocumentError, match="'a'"):
        write(tmp_path, documents=(*DOCUMENTS, DOCUMENTS[0]))
    assert list(tmp_path.iterdir()) == []


def test_an_error_of_the_stream_leaves_nothing(tmp_path: Path) -> None:
    def broken() -> Iterator[Document]:
        yield DOCUMENTS[0]
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write(tmp_path, documents=broken())
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = sqlite3.connect

    def small(*arguments, **options) -> sqlite3.Connection:
        db = real(*arguments, **options)
        db.execute("PRAGMA max_page_count = 30")
        return db

    monkeypatch.setattr("core.datasets.collection_writer.sqlite3.connect", small)
    with pytest.raises(StorageFullError, match="NOT imported"):
        write(tmp_path, documents=(Document(id=str(n), text="word " * 1000) for n in range(100)))
    assert list(tmp_path.iterdir()) == []


def test_a_directory_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(StorageError, match="could not be written"):
        write(tmp_path / "file" / "collections")


def test_leftovers_of_killed_imports_go_after_a_day(tmp_path: Path) -> None:
    old, young = tmp_path / ".import-old.sqlite", tmp_path / ".import-young.sqlite"
    for path in (old, young):
        path.write_bytes(b"x")
    day_and_more = time.time() - 25 * 3600
    os.utime(old, (day_and_more, day_and_more))
    written = write(tmp_path)
    assert set(tmp_path.iterdir()) == {young, written.path}


def test_documents_are_streamed(tmp_path: Path) -> None:
    text = "some words of a passage " * 200
    count = 3000  # 14 MB
    tracemalloc.start()
    try:
        write(tmp_path, documents=(Document(id=str(n), text=f"{n} {text}") for n in range(count)))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 1_000_000


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("ferry", ["a", "c"]),
        ("FERRIES", ["a", "c"]),
        ("ferry tickets", ["c"]),
        ("tickets backups", ["c", "b"]),
        ("nothing of this", []),
        ("", []),
        ('"', []),
        ("!? -- ", []),
        ("ticket* NEAR(", ["c"]),
        ("title:ferry OR", ["a", "c"]),
        ("b\x00ackup", []),
    ],
)
def test_search(tmp_path: Path, query: str, expected: list[str]) -> None:
    found = collection_of(tmp_path, DOCUMENTS).search(query, 10)
    assert sorted(document.id for document in found) == sorted(expected)


def test_search_puts_the_better_first_and_keeps_the_limit(tmp_path: Path) -> None:
    often = [Document(id=str(n), text="ferry " * n + "boat " * (10 - n)) for n in range(1, 10)]
    reader = collection_of(tmp_path, often)
    assert [document.id for document in reader.search("ferry", 3)] == ["9", "8", "7"]
    assert reader.search("ferry", 0) == ()


@settings(max_examples=200, deadline=None)
@given(text=st.text(alphabet=st.characters(), max_size=40) | st.text(alphabet='"*()^:-+{}ANDORT ferry', max_size=40))
def test_no_query_breaks_the_search(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    directory = tmp_path_factory.getbasetemp() / "search"
    assert len(collection_of(directory, DOCUMENTS).search(text, 2)) <= 2


def test_threads_share_one_reader(tmp_path: Path) -> None:
    many = [Document(id=f"d{n:03}", text=f"ferry number {n}") for n in range(300)]
    reader = collection_of(tmp_path, many, QUERIES)
    faults: list[object] = []
    start = threading.Barrier(8)

    def work(seed: int) -> None:
        try:
            start.wait()
            for n in range(100):
                wanted = [f"d{(seed * 37 + n * k) % 300:03}" for k in range(1, 20)]
                if [document.id for document in reader.documents(wanted)] != wanted:
                    faults.append(wanted)
                if sum(1 for _ in reader.all_documents()) != 300 or len(reader.search("number", 5)) != 5:
                    faults.append("stream")
        except Exception as error:  # noqa: BLE001 - a thread's failure must reach the test
            faults.append(error)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []


def test_a_stream_left_early_gives_its_connection_back(tmp_path: Path) -> None:
    reader = collection_of(tmp_path, [Document(id=str(n), text="x") for n in range(100)])
    for _ in range(50):
        stream = reader.all_documents()
        assert next(stream).id == "0"
        stream.close()
    assert len(reader._idle) == 1
    reader.close()
    assert reader._idle == []
    assert reader.documents(["5"])[0].id == "5"


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="is missing"):
        CollectionFile(tmp_path / "none.sqlite")


def test_a_file_of_another_kind(tmp_path: Path) -> None:
    (tmp_path / "text.sqlite").write_text("not a database, but long enough to be looked at closely " * 10)
    with pytest.raises(StorageError, match="is damaged"):
        CollectionFile(tmp_path / "text.sqlite")
    other = sqlite3.connect(tmp_path / "other.sqlite")
    other.execute("CREATE TABLE meta (key, value)")
    other.close()
    with pytest.raises(StorageError, match="not a collection file"):
        CollectionFile(tmp_path / "other.sqlite")


def test_a_file_of_a_newer_version(tmp_path: Path) -> None:
    path = write(tmp_path).path
    db = sqlite3.connect(path)
    db.execute("PRAGMA user_version = 3")
    db.close()
    with pytest.raises(StorageError, match="has format 3; this version reads up to 2"):
        CollectionFile(path)


def test_a_damaged_page_is_said(tmp_path: Path) -> None:
    many = [Document(id=f"d{n:04}", text=f"ferry number {n} " * 20) for n in range(500)]
    path = write(tmp_path, documents=many, qrels={}).path
    reader = CollectionFile(path)
    reader.close()
    content = bytearray(path.read_bytes())
    content[4096 * 8 : 4096 * 60] = b"\xff" * (4096 * 52)
    path.write_bytes(content)
    with pytest.raises(StorageError, match="Import it again"):
        list(reader.all_documents())


def test_names_with_special_characters(tmp_path: Path) -> None:
    directory = tmp_path / "a folder?mode=rwc#x%20"
    assert collection_of(directory, DOCUMENTS).documents(["a"]) == (DOCUMENTS[0],)
