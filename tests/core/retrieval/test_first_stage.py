"""First-stage lists, the scores of given documents, and the index on disk."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from core.datasets.collection_file import CollectionFile
from core.datasets.importing import import_source
from core.domain.documents import CandidateList, Document, Query
from core.domain.errors import InvalidInputError, StorageError, UnknownNameError
from core.domain.work import RetrieveWork
from core.measures.effectiveness import evaluate_orders
from core.retrieval import first_stage, index_store
from core.retrieval.index_store import open_index
from core.retrieval.scoring import lexical_scores
from tests.support.collections_on_disk import CRANFIELD, NO_CRANFIELD, collection_of

DOCUMENTS = (
    Document(id="a", title="Ferries", text="The ferry leaves at nine."),
    Document(id="b", text="Backups run every night."),
    Document(id="c", title="Tickets", text="Ferry tickets are sold on board the ferry."),
)


def retrieve(path: Path, fingerprint: str, queries: Sequence[Query], depth: int, cache: Path) -> list[CandidateList]:
    work = RetrieveWork(job="r", collection=fingerprint, path=path, queries=tuple(queries), depth=depth)
    return [item for item in first_stage.retrieve(work, cache) if isinstance(item, CandidateList)]


@pytest.fixture
def collection(tmp_path: Path) -> CollectionFile:
    return collection_of(tmp_path / "collections", DOCUMENTS)


@pytest.fixture
def place(tmp_path: Path, collection: CollectionFile) -> tuple[Path, str, Path]:
    """Path, fingerprint and cache folder."""
    return tmp_path / "collections" / f"{collection.fingerprint}.sqlite", collection.fingerprint, tmp_path / "cache"


def test_lists_are_frozen_with_documents_and_scores(place: tuple[Path, str, Path]) -> None:
    path, fingerprint, cache = place
    queries = [Query(id="q1", text="ferry", category="keyword"), Query(id="q2", text="zeppelin")]
    first, second = retrieve(path, fingerprint, queries, 2, cache)
    assert first.query == queries[0]
    assert set(first.documents) == {DOCUMENTS[0], DOCUMENTS[2]}
    assert (first.collection, first.first_stage) == (fingerprint, "bm25 top 2")
    assert first.first_stage_scores is not None
    assert first.first_stage_scores[0] >= first.first_stage_scores[1] > 0
    assert (second.documents, second.first_stage_scores) == ((), ())


def test_scores_of_given_documents_are_those_of_the_first_stage(place: tuple[Path, str, Path]) -> None:
    path, fingerprint, cache = place
    (found,) = retrieve(path, fingerprint, [Query(id="q", text="ferry tickets")], 3, cache)
    assert lexical_scores(path, fingerprint, "ferry tickets", found.documents, cache) == found.first_stage_scores
    swapped = lexical_scores(path, fingerprint, "ferry tickets", found.documents[::-1], cache)
    assert swapped == (found.first_stage_scores or ())[::-1]
    assert lexical_scores(path, fingerprint, "ferry", [DOCUMENTS[1]], cache) == (0.0,)


def test_a_document_of_another_collection_is_refused(place: tuple[Path, str, Path]) -> None:
    path, fingerprint, cache = place
    with pytest.raises(UnknownNameError, match="'z'"):
        lexical_scores(path, fingerprint, "ferry", [Document(id="z", text="ferry")], cache)


def test_without_a_collection_the_list_is_the_corpus(place: tuple[Path, str, Path], tmp_path: Path) -> None:
    path, fingerprint, cache = place
    whole = lexical_scores(path, fingerprint, "ferry", DOCUMENTS, cache)
    assert lexical_scores(None, None, "ferry", DOCUMENTS, cache) == whole
    assert lexical_scores(None, None, "ferry", DOCUMENTS[:2], cache) != whole[:2]
    assert lexical_scores(None, None, "ferry", [], cache) == ()
    with pytest.raises(InvalidInputError, match="both"):
        lexical_scores(None, fingerprint, "ferry", DOCUMENTS, cache)


def test_a_depth_under_one_is_refused_at_once(place: tuple[Path, str, Path]) -> None:
    path, fingerprint, cache = place
    with pytest.raises(InvalidInputError, match="at least 1, not 0"):
        retrieve(path, fingerprint, [], 0, cache)


def test_another_collection_at_the_path_is_refused(place: tuple[Path, str, Path]) -> None:
    path, _, cache = place
    with pytest.raises(StorageError, match="another collection"):
        open_index(path, "0" * 64, cache)


def files(folder: Path) -> dict[str, int]:
    return {path.name: path.stat().st_ino for path in folder.iterdir()}


def test_the_index_is_built_once_and_then_read(place: tuple[Path, str, Path]) -> None:
    path, fingerprint, cache = place
    built = open_index(path, fingerprint, cache)
    folder = cache / "indexes" / fingerprint
    before = files(folder)
    index_store.forget()
    read = open_index(path, fingerprint, cache)
    assert read is not built
    assert files(folder) == before
    assert [entry.name for entry in folder.parent.iterdir()] == [fingerprint]
    assert read.top("ferry tickets", 9) == built.top("ferry tickets", 9)
    assert open_index(path, fingerprint, cache) is read


def damage_arrays(folder: Path) -> None:
    path = folder / "data.csc.index.npy"
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)


def other_settings(folder: Path) -> None:
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["settings"]["k1"] = 2.0
    (folder / "manifest.json").write_text(json.dumps(manifest))


@pytest.mark.parametrize(
    "harm",
    [
        damage_arrays,
        other_settings,
        lambda folder: (folder / "ids.text.npy").unlink(),
        lambda folder: (folder / "manifest.json").write_text("{"),
        lambda folder: (folder / "manifest.json").write_text("[]"),
        lambda folder: (folder / "manifest.json").write_text('{"settings": 1}'),
        lambda folder: (folder / "terms.order.npy").write_text("{}"),
    ],
)
def test_a_damaged_index_is_built_again(place: tuple[Path, str, Path], harm) -> None:
    path, fingerprint, cache = place
    expected = open_index(path, fingerprint, cache).top("ferry tickets", 9)
    folder = cache / "indexes" / fingerprint
    harm(folder)
    broken = files(folder)
    index_store.forget()
    assert open_index(path, fingerprint, cache).top("ferry tickets", 9) == expected
    assert files(folder) != broken
    mended = files(folder)
    index_store.forget()
    open_index(path, fingerprint, cache)
    assert files(folder) == mended
    assert [entry.name for entry in folder.parent.iterdir()] == [fingerprint]


def test_an_index_that_cannot_be_stored_is_used(place: tuple[Path, str, Path]) -> None:
    path, fingerprint, cache = place
    cache.write_text("a file where the folder should be")
    assert len(open_index(path, fingerprint, cache).top("ferry", 9)) == 2


def test_a_collection_without_terms(tmp_path: Path) -> None:
    reader = collection_of(tmp_path, [Document(id="a", text="the"), Document(id="b", text="")])
    path, cache = tmp_path / f"{reader.fingerprint}.sqlite", tmp_path / "cache"
    for _ in range(2):
        (made,) = retrieve(path, reader.fingerprint, [Query(id="q", text="the")], 5, cache)
        assert made.documents == ()
        index_store.forget()


@pytest.mark.skipif(not CRANFIELD.exists(), reason=NO_CRANFIELD)
def test_cranfield(tmp_path: Path) -> None:
    """Plain scripts reached nDCG@10 0.369; trec_eval called directly must agree with ours to four digits."""
    import pytrec_eval

    collection, _ = import_source(CRANFIELD, tmp_path, name="cranfield")
    reader = CollectionFile(collection.path)
    found = retrieve(collection.path, collection.fingerprint, reader.queries(), 100, tmp_path)
    assert [len(made.documents) for made in found] == [100] * 225
    qrels = {query: dict(grades) for query, grades in reader.qrels().items()}
    names = {"nDCG@10": "ndcg_cut_10", "AP": "map", "RR": "recip_rank", "R@100": "recall_100", "P@5": "P_5"}
    ours = evaluate_orders({made.query.id: made.ids for made in found}, qrels, list(names))
    evaluator = pytrec_eval.RelevanceEvaluator(qrels, {"ndcg_cut.10", "map", "recip_rank", "recall.100", "P.5"})
    theirs = evaluator.evaluate(
        {made.query.id: {id: float(-place) for place, id in enumerate(made.ids)} for made in found}
    )
    for name, oracle in names.items():
        mean = sum(values[name] for values in ours.values()) / len(ours)
        assert mean == pytest.approx(sum(values[oracle] for values in theirs.values()) / len(theirs), abs=5e-5)
    assert sum(values["nDCG@10"] for values in ours.values()) / 225 >= 0.369
