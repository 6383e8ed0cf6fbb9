"""Registered models survive unchanged."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.domain.capabilities import Capability
from core.domain.errors import UnknownNameError
from core.domain.models import ModelEntry, ModelKind
from db.store import SqlStore

ENTRY = ModelEntry(
    id="house-reranker",
    kind=ModelKind.RERANK_ENDPOINT,
    source="https://rerank.example.org",
    revision="v3",
    capabilities=frozenset({Capability.SCORE_LIST}),
    max_length=4096,
    precision="fp16",
    title="House reranker",
    licence="proprietary",
    parameters=600_000_000,
    options=(("dialect", "cohere"), ("key_variable", "HOUSE_KEY")),
)


def test_model_comes_back_whole_is_replaced_and_removed(store: SqlStore) -> None:
    store.save_model(ENTRY)
    other = replace(ENTRY, id="another", parameters=None, options=())
    store.save_model(other)
    assert store.models() == (other, ENTRY)
    newer = replace(ENTRY, revision="v4", capabilities=frozenset({Capability.SCORE, Capability.SCORE_LIST}))
    store.save_model(newer)
    assert store.models() == (other, newer)
    store.remove_model("another")
    assert store.models() == (newer,)


def test_removing_an_unknown_model_is_an_error(store: SqlStore) -> None:
    with pytest.raises(UnknownNameError, match="model 'nothing'"):
        store.remove_model("nothing")
