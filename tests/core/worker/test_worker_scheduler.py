"""Merging and sharing of many rankings driven together, and what is said of them."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from core.domain.documents import Query
from core.domain.requests import LabelLogprobs, Score
from core.domain.work import (
    CheckWork,
    Ended,
    Progress,
    Ranked,
    Retrieved,
    RetrieveWork,
)
from tests.support.engine_fakes import make_bench, make_list, make_system, model_entry, rank_work


def rankings(events):
    return {(e.ranking.system, e.ranking.candidates): e.ranking for e in events if isinstance(e, Ranked)}


def test_generators_driven_together_need_the_rounds_of_the_longest_and_not_their_sum():
    lists = [make_list([str(v) for v in range(n)], query=f"q{n}") for n in (3, 4, 5)]
    system = make_system("insertion")
    alone = []
    for candidates in lists:
        bench = make_bench()
        bench.run(rank_work("j", [system], [candidates]))
        alone.append(len(bench.batches))
    assert alone == [3, 6, 10]  # ascending input is the worst case of insertion sort: n(n-1)/2 comparisons
    together = make_bench()
    events = together.run(rank_work("j", [system], lists))
    assert len(together.batches) == 10
    assert [r.logical.depth for r in rankings(events).values()] == [3, 6, 10]


def test_equal_requests_are_answered_once_whatever_the_documents_are_called():
    first = make_list(["3", "1", "2"], prefix="a")
    second = make_list(["2", "3", "1"], prefix="b")
    bench = make_bench()
    events = bench.run(rank_work("j", [make_system("pointwise")], [first, second]))
    assert sum(len(batch) for batch in bench.batches) == 3
    orders = [r.order for r in rankings(events).values()]
    assert orders == [("a0", "a2", "a1"), ("b1", "b0", "b2")]


def test_cuts_name_the_documents_of_whoever_asked():
    long = "5 w w w w w"
    first, second = make_list([long, "1"], prefix="a"), make_list(["1", long], prefix="b")
    events = make_bench().run(rank_work("j", [make_system("pointwise")], [first, second]))
    cuts = [r.cuts for r in rankings(events).values()]
    assert [[(c.document_id, c.tokens, c.kept) for c in cut] for cut in cuts] == [[("a0", 6, 4)], [("b1", 6, 4)]]


def test_alone_or_together_the_same_rankings():
    rng = random.Random(7)
    systems = [make_system("pointwise"), make_system("insertion"), make_system("pointwise", model_entry("other"))]
    systems.append(make_system("fusion", members=systems[:2]))
    lists = [make_list([str(rng.randrange(20)) for _ in range(rng.randrange(2, 9))], query=f"q{i}") for i in range(6)]
    together = rankings(make_bench().run(rank_work("j", systems, lists)))
    assert len(together) == 24
    for system in systems:
        for candidates in lists:
            (alone,) = rankings(make_bench().run(rank_work("j", [system], [candidates]))).values()
            other = together[(system.fingerprint, candidates.hash)]
            assert (alone.order, alone.scores, alone.logical) == (other.order, other.scores, other.logical)


def test_requests_of_two_systems_and_two_jobs_travel_in_one_batch():
    a = rank_work("a", [make_system("pointwise")], [make_list(["1", "2"], query="x")])
    b = rank_work("b", [make_system("pointwise")], [make_list(["1", "2"], query="y")])
    bench = make_bench()
    events = bench.run(a, b)
    assert [len(batch) for batch in bench.batches] == [4]
    assert [e.job for e in events if isinstance(e, Ended)] == ["a", "b"]


def test_kinds_of_requests_and_models_never_share_a_batch():
    systems = [make_system("pointwise"), make_system("insertion"), make_system("pointwise", model_entry("other"))]
    bench = make_bench()
    bench.run(rank_work("j", systems, [make_list(["1", "2"])]))
    assert sorted(type(batch[0]).__name__ for batch in bench.batches) == ["LabelLogprobs", "Score", "Score"]
    assert all(len({type(r) for r in batch}) == 1 for batch in bench.batches)
    assert len(bench.adapters) == 2


def test_batches_keep_to_the_adapters_limit_and_hold_like_weights_together():
    texts = [f"{i}" + " w" * (i % 4) for i in range(20)]  # weights 1 to 4
    bench = make_bench()
    bench.run(rank_work("j", [make_system("pointwise", model_entry(batch_tokens="10"))], [make_list(texts)]))
    weights = [[len(r.document.text.split()) for r in batch if isinstance(r, Score)] for batch in bench.batches]
    assert all(sum(batch) <= 10 for batch in weights)
    assert sum(len(batch) for batch in weights) == 20
    assert all(max(batch) - min(batch) <= 2 for batch in weights)


def test_a_member_asked_for_twice_is_ranked_once():
    member, other = make_system("insertion"), make_system("pointwise")
    fused = make_system("fusion", members=[member, other])
    bench = make_bench()
    events = bench.run(rank_work("j", [member, fused], [make_list(["1", "3", "2", "0"])]))
    comparisons = [r for batch in bench.batches for r in batch if isinstance(r, LabelLogprobs)]
    assert len(comparisons) == len(set(map(repr, comparisons)))
    found = rankings(events)
    (ranking,) = [r for (system, _), r in found.items() if system == fused.fingerprint]
    (alone,) = [r for (system, _), r in found.items() if system == member.fingerprint]
    assert ranking.order[:2] == ("d1", "d2")
    assert ranking.logical.calls == alone.logical.calls + 4
    assert ranking.logical.depth == max(alone.logical.depth, 1)


def test_lists_that_differ_only_in_first_stage_scores_are_ranked_apart():
    texts = ["1", "2"]
    lists = [make_list(texts, first_stage_scores=(2.0, 1.0)), make_list(texts, first_stage_scores=(9.0, 1.0))]
    assert lists[0].hash == lists[1].hash
    events = make_bench().run(rank_work("j", [make_system("pointwise")], lists))
    assert sum(isinstance(event, Ranked) for event in events) == 2


def test_a_second_run_asks_no_model(tmp_path: Path):
    work = rank_work("j", [make_system("pointwise"), make_system("insertion")], [make_list(["3", "1", "2"])])
    cold = make_bench(tmp_path)
    first = rankings(cold.run(work))
    warm = make_bench(tmp_path)
    second = rankings(warm.run(work))
    assert cold.batches
    assert not warm.adapters
    for key, ranking in second.items():
        assert (ranking.order, ranking.scores, ranking.logical) == (
            first[key].order,
            first[key].scores,
            first[key].logical,
        )
        assert ranking.executed.seconds == 0
        assert ranking.executed.calls == 0
        assert ranking.executed.cache_hits == ranking.logical.calls


def test_progress_counts_calls_and_ends_complete():
    bench = make_bench()
    events = bench.run(
        rank_work("j", [make_system("pointwise", model_entry(batch_tokens="2"))], [make_list(["1", "2", "3", "4"])])
    )
    told = [event for event in events if isinstance(event, Progress)]
    assert (told[0].done, told[0].total, told[0].note) == (0, 4, "starting")
    assert "loading small" in [event.note for event in told]
    assert "reading small" in [event.note for event in told]  # what the loader itself reports
    assert (told[-1].done, told[-1].total) == (4, 4)
    assert isinstance(events[-1], Ended)


def test_a_forecast_that_was_too_high_does_not_leave_the_job_unfinished():
    events = make_bench().run(rank_work("j", [make_system("insertion")], [make_list(["3", "2", "1", "0"])]))
    last = [event for event in events if isinstance(event, Progress)][-1]
    assert (last.done, last.total) == (3, 3)  # forecast 6, but a sorted list needs three comparisons


def test_a_job_without_rankings_ends_at_once():
    events = make_bench().run(rank_work("j", [], []))
    assert [type(event) for event in events] == [Progress, Progress, Ended]


def test_first_stages_come_list_by_list(tmp_path: Path):
    queries = tuple(Query(id=f"q{i}", text="x") for i in range(3))
    work = RetrieveWork(job="r", collection="c", path=tmp_path, queries=queries, depth=4)
    events = make_bench().run(work)
    lists = [event.candidates for event in events if isinstance(event, Retrieved)]
    assert [candidates.query.id for candidates in lists] == ["q0", "q1", "q2"]
    assert all(len(candidates.documents) == 4 for candidates in lists)
    assert events[-1] == Ended(job="r")


@pytest.mark.parametrize(
    ("method", "collection", "said"), [("sparse", "c", "Unknown first stage"), ("bm25", "broken", "no such index")]
)
def test_a_first_stage_that_cannot_be_done_ends_with_the_reason(tmp_path: Path, method, collection, said):
    queries = (Query(id="q", text="x"),)
    work = RetrieveWork(job="r", collection=collection, path=tmp_path, queries=queries, method=method)
    events = make_bench().run(work)
    assert isinstance(events[-1], Ended)
    assert said in events[-1].error


def test_checking_a_model_says_what_came_of_it():
    good, bad = model_entry(), model_entry("bad", fail="no such file")
    events = make_bench().run(CheckWork(job="g", model=good), CheckWork(job="b", model=bad))
    ends = {event.job: event.error for event in events if isinstance(event, Ended)}
    assert ends == {"g": "", "b": "Could not load bad: no such file."}


def test_rankings_say_where_they_were_made():
    events = make_bench().run(rank_work("j", [make_system("pointwise")], [make_list(["1", "2"])]))
    (ranking,) = rankings(events).values()
    assert ranking.machine.startswith("cpu, 1 thread, fp32, ")
    assert "Python 3" in ranking.machine
