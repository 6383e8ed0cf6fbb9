"""Collections and candidate lists survive unchanged."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta, timezone
from pathlib import Path

import pytest

from core.domain.collections import Collection
from core.domain.errors import InvalidInputError, UnknownNameError
from db.store import SqlStore
from tests.support.stored import NOON, make_candidates


def collection(name: str, *, sample: bool = False) -> Collection:
    return Collection(
        fingerprint=f"fingerprint-{name}",
        name=name,
        path=Path("collections") / f"{name}.sqlite",
        origin="BEIR folder",
        documents=3,
        queries=2,
        judgments=4,
        created_at=NOON,
        sample=sample,
    )


def test_collections_come_back_whole_and_the_sample_first(store: SqlStore) -> None:
    given = [collection("zebra"), collection("apple"), collection("middle", sample=True)]
    for item in given:
        store.add_collection(item)
    assert store.collections() == (given[2], given[1], given[0])


def test_instants_come_back_in_utc_whatever_zone_they_were_given_in(store: SqlStore) -> None:
    elsewhere = NOON.astimezone(timezone(timedelta(hours=5, minutes=30)))
    store.add_collection(replace(collection("a"), created_at=elsewhere))
    found = store.collections()[0].created_at
    assert found == NOON
    assert found.utcoffset() == timedelta(0)


@pytest.mark.parametrize(
    ("second", "message"),
    [
        (replace(collection("a"), fingerprint="another"), "name 'a' is taken"),
        (replace(collection("a"), name="b"), "already registered as 'a'"),
    ],
)
def test_taken_name_or_fingerprint_is_refused(store: SqlStore, second: Collection, message: str) -> None:
    store.add_collection(collection("a"))
    with pytest.raises(InvalidInputError, match=message):
        store.add_collection(second)
    assert store.collections() == (collection("a"),)


def test_candidates_of_a_collection_are_stored_without_their_text(store: SqlStore) -> None:
    given = make_candidates("q7")
    store.save_candidates([given])
    record = store.candidates_record(given.hash)
    assert record.inline is None
    assert record.collection == "col"
    assert (record.query_id, record.query_text, record.category) == ("q7", given.query.text, "keyword")
    assert record.document_ids == ("d1", "d2", "d3")
    assert record.scores == (1.0, 1 / 2, 1 / 3)
    assert record.first_stage == "bm25 top 3"


def test_pasted_candidates_come_back_inline_with_the_same_hash(store: SqlStore) -> None:
    given = make_candidates("pasted", collection=None)
    store.save_candidates([given])
    inline = store.candidates_record(given.hash).inline
    assert inline == given
    assert inline is not None
    assert inline.hash == given.hash


def test_candidates_without_scores_and_without_documents(store: SqlStore) -> None:
    given = replace(make_candidates("q1", documents=0), first_stage_scores=None)
    store.save_candidates([given])
    record = store.candidates_record(given.hash)
    assert record.document_ids == ()
    assert record.scores is None


def test_unknown_candidates_are_an_error(store: SqlStore) -> None:
    with pytest.raises(UnknownNameError, match="candidate list 'nothing'"):
        store.candidates_record("nothing")


def test_sets_group_lists_by_query_and_the_later_list_takes_the_place(store: SqlStore) -> None:
    first, second = make_candidates("q1"), make_candidates("q2")
    store.save_candidates([first, second], set_name="bm25 top 3")
    longer = make_candidates("q2", documents=4)
    store.save_candidates(iter([longer]), set_name="bm25 top 3")
    assert store.candidate_set("col", "bm25 top 3") == {"q1": first.hash, "q2": longer.hash}
    assert store.candidate_set("col", "other") == {}
    assert store.candidate_set("elsewhere", "bm25 top 3") == {}
    assert store.candidates_record(second.hash).query_id == "q2"


def test_saving_twice_keeps_one(store: SqlStore) -> None:
    given = make_candidates("q1")
    store.save_candidates([given, given])
    store.save_candidates([given])
    assert store.candidates_record(given.hash).document_ids == given.ids


def test_a_set_of_lists_without_collection_is_refused_whole(store: SqlStore) -> None:
    stray = make_candidates("q2", collection=None)
    with pytest.raises(InvalidInputError, match="no collection"):
        store.save_candidates([make_candidates("q1"), stray], set_name="mixed")
    with pytest.raises(UnknownNameError):
        store.candidates_record(stray.hash)


def test_candidate_sets_are_named_largest_first(store: SqlStore) -> None:
    store.save_candidates([make_candidates("q1")], set_name="one")
    store.save_candidates([make_candidates("q1"), make_candidates("q2")], set_name="two")
    assert store.candidate_sets("col") == ("two", "one")
    assert store.candidate_sets("none") == ()
