"""Plans come back whole, the newest probe counts, and progress is counted without reading rankings."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event, text

from core.domain.benchmarks import BenchmarkPlan, Probe
from core.domain.errors import InvalidInputError, UnknownNameError
from core.domain.first_stages import FirstStage, Retriever
from core.domain.jobs import Failure
from core.domain.rankings import ExecutedCost, LogicalCost
from db.benchmarks import _plan, _plan_row
from db.store import SqlStore
from tests.support.stored import NOON, make_candidates, make_ranking


def make_plan(id: str, name: str = "", minutes: int = 0, **fields: Any) -> BenchmarkPlan:
    return BenchmarkPlan(
        id=id,
        name=name or f"plan {id}",
        collection=fields.pop("collection", "col"),
        systems=fields.pop("systems", ("first-stage", "rrf?of=(bm25,bi-encoder)")),
        first_stage=fields.pop("first_stage", FirstStage(retriever=Retriever.DENSE, depth=50, source="minilm")),
        created_at=NOON + timedelta(minutes=minutes),
        **fields,
    )


def make_probe(system: str, depth: int = 100, machine: str = "cpu, 2 threads", **fields: Any) -> Probe:
    return Probe(
        system=system,
        collection=fields.pop("collection", "col"),
        depth=depth,
        wall_ms=fields.pop("wall_ms", (10.5, 20.25)),
        disturbed=fields.pop("disturbed", 1),
        memory=(("minilm", 90_000_000),),
        device="cpu",
        machine=machine,
        measured_at=NOON,
        orders_equal=fields.pop("orders_equal", 0.5),
    )


names = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=20)


@given(
    systems=st.lists(names, min_size=1, max_size=4).map(tuple),
    queries=st.lists(names, max_size=4).map(tuple),
    stage=st.builds(FirstStage, retriever=st.sampled_from(Retriever), depth=st.integers(1, 1000), source=names),
    measures=st.lists(names, min_size=1).map(tuple),
    depths=st.lists(st.integers(1, 1000)).map(tuple),
    numbers=st.tuples(*[st.integers(0, 100)] * 3),
)
def test_every_plan_survives_its_row(
    systems: tuple[str, ...],
    queries: tuple[str, ...],
    stage: FirstStage,
    measures: tuple[str, ...],
    depths: tuple[int, ...],
    numbers: tuple[int, int, int],
) -> None:
    shuffles, shuffled, probes = numbers
    plan = make_plan(
        "p",
        systems=systems,
        queries=queries,
        first_stage=stage,
        measures=measures,
        depths=depths,
        category="c",
        baseline=systems[0],
        shuffles=shuffles,
        shuffled_queries=shuffled,
        probe_queries=probes,
    )

    class Stored:
        def __init__(self, fields: dict[str, object]) -> None:
            self.__dict__.update(fields)

    assert _plan(Stored(_plan_row(plan))) == plan  # type: ignore[arg-type]  # stands for a row


def test_plans_come_back_newest_first(store: SqlStore) -> None:
    old, new = make_plan("old", minutes=0, depths=(10, 20), queries=("q1",)), make_plan("new", minutes=1)
    other = make_plan("other", minutes=2, collection="elsewhere")
    for plan in (new, old, other):
        store.save_plan(plan)
    assert store.plan("old") == old
    assert store.plans() == (other, new, old)
    assert store.plans("col") == (new, old)


def test_a_name_is_taken_once_per_collection(store: SqlStore) -> None:
    store.save_plan(make_plan("p1", "mine"))
    with pytest.raises(InvalidInputError, match="already a benchmark named 'mine'"):
        store.save_plan(make_plan("p2", "mine"))
    store.save_plan(make_plan("p3", "mine", collection="elsewhere"))
    assert {plan.id for plan in store.plans()} == {"p1", "p3"}


def test_removed_plan_is_gone_and_its_probes_stay(store: SqlStore) -> None:
    store.save_plan(make_plan("p1"))
    store.save_probe(make_probe("A"))
    store.remove_plan("p1")
    store.remove_plan("p1")
    with pytest.raises(UnknownNameError, match="benchmark 'p1'"):
        store.plan("p1")
    assert len(store.probes(["A"])) == 1


def test_newest_probe_of_system_collection_depth_and_machine_counts(store: SqlStore) -> None:
    first = make_probe("A")
    kept = [
        make_probe("A", machine="cuda"),
        make_probe("A", depth=20, orders_equal=None, wall_ms=(), disturbed=3),
        make_probe("A", collection="elsewhere"),
        make_probe("B"),
        replace(first, wall_ms=(1.0, 2.0)),
    ]
    for probe in (first, *kept):
        store.save_probe(probe)
    assert store.probes(["A", "B"]) == tuple(reversed(kept))
    assert store.probes(["A"], "col") == (kept[4], kept[1], kept[0])
    assert store.probes(["C"]) == ()


def fill(store: SqlStore, systems: list[str], lists: int) -> list[str]:
    """Rankings of ``lists`` lists, the last one of each system missing and the first failed."""
    hashes = [f"{number:064d}" for number in range(lists)]
    for system in systems:
        for hash in hashes[1:-1]:
            store.save_ranking(make_ranking(system, hash))
        store.save_failure(Failure(system=system, candidates=hashes[0], message=f"{system} broke"))
    return hashes


def test_counts_pairs_and_reasons(store: SqlStore) -> None:
    hashes = fill(store, ["A", "B"], 6)
    assert store.ranked_counts(hashes, ["A", "B", "C"]) == {"A": (4, 1), "B": (4, 1), "C": (0, 0)}
    assert store.ranked_counts(hashes[3:], ["A"]) == {"A": (2, 0)}
    assert store.ranked_counts([], ["A"]) == {"A": (0, 0)}
    assert store.ranked_pairs(hashes[:3], ["A"]) == {("A", hashes[1]), ("A", hashes[2])}
    assert store.failure_reasons(hashes, ["A", "C"]) == {"A": "A broke"}
    assert store.failure_reasons(hashes[1:], ["A"]) == {}


def test_lists_longer_than_one_statement_are_counted_once(store: SqlStore) -> None:
    hashes = [f"{number:064d}" for number in range(1203)]
    for hash in hashes[::100]:
        store.save_ranking(make_ranking("A", hash))
    assert store.ranked_counts([*hashes, *hashes], ["A"]) == {"A": (13, 0)}


def test_sizes_of_lists_and_costs_of_rankings(store: SqlStore) -> None:
    made = [make_candidates("q1", documents=3), make_candidates("q2", documents=7)]
    store.save_candidates(made)
    assert store.candidate_sizes([*(item.hash for item in made), "unknown"]) == {made[0].hash: 3, made[1].hash: 7}
    costs = LogicalCost(calls=3, depth=1), ExecutedCost(seconds=0.25, calls=2, cache_hits=1)
    store.save_ranking(replace(make_ranking("A", made[0].hash), logical=costs[0], executed=costs[1]))
    assert store.costs_here([made[0].hash], ["A", "B"]) == {"A": (costs,)}
    assert store.costs_here([made[1].hash], ["A"]) == {}


def test_counting_reads_indexes_only(sqlite_store: SqlStore) -> None:
    """Eight systems over a thousand lists, asked every second: two statements for 500 lists, no row of a ranking."""
    statements: list[tuple[str, Any]] = []

    def note(_c: object, _cursor: object, statement: str, parameters: Any, _x: object, _many: bool) -> None:
        statements.append((statement, parameters))

    systems = [f"{letter:x<64}" for letter in "ABCDEFGH"]
    hashes = [f"{number:064d}" for number in range(1000)]
    event.listen(sqlite_store.database.engine, "before_cursor_execute", note)
    sqlite_store.ranked_counts(hashes, systems)
    event.remove(sqlite_store.database.engine, "before_cursor_execute", note)
    asked = [(sql, parameters) for sql, parameters in statements if sql.startswith("SELECT")]
    assert len(asked) == 4
    for sql, parameters in asked:
        with sqlite_store.database.read() as connection:
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", parameters).all()
        assert all("COVERING INDEX" in row[3] for row in plan if row[3].startswith(("SEARCH", "SCAN"))), plan


@pytest.mark.slow
def test_counting_is_quick(sqlite_store: SqlStore) -> None:
    systems = [f"{letter:x<64}" for letter in "ABCDEFGH"]
    hashes = [f"{number:064d}" for number in range(4000)]
    rows = [{"c": hash, "s": system, "o": "[" + "1," * 500 + "1]"} for hash in hashes for system in systems]
    with sqlite_store.database.write("test") as connection:
        insert = (
            'INSERT INTO rankings (candidates, system, "order", repairs, cuts, logical, executed, machine) '
            "VALUES (:c, :s, :o, '[]', '[]', '{}', '{}', '')"
        )
        connection.execute(text(insert), rows)
    started = time.perf_counter()
    assert sqlite_store.ranked_counts(hashes, systems) == dict.fromkeys(systems, (4000, 0))
    assert time.perf_counter() - started < 1.0
