"""Systems, rankings and failures survive unchanged."""

from __future__ import annotations

import json
import math
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from core.domain.canonical import digest
from core.domain.capabilities import Capability
from core.domain.errors import InvalidInputError
from core.domain.jobs import Failure
from core.domain.models import ModelEntry, ModelKind
from core.domain.rankings import ExecutedCost, LogicalCost, Ranking
from core.domain.requests import Cut
from core.domain.systems import System
from db.schema import rankings as ranking_table
from db.schema import systems as system_table
from db.store import SqlStore
from tests.support.stored import make_ranking


def embedder() -> ModelEntry:
    return ModelEntry(
        id="mini",
        kind=ModelKind.EMBEDDER,
        source="bundled:mini",
        revision="r1",
        capabilities=frozenset({Capability.EMBED_POOLED, Capability.EMBED_TOKENS}),
        options=(("pooling", "mean"),),
    )


def test_system_is_kept_once_with_everything_resolved(store: SqlStore) -> None:
    inner = System(spec="bi-encoder:mini", strategy="bi-encoder", version=1, slots=(("model", embedder()),))
    outer = System(
        spec="rrf?of=(bi-encoder:mini)", strategy="rrf", version=2, parameters=(("k", 60),), members=(inner,)
    )
    store.save_system(outer)
    store.save_system(outer)
    assert store.system_specs() == {outer.fingerprint: outer.spec}
    with store.database.read() as connection:
        description = connection.execute(select(system_table.c.description)).scalar_one()
    assert description["parameters"] == [["k", 60]]
    assert description["members"][0]["slots"][0][1]["revision"] == "r1"


def test_ranking_comes_back_whole(store: SqlStore) -> None:
    ranking = Ranking(
        system="A",
        candidates="c1",
        order=("d2", "d1"),
        scores=(0.1 + 0.2, -1e-300),
        repairs=("answer 2 named no document",),
        cuts=(Cut(document_id="d1", tokens=900, kept=400),),
        logical=LogicalCost(calls=3, prompt_tokens=70, generated_tokens=2, tokens_cut=500, depth=2),
        executed=ExecutedCost(seconds=0.25, calls=2, cache_hits=1),
        machine="cpu, 2 threads",
    )
    store.save_ranking(ranking)
    assert store.rankings(["c1"]) == (ranking,)


def test_ranking_without_scores(store: SqlStore) -> None:
    ranking = replace(make_ranking(candidates="c1"), scores=None)
    store.save_ranking(ranking)
    assert store.rankings(["c1"])[0].scores is None


def test_first_ranking_stays(store: SqlStore) -> None:
    first = make_ranking(candidates="c1")
    store.save_ranking(first)
    store.save_ranking(replace(first, order=("d3", "d1", "d2")))
    assert store.rankings(["c1"]) == (first,)


def test_rankings_come_in_the_order_asked_and_of_the_systems_asked(store: SqlStore) -> None:
    for candidates in ("c1", "c2", "c3"):
        for system in ("B", "A"):
            store.save_ranking(make_ranking(system, candidates))
    found = [(r.candidates, r.system) for r in store.rankings(["c3", "c1", "missing"])]
    assert found == [("c3", "A"), ("c3", "B"), ("c1", "A"), ("c1", "B")]
    assert [r.system for r in store.rankings(["c2"], ["B", "X"])] == ["B"]
    assert store.rankings(["c2"], []) == ()
    assert store.rankings([]) == ()


def test_more_lists_than_one_statement_takes(store: SqlStore) -> None:
    store.save_ranking(make_ranking(candidates="c1150"))
    assert len(store.rankings([f"c{i}" for i in range(1200)])) == 1


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_scores_that_are_not_finite_are_refused(store: SqlStore, bad: float) -> None:
    with pytest.raises(InvalidInputError, match="1 non-finite"):
        store.save_ranking(replace(make_ranking(candidates="c1"), scores=(1.0, bad, 0.0)))
    assert store.rankings(["c1"]) == ()


def test_scores_of_wrong_length_are_refused(store: SqlStore) -> None:
    with pytest.raises(InvalidInputError, match="2 scores for 3 documents"):
        store.save_ranking(replace(make_ranking(candidates="c1"), scores=(1.0, 0.5)))


def test_failure_is_replaced_by_a_later_one_and_cleared_by_a_ranking(store: SqlStore) -> None:
    store.save_failure(Failure(system="A", candidates="c1", message="first"))
    store.save_failure(Failure(system="A", candidates="c1", message="second"))
    store.save_failure(Failure(system="B", candidates="c1", message="other"))
    assert [f.message for f in store.failures(["c1"])] == ["second", "other"]
    store.save_ranking(make_ranking("A", "c1"))
    assert [f.system for f in store.failures(["c1"])] == ["B"]


def test_no_failure_beside_a_ranking(store: SqlStore) -> None:
    store.save_ranking(make_ranking("A", "c1"))
    store.save_failure(Failure(system="A", candidates="c1", message="late"))
    assert store.failures(["c1"]) == ()


def test_ranking_of_100_documents_is_compact(sqlite_store: SqlStore) -> None:
    order = tuple(f"document-{i}" for i in range(100))
    sqlite_store.save_ranking(replace(make_ranking(candidates="c1", order=order), scores=None))
    with sqlite_store.database.read() as connection:
        stored = connection.exec_driver_sql('SELECT "order" FROM rankings').scalar_one()
    assert stored == json.dumps(order, separators=(",", ":"))
    assert ranking_table.c.order.nullable is False


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    order=st.lists(
        st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\x00"), min_size=1, max_size=20),
        unique=True,
        max_size=20,
    )
)
def test_any_text_is_a_document_id(sqlite_store: SqlStore, order: list[str]) -> None:
    ranking = make_ranking(candidates=digest(order), order=tuple(order))
    sqlite_store.save_ranking(ranking)
    assert sqlite_store.rankings([ranking.candidates]) == (ranking,)


def test_seconds_per_call_count_only_calls_that_were_made(store: SqlStore) -> None:
    first, second = make_ranking(), replace(make_ranking(), candidates="f" * 64)
    store.save_ranking(replace(first, executed=ExecutedCost(seconds=3.0, calls=10)))
    store.save_ranking(replace(second, executed=ExecutedCost(seconds=0.0, calls=0, cache_hits=20)))
    assert store.seconds_per_call([first.system, "0" * 64]) == {first.system: pytest.approx(0.3)}
