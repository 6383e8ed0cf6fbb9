"""Many queries and systems in one run: the batches of the longest, the orders of each alone, nothing twice."""

from __future__ import annotations

import pytest

from core.domain.requests import Embed
from core.domain.work import RankWork
from core.worker.admission import in_order
from tests.support.judge_adapter import judge_bench, lists_of_sizes, systems_of
from tests.support.judges import NoisyJudge, PerfectJudge

TWENTY = [3 + (7 * number) % 20 for number in range(20)]  # sizes from 3 to 22
ADAPTIVE = ["prp-heapsort", "prp-heapsort?k=3", "listwise?step=2&window=4", "listwise?step=1&window=3"]
ONE_MODEL = ["prp-heapsort?k=3", "yes-no", "query-likelihood", "listwise?step=2&window=4"]
ALL = [*ONE_MODEL, "prp-all-pair", "cross-encoder:a cross encoder", "bi-encoder", "maxsim", "bm25"]


@pytest.mark.parametrize("spec", ADAPTIVE)
@pytest.mark.parametrize("judge", [PerfectJudge(), NoisyJudge(seed=3)])
def test_twenty_queries_take_the_rounds_of_the_longest_and_keep_their_orders(spec, judge):
    (system,), lists = systems_of(spec), lists_of_sizes(TWENTY)
    alone = {}
    for candidates in lists:
        bench = judge_bench(judge=judge)
        alone |= bench.rank([system], [candidates])
        ranking = alone[(system.fingerprint, candidates.hash)].ranking
        assert len(bench.batches) == ranking.logical.depth
    depths = [event.ranking.logical.depth for event in alone.values()]
    together = judge_bench(judge=judge)
    merged = together.rank([system], lists)
    assert len(together.batches) == max(depths) < sum(depths)
    assert merged.keys() == alone.keys()
    for key, event in merged.items():
        assert event.ranking.order == alone[key].ranking.order
        assert event.ranking.logical == alone[key].ranking.logical


def test_strategies_of_one_model_share_their_rounds_kind_by_kind():
    systems, lists = systems_of(*ONE_MODEL), lists_of_sizes([6, 9])
    depths: dict[str, int] = {}
    for system in systems:
        bench = judge_bench()
        for event in bench.rank([system], lists).values():
            kind = type(bench.batches[0][0]).__name__
            depths[kind] = max(depths.get(kind, 0), event.ranking.logical.depth)
    together = judge_bench()
    together.rank(systems, lists)
    kinds = [type(batch[0]).__name__ for batch in together.batches]
    assert {kind: kinds.count(kind) for kind in depths} == depths


def test_comparisons_that_another_strategy_has_asked_for_are_not_asked_again():
    systems, lists = systems_of("prp-all-pair", "prp-heapsort?k=3"), lists_of_sizes([6, 9])
    bench = judge_bench()
    ranked = bench.rank(systems, lists)
    assert len(bench.batches) == 1  # all pairs of both lists, among them whatever the heaps compare
    assert len(bench.batches[0]) == 6 * 5 + 9 * 8
    heap = [e.ranking for (system, _), e in ranked.items() if system == systems[1].fingerprint]
    assert all(ranking.logical.depth > 1 for ranking in heap)


def test_a_second_life_over_the_same_cache_makes_no_forward_pass(tmp_path):
    systems, lists = systems_of(*ALL), lists_of_sizes([5, 8, 2])
    cold = judge_bench(tmp_path)
    first = cold.rank(systems, lists)
    assert cold.batches
    assert len(first) == len(ALL) * 3
    warm = judge_bench(tmp_path)
    second = warm.rank(systems, lists)
    assert not warm.adapters  # no model was even loaded
    assert {key: (e.ranking.order, e.ranking.scores) for key, e in second.items()} == {
        key: (e.ranking.order, e.ranking.scores) for key, e in first.items()
    }
    assert all(event.ranking.executed.calls == 0 for event in second.values())


def test_systems_that_only_embed_with_one_model_go_list_by_list():
    systems = systems_of("yes-no", "bi-encoder", "maxsim", "bi-encoder:other/embedder", "cross-encoder:a cross encoder")
    lists = lists_of_sizes([3, 3])
    tasks = tuple((s, i) for s in range(5) for i in range(2))
    order, tied = in_order(RankWork(job="j", systems=tuple(systems), lists=tuple(lists), tasks=tasks))
    assert list(order) == [(0, 0), (0, 1), (1, 0), (2, 0), (1, 1), (2, 1), (3, 0), (3, 1), (4, 0), (4, 1)]
    assert tied == {(2, 0), (2, 1)}


def test_the_order_of_other_systems_is_that_of_the_job():
    systems, lists = systems_of("yes-no", "prp-all-pair", "maxsim"), lists_of_sizes([3, 3])
    tasks = tuple((s, i) for i in (1, 0) for s in (2, 1, 0))
    order, tied = in_order(RankWork(job="j", systems=tuple(systems), lists=tuple(lists), tasks=tasks))
    assert (tuple(order), tied) == (tasks, frozenset())


def test_what_two_systems_embed_is_asked_for_in_the_same_batches_however_many_lists_there_are():
    systems, lists = systems_of("bi-encoder", "maxsim"), lists_of_sizes([90] * 30)
    bench = judge_bench()
    assert len(bench.rank(systems, lists)) == 60
    when: dict[str, dict[str, int]] = {}
    for number, batch in enumerate(bench.batches):
        for request in batch:
            assert isinstance(request, Embed)
            when.setdefault(request.text, {})[request.at] = number
    admitted = {text: abs(places["pooled"] - places["tokens"]) for text, places in when.items()}
    assert len(admitted) == 30 * 91
    assert max(admitted.values()) <= 1  # the window of one batch may end between the two
