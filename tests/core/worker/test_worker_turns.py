"""Whose turn it is: interactive before background, jobs in turn, what is cancelled, what waits outside."""

from __future__ import annotations

import time

from core.domain.requests import Score
from core.domain.work import (
    Ended,
    FetchWork,
    Priority,
    Progress,
    Ranked,
    RankFailed,
)
from tests.support.engine_fakes import make_bench, make_list, make_system, model_entry, rank_work


def test_interactive_work_overtakes_background_work():
    entry = model_entry(batch_tokens="2")
    background = rank_work(
        "slow",
        [make_system("pointwise", entry)],
        [make_list([str(i) for i in range(8)], query=f"q{n}") for n in range(3)],
        Priority.BACKGROUND,
    )
    bench = make_bench()
    bench.scheduler.submit(background)
    for _ in range(3):
        bench.scheduler.step()
    assert len(bench.batches) == 3
    bench.run(rank_work("quick", [make_system("pointwise", entry)], [make_list(["1", "2"], query="mine")]))
    queries = [request.query for batch in bench.batches for request in batch if isinstance(request, Score)]
    assert [i for i, query in enumerate(queries) if query == "mine"] == [6, 7]  # the very next batch
    assert [e.job for e in bench.events if isinstance(e, Ended)] == ["quick", "slow"]


def test_an_interactive_asker_hurries_a_request_that_waits_in_the_background():
    entry = model_entry(batch_tokens="1")
    shared = make_list(["7", "8"], query="shared")
    others = [make_list([str(i) for i in range(9)], query=f"q{n}") for n in range(2)]
    bench = make_bench()
    bench.scheduler.submit(rank_work("slow", [make_system("pointwise", entry)], [*others, shared], Priority.BACKGROUND))
    bench.scheduler.step()
    bench.run(rank_work("quick", [make_system("pointwise", entry)], [shared]))
    queries = [r.query for batch in bench.batches for r in batch if isinstance(r, Score)]
    assert queries[1:3] == ["shared", "shared"]
    assert queries.count("shared") == 2


def test_two_jobs_of_one_priority_take_turns():
    entry = model_entry(batch_tokens="4")
    works = [
        rank_work(job, [make_system("pointwise", entry)], [make_list([f"{i} SLOW" for i in range(8)], query=job)])
        for job in ("a", "b")
    ]
    bench = make_bench()
    bench.run(*works)
    order = [batch[0].query for batch in bench.batches]
    assert sorted(order) == ["a"] * 4 + ["b"] * 4
    assert set(order[:2]) == {"a", "b"}


def test_cancel_ends_the_job_and_leaves_the_other_alone():
    entry = model_entry(batch_tokens="1")
    bench = make_bench()
    for job in ("a", "b"):
        bench.scheduler.submit(rank_work(job, [make_system("pointwise", entry)], [make_list(["1", "2"], query=job)]))
    bench.scheduler.step()
    bench.scheduler.flag("a")
    bench.scheduler.cancel("a")
    events = bench.run()
    assert [(e.job, e.cancelled) for e in bench.events if isinstance(e, Ended)] == [("a", True), ("b", False)]
    assert {e.job for e in events if isinstance(e, Ranked)} == {"b"}
    assert sum(len(batch) for batch in bench.batches) <= 3  # at most one request of the cancelled job was run


def test_a_ranking_that_another_job_wants_survives_the_cancelling_of_the_first():
    shared = make_list(["1", "2"])
    bench = make_bench()
    for job in ("a", "b"):
        bench.scheduler.submit(rank_work(job, [make_system("pointwise", model_entry(batch_tokens="1"))], [shared]))
    bench.scheduler.step()
    bench.scheduler.cancel("a")
    bench.run()
    assert [e.job for e in bench.events if isinstance(e, Ranked)] == ["b"]
    assert sum(len(batch) for batch in bench.batches) == 2


def test_a_cancelled_fusion_takes_its_members_along():
    fused = make_system("fusion", members=[make_system("insertion"), make_system("pointwise")])
    bench = make_bench()
    bench.scheduler.submit(rank_work("a", [fused], [make_list(["1", "2", "3", "4"])]))
    bench.scheduler.step()
    bench.scheduler.cancel("a")
    before = len(bench.batches)
    bench.run()
    assert len(bench.batches) == before
    assert not bench.scheduler.step()


def test_a_download_goes_on_beside_rankings_and_tells_its_end():
    bench = make_bench()
    bench.scheduler.submit(FetchWork(job="f", model=model_entry("new", pace="0.01")))
    bench.run(rank_work("j", [make_system("pointwise")], [make_list(["1", "2"])]))
    for _ in range(200):
        if Ended(job="f") in bench.events:
            break
        time.sleep(0.01)
    ends = [event.job for event in bench.events if isinstance(event, Ended)]
    assert ends == ["j", "f"]
    last = [event for event in bench.events if isinstance(event, Progress) and event.job == "f"][-1]
    assert (last.done, last.total) == (10, 10)


def test_many_lists_are_let_in_by_and_by():
    lists = [make_list([str(i) for i in range(500)], query=f"q{n}") for n in range(9)]
    bench = make_bench()
    events = bench.run(rank_work("j", [make_system("pointwise", model_entry(batch_tokens="500"))], lists))
    assert sum(isinstance(event, Ranked) for event in events) == 9
    assert not [event for event in events if isinstance(event, RankFailed)]
