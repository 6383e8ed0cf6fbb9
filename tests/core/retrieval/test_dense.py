"""Dense and hybrid first stages against numpy, and vectors that are computed once."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from core.domain.documents import CandidateList, Document, Query
from core.domain.errors import InvalidInputError, StorageError
from core.retrieval import dense_store, vector_chunks
from core.retrieval.fusion import reciprocal_ranks
from tests.support.collections_on_disk import collection_of
from tests.support.retrieval import Driver, StoppedError, embedder, search, vector_of

DOCUMENTS = tuple(Document(id=f"d{31 * n % 100}", title=f"T{n}", text=f"text {n} ferry") for n in range(50))
QUERIES = (Query(id="q1", text="ferry"), Query(id="q2", text="text 7"), Query(id="q3", text="zeppelin"))
MODEL = embedder()


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(vector_chunks, "CHUNK_ROWS", 8)
    monkeypatch.setattr(dense_store, "CHUNK_ROWS", 8)
    yield
    dense_store.forget()


@pytest.fixture
def place(tmp_path: Path) -> tuple[Path, str, Path]:
    """Path, fingerprint and cache folder."""
    reader = collection_of(tmp_path / "collections", DOCUMENTS)
    return tmp_path / "collections" / f"{reader.fingerprint}.sqlite", reader.fingerprint, tmp_path / "cache"


def by_numpy(query: str, depth: int) -> list[tuple[str, float]]:
    wanted = vector_of(query).astype(np.float64)
    scores = {}
    for document in DOCUMENTS:
        vector = vector_of(document.content).astype(np.float64)
        scores[document.id] = float(wanted @ vector / np.linalg.norm(wanted) / np.linalg.norm(vector))
    return sorted(scores.items(), key=lambda item: (-item[1], item[0]))[:depth]


def hits(made: CandidateList) -> list[tuple[str, float]]:
    return list(zip(made.ids, made.first_stage_scores or (), strict=True))


def test_exact_search_is_that_of_numpy(place: tuple[Path, str, Path]) -> None:
    lists = search(*place[:2], QUERIES, place[2], model=MODEL)
    assert [made.query for made in lists] == list(QUERIES)
    assert {made.first_stage for made in lists} == {"dense tiny top 5"}
    for made in lists:
        expected = by_numpy(made.query.text, 5)
        assert made.ids == tuple(id for id, _ in expected)
        assert made.first_stage_scores == pytest.approx([score for _, score in expected], abs=1e-6)


def test_equal_texts_tie_and_go_by_id_in_every_chunk(tmp_path: Path) -> None:
    ids = [f"d{n:02d}" for n in range(30)]
    reader = collection_of(tmp_path, [Document(id=id, text="same") for id in reversed(ids)])
    path = tmp_path / f"{reader.fingerprint}.sqlite"
    (made,) = search(path, reader.fingerprint, QUERIES[:1], tmp_path / "cache", model=MODEL, depth=12)
    assert made.ids == tuple(ids[:12])


def test_a_corpus_smaller_than_the_depth_and_an_empty_one(tmp_path: Path) -> None:
    for documents in ((), DOCUMENTS[:3]):
        reader = collection_of(tmp_path, documents)
        path = tmp_path / f"{reader.fingerprint}.sqlite"
        (made,) = search(path, reader.fingerprint, QUERIES[:1], tmp_path / "cache", model=MODEL, depth=9)
        assert len(made.documents) == len(documents)


def test_vectors_are_computed_once(place: tuple[Path, str, Path]) -> None:
    first, second = Driver(), Driver()
    search(*place[:2], QUERIES, place[2], model=MODEL, driver=first)
    assert first.documents == [document.content for document in DOCUMENTS]
    dense_store.forget()
    again = search(*place[:2], QUERIES, place[2], model=MODEL, driver=second)
    assert second.documents == []
    assert again == search(*place[:2], QUERIES, place[2], model=MODEL)


def test_an_interrupted_build_goes_on_where_it_stopped(place: tuple[Path, str, Path]) -> None:
    first, second = Driver(stop_after=11), Driver()  # a chunk of 8 takes three calls: three chunks and a bit
    with pytest.raises(StoppedError):
        search(*place[:2], QUERIES, place[2], model=MODEL, driver=first)
    chunks = dense_store.folder_of(place[1], MODEL, place[2]) / "chunks"
    assert len(list(chunks.iterdir())) == 3
    lists = search(*place[:2], QUERIES, place[2], model=MODEL, driver=second)
    assert second.documents == [document.content for document in DOCUMENTS[24:]]
    assert [made.ids for made in lists] == [tuple(id for id, _ in by_numpy(query.text, 5)) for query in QUERIES]


def test_progress_counts_documents(place: tuple[Path, str, Path]) -> None:
    driver = Driver()
    search(*place[:2], QUERIES[:1], place[2], model=MODEL, driver=driver)
    dense_store.forget()
    shutil.rmtree(dense_store.folder_of(place[1], MODEL, place[2]) / "index")
    search(*place[:2], QUERIES[:1], place[2], model=MODEL, driver=driver)
    done = [step.done for step in driver.steps if step.note == "embedding documents with tiny"]
    assert done[-8:] == [0, 8, 16, 24, 32, 40, 48, 50]
    assert {step.total for step in driver.steps if step.note.startswith("embedding")} == {50}


@pytest.mark.parametrize("harm", ["turned", "short", "gone"])
def test_a_damaged_chunk_is_computed_again_and_no_other(place: tuple[Path, str, Path], harm: str) -> None:
    before = search(*place[:2], QUERIES, place[2], model=MODEL)
    dense_store.forget()
    chunk = sorted((dense_store.folder_of(place[1], MODEL, place[2]) / "chunks").iterdir())[2]
    content = bytearray(chunk.read_bytes())
    content[-3] ^= 64
    if harm == "gone":
        chunk.unlink()
    else:
        chunk.write_bytes(content if harm == "turned" else content[:-7])
    driver = Driver()
    assert search(*place[:2], QUERIES, place[2], model=MODEL, driver=driver) == before
    assert driver.documents == [document.content for document in DOCUMENTS[16:24]]


def test_a_damaged_index_costs_no_vector(place: tuple[Path, str, Path]) -> None:
    before = search(*place[:2], QUERIES, place[2], model=MODEL)
    dense_store.forget()
    (dense_store.folder_of(place[1], MODEL, place[2]) / "index" / "ids.order.npy").write_bytes(b"x")
    driver = Driver()
    assert search(*place[:2], QUERIES, place[2], model=MODEL, driver=driver) == before
    assert driver.documents == []


@pytest.mark.parametrize("other", [embedder(revision="s"), embedder(max_length=7), embedder(options=(("a", "b"),))])
def test_another_model_has_vectors_of_its_own(place: tuple[Path, str, Path], other) -> None:
    search(*place[:2], QUERIES, place[2], model=MODEL)
    driver = Driver()
    search(*place[:2], QUERIES, place[2], model=other, driver=driver)
    assert len(driver.documents) == 50


def test_another_collection_at_the_path_is_refused(place: tuple[Path, str, Path]) -> None:
    with pytest.raises(StorageError, match="another collection"):
        search(place[0], "0" * 64, QUERIES, place[2], model=MODEL)


def test_a_cache_without_room_is_an_error_that_says_so(place: tuple[Path, str, Path]) -> None:
    place[2].write_text("a file where the folder should be")
    with pytest.raises(StorageError, match="Make room"):
        search(*place[:2], QUERIES, place[2], model=MODEL)


@pytest.mark.parametrize("method", ["dense", "hybrid"])
def test_without_a_model_there_are_no_vectors(place: tuple[Path, str, Path], method: str) -> None:
    with pytest.raises(InvalidInputError, match="needs an embedding model"):
        search(*place[:2], QUERIES, place[2], method=method)


def test_fusion_by_hand() -> None:
    found = reciprocal_ranks([["a", "b", "c"], ["c", "d"]], 3)
    assert found == [
        ("c", pytest.approx(1 / 63 + 1 / 61)), ("a", pytest.approx(1 / 61)), ("b", pytest.approx(1 / 62)),
    ]  # fmt: skip
    assert reciprocal_ranks([["b"], ["a"]], 5) == [("a", 1 / 61), ("b", 1 / 61)]
    assert reciprocal_ranks([[], []], 5) == []


def test_hybrid_is_the_fusion_of_both_lists(place: tuple[Path, str, Path]) -> None:
    lists = search(*place[:2], QUERIES, place[2], method="hybrid", model=MODEL, depth=6)
    lexical = search(*place[:2], QUERIES, place[2], method="bm25", depth=6)
    dense = search(*place[:2], QUERIES, place[2], model=MODEL, depth=6)
    assert [len(made.documents) for made in lexical] == [6, 6, 0]
    for made, one, other in zip(lists, lexical, dense, strict=True):
        assert hits(made) == reciprocal_ranks([one.ids, other.ids], 6)
    assert lists[2].ids == dense[2].ids
    assert {made.first_stage for made in lists} == {"hybrid tiny top 6"}


def test_the_graph_finds_what_exact_search_finds(place: tuple[Path, str, Path], monkeypatch) -> None:
    monkeypatch.setattr(dense_store, "EXACT_DOCUMENTS", 20)
    lists = search(*place[:2], QUERIES, place[2], model=MODEL)
    graph = dense_store.folder_of(place[1], MODEL, place[2]) / "index" / "graph.usearch"
    assert graph.is_file()
    for made in lists:
        assert made.ids == tuple(id for id, _ in by_numpy(made.query.text, 5))
        assert made.first_stage_scores == pytest.approx([score for _, score in by_numpy(made.query.text, 5)], abs=1e-6)
    content = graph.read_bytes()
    shutil.rmtree(graph.parent)
    dense_store.forget()
    assert search(*place[:2], QUERIES, place[2], model=MODEL) == lists
    assert graph.read_bytes() == content  # the same vectors give the same graph
