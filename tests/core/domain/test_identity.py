"""Hashes and fingerprints: what changes them and what does not."""

from dataclasses import replace

import pytest

from core.domain.canonical import canonical_json, digest
from core.domain.capabilities import Capability
from core.domain.documents import CandidateList, Document, Query
from core.domain.models import ModelEntry, ModelKind, RequestPrices
from core.domain.systems import System

MODEL = ModelEntry(
    id="m",
    kind=ModelKind.EMBEDDER,
    source="folder:m",
    revision="r1",
    capabilities=frozenset({Capability.EMBED_POOLED}),
)
SYSTEM = System(spec="s", strategy="s", version=1, parameters=(("k", 5),), slots=(("model", MODEL),))
DOCUMENTS = (Document(id="1", text="one"), Document(id="2", text="two"))
LIST = CandidateList(query=Query(id="q", text="what"), documents=DOCUMENTS, collection="c")


def test_canonical_json_has_one_spelling() -> None:
    assert canonical_json({"b": 1, "a": [1.0, "é", None]}) == '{"a":[1.0,"é",null],"b":1}'
    assert digest({"a": 1, "b": 2}) == digest({"b": 2, "a": 1})


def test_canonical_json_refuses_what_is_not_a_number() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        canonical_json(float("nan"))


@pytest.mark.parametrize(
    "changed",
    [
        replace(SYSTEM, version=2),
        replace(SYSTEM, parameters=(("k", 6),)),
        replace(SYSTEM, slots=(("model", replace(MODEL, revision="r2")),)),
        replace(SYSTEM, slots=(("model", replace(MODEL, max_length=128)),)),
        replace(SYSTEM, slots=(("model", replace(MODEL, precision="bf16")),)),
        replace(SYSTEM, members=(SYSTEM,)),
    ],
)
def test_what_may_change_a_ranking_changes_the_fingerprint(changed: System) -> None:
    assert changed.fingerprint != SYSTEM.fingerprint


def test_names_and_licences_do_not_change_the_fingerprint() -> None:
    renamed = replace(SYSTEM, spec="other", slots=(("model", replace(MODEL, title="T", licence="MIT")),))
    assert renamed.fingerprint == SYSTEM.fingerprint


def test_prices_and_languages_do_not_change_the_fingerprint() -> None:
    told = replace(MODEL, languages=("en",), public_name="owner/name", prices=RequestPrices(per_1000_requests=2.0))
    assert replace(SYSTEM, slots=(("model", told),)).fingerprint == SYSTEM.fingerprint


def test_a_fingerprint_of_before_prices_is_still_the_same() -> None:
    # Computed before entries had languages, public names and prices.
    assert SYSTEM.fingerprint == "af5d8397d10a5fae9c9f576ed446bbc34f72eff9e3f1812b1e0863d3bf2f8a23"


@pytest.mark.parametrize(
    "changed",
    [
        replace(LIST, collection=None),
        replace(LIST, documents=DOCUMENTS[::-1]),
        replace(LIST, documents=(DOCUMENTS[0], replace(DOCUMENTS[1], title="t"))),
        replace(LIST, query=Query(id="q", text="other")),
    ],
)
def test_what_a_system_sees_changes_the_hash(changed: CandidateList) -> None:
    assert changed.hash != LIST.hash


def test_what_no_system_sees_leaves_the_hash() -> None:
    query = Query(id="other", text="what", category="x")
    seen = replace(LIST, query=query, first_stage="bm25", first_stage_scores=(2.0, 1.0))
    assert seen.hash == LIST.hash


def test_content_has_the_title_once() -> None:
    assert Document(id="1", text="body", title="Head").content == "Head\nbody"
    assert Document(id="1", text="Head and body", title="Head").content == "Head and body"
    assert Document(id="1", text="body").content == "body"
