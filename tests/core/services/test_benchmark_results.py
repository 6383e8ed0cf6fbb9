"""The table of a benchmark: values by hand, who enters it, what is kept, and the sentence."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import pytest

from core.bootstrap import App
from core.domain.collections import Collection
from core.domain.errors import InvalidInputError
from core.domain.rankings import Ranking
from core.measures.significance.findings import Correction
from core.services.benchmarks.results import ResultsService
from core.services.choosing.chooser import ChooserService
from core.services.choosing.limits import Limits
from core.settings import Prices
from tests.support.benchmarks import MADE, candidate_lists, finished_plan, made_probe, made_ranking, renamed

THREE = {"first-stage": 0.0, "bm25": 0.5, "maxsim": 1.0}


class CountingStore:
    """A store that counts what is read from it."""

    def __init__(self, store: object) -> None:
        self._store = store
        self.read: Counter[str] = Counter()

    def __getattr__(self, name: str) -> object:
        self.read[name] += 1
        return getattr(self._store, name)


def ndcg(order: Sequence[str], grades: dict[str, int], depth: int) -> float:
    """The formula written out."""
    gain = sum(grades.get(document, 0) / math.log2(rank + 2) for rank, document in enumerate(order[:depth]))
    ideal = sorted(grades.values(), reverse=True)[:depth]
    return gain / sum(grade / math.log2(rank + 2) for rank, grade in enumerate(ideal))


def test_means_intervals_and_costs(app: App, small: Collection) -> None:
    plan = finished_plan(app, "small", THREE, measures=("nDCG@3", "Judged@10"))
    found = app.results.of(plan)
    assert found.rows[0].spec == "maxsim"
    assert found.judged_queries == ("q0", "q1", "q2", "q3", "q4")
    assert (found.queries, found.open, found.recall_ceiling, found.measure_ceiling) == (6, (), 1.0, 1.0)
    rows = {row.spec: row for row in found.rows}
    best, base = rows["maxsim"], rows["first-stage"]
    assert best.measures["nDCG@3"].mean == best.measures["nDCG@3"].low == 1.0
    assert (best.calls, best.prompt_tokens, best.sequential_depth, best.tokens_cut) == (10.0, 100.0, 1.0, 88.0)
    assert best.cut_documents == 0.1
    assert best.judged == pytest.approx(0.2)  # two of ten
    lists = app.store.candidate_set(small.fingerprint, plan.first_stage.set_name)
    expected = {
        query: ndcg(app.store.candidates_record(lists[query]).document_ids, {f"d{n}": 2, f"d{n + 6}": 1}, 3)
        for n, query in enumerate(found.judged_queries)
    }
    assert base.values["nDCG@3"] == pytest.approx(expected)
    cell = base.measures["nDCG@3"]
    assert cell.mean == pytest.approx(sum(expected.values()) / 5)
    deviation = math.sqrt(sum((value - cell.mean) ** 2 for value in expected.values()) / 4)
    assert cell.high == pytest.approx(cell.mean + 2.7764451 * deviation / math.sqrt(5))  # t, 4 degrees of freedom
    assert cell.worst is not None
    assert cell.best is not None
    assert cell.worst <= cell.mean <= cell.best
    assert base.measures["Judged@10"].worst is None


def test_a_failed_query_counts_zero_and_is_said(app: App, small: Collection) -> None:
    plan = finished_plan(app, "small", THREE, failing={"maxsim": 2})
    row = next(row for row in app.results.of(plan).rows if row.spec == "maxsim")
    assert (row.failed, row.queries) == (2, 6)
    assert list(row.values["nDCG@10"].values()) == pytest.approx([0.0, 0.0, 1.0, 1.0, 1.0])
    assert row.measures["nDCG@10"].mean == pytest.approx(0.6)


def test_only_complete_systems_are_compared(app: App, small: Collection) -> None:
    broken = finished_plan(app, "small", {**THREE, "query-likelihood": 0.5}, failing={"query-likelihood": 6})
    assert "query-likelihood" in app.results.of(broken).open  # it never ranked anything
    plan = finished_plan(app, "small", {**THREE, "bi-encoder": 0.8}, name="two", missing={"bi-encoder": 2})
    before = app.results.of(plan)
    assert before.open == ("bi-encoder",)
    assert {row.spec for row in before.rows} == set(THREE)
    with pytest.raises(InvalidInputError, match="'bi-encoder' has not ranked every query"):
        app.results.differences(plan, "bi-encoder", "bm25", "nDCG@10")
    system = app.systems.resolve("bi-encoder")
    lists = candidate_lists(app, plan)
    app.store.save_ranking(made_ranking(system, lists[-2], {}, 0.8))
    assert app.results.of(plan) is before  # one more ranking, nobody complete: nothing is computed again
    app.store.save_ranking(made_ranking(system, lists[-1], {}, 0.8))
    after = app.results.of(plan)
    assert after.open == ()
    assert {row.spec for row in after.rows} == {*THREE, "bi-encoder"}


def test_each_ranking_is_read_once(app: App, small: Collection) -> None:
    plan = finished_plan(app, "small", THREE)
    store = CountingStore(app.store)
    results = ResultsService(store, app.collections, app.candidates, app.systems)  # type: ignore[arg-type]  # a proxy
    found = results.of(plan)
    assert store.read["rankings"] == len(THREE)
    store.read.clear()
    assert results.of(plan) is found
    results.differences(plan, "bm25", "maxsim", "AP")
    results.disagreements(plan, "AP")
    results.categories(plan, "AP")
    results.of(plan, correction=Correction.TUKEY)
    assert store.read["rankings"] == store.read["candidates_record"] == store.read["ranked_counts"] == 0
    app.store.save_ranking(
        Ranking(system="f" * 64, candidates=next(iter(candidate_lists(app, plan))).hash, order=("x",))
    )
    assert results.of(plan) is found  # somebody else's ranking changes nothing
    app.store.save_probe(made_probe(app.systems.resolve("bm25"), plan, 5))
    again = results.of(plan)
    assert [latency.depth for row in again.rows if row.spec == "bm25" for latency in row.latencies] == [5, 10]
    assert store.read["rankings"] == 0


def test_whoever_computes_from_rankings_reads_them_once(app: App, small: Collection) -> None:
    """The sweep and the chooser at smaller depths share what the results have read."""
    plan = finished_plan(app, "small", THREE, depths=(5,))
    store = CountingStore(app.store)
    results = ResultsService(store, app.collections, app.candidates, app.systems)  # type: ignore[arg-type]  # a proxy
    chooser = ChooserService(store, app.collections, app.systems, results, app.leaderboard, Prices())  # type: ignore[arg-type]  # a proxy
    points = results.sweep(plan, "nDCG@10")
    assert store.read["candidates_record"] == 5  # one for each judged query
    store.read.clear()
    assert results.sweep(plan, "nDCG@10") == points
    chosen = chooser.choose(plan, Limits(depth=5))
    chooser.choose(plan)
    assert store.read["rankings"] == store.read["candidates_record"] == 0
    means = {point.system: point.mean for point in points if point.depth == 5}
    assert {option.spec: option.quality.mean for option in chosen.options} == pytest.approx(means)


def test_corrections_share_their_tests(app: App, small: Collection) -> None:
    plan = finished_plan(app, "small", THREE)
    holm, plain = app.results.of(plan), app.results.of(plan, correction=Correction.NONE)
    pairs = list(zip(holm.significance["AP"].pairs, plain.significance["AP"].pairs, strict=True))
    assert len(pairs) == 3
    assert all(replace(one, significant=other.significant) == other for one, other in pairs)
    assert [pair.significant for pair in plain.significance["AP"].pairs] == [
        pair.p_randomisation <= 0.05 for pair in plain.significance["AP"].pairs
    ]
    assert "not corrected" in plain.sentence
    assert "Holm, 5 %" in holm.sentence


def test_without_labels_and_without_rankings(app: App, small: Collection) -> None:
    plan = finished_plan(app, "small", THREE, queries=("q5",))
    found = app.results.of(plan)
    assert [row.spec for row in found.rows] == list(THREE)
    assert (found.judged_queries, found.significance, found.recall_ceiling) == ((), {}, None)
    assert "no" in found.sentence.lower()
    assert "relevance labels" in found.sentence
    assert app.results.sweep(plan, "AP") == app.results.low_cost(plan, "AP") == ()
    assert app.results.differences(plan, "bm25", "maxsim", "AP") == ()
    (query,) = app.results.disagreements(plan, "AP")
    assert (query.query_id, query.spread, query.best) == ("q5", 0.0, ())
    assert query.overlap is not None
    assert 0.0 < query.overlap < 1.0
    empty = app.results.of(renamed(plan, queries=("q4",), id="other", created_at=MADE, systems=("bi-encoder",)))
    assert (empty.rows, empty.open, empty.sentence) == ((), ("bi-encoder",), "No system has ranked every query yet.")


def test_a_system_whose_model_is_gone_stays_open(app: App, small: Collection) -> None:
    plan = finished_plan(app, "small", THREE)
    found = app.results.of(renamed(plan, systems=(*plan.systems, "cross-encoder:gone")))
    assert found.open == ("cross-encoder:gone",)
    assert len(found.rows) == 3


def test_one_system_one_query(app: App, small: Collection) -> None:
    found = app.results.of(finished_plan(app, "small", {"maxsim": 1.0}, queries=("q0",), baseline="maxsim"))
    assert (found.rows[0].measures["AP"].mean, found.rows[0].measures["AP"].low) == (1.0, None)
    assert found.sentence == "maxsim has nDCG@10 1.000 over 1 query. There is nothing to compare it with."
    assert found.significance["AP"].letters == ("a",)


def test_the_set_of_lists_is_named_as_everywhere(app: App, small: Collection) -> None:
    plan = finished_plan(app, "small", THREE)
    lists = app.store.candidate_set(small.fingerprint, plan.first_stage.set_name)
    assert app.results.of(plan).candidate_hash == app.candidates.hash_of(lists)
