"""Jobs of latency probes: cancelling, failures, notes, and what comes between two lists."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.domain.work import CheckWork, Ended, FetchWork, Priority, Probed, Progress, RankFailed
from tests.support.engine_fakes import (
    make_bench,
    make_list,
    make_system,
    model_entry,
    probe_work,
    rank_work,
)
from tests.support.probe_bench import LOADING, ONE_BY_ONE, Clock, Doing, bench_at, lists_of, queries, times
from tests.support.small_strategies import Scripted


def test_cancelling_ends_the_probe_and_lets_the_rest_go_on():
    clock = Clock()
    slow = rank_work("slow", [make_system("pointwise")], [make_list(["1"], query="slow")], Priority.BACKGROUND)
    bench = bench_at(clock, on_batch=Doing(clock, [4], lambda: bench.scheduler.flag("p")))
    bench.scheduler.submit(slow)
    bench.scheduler.submit(probe_work("p", [make_system("pointwise", ONE_BY_ONE)], lists_of(5), warm_up=0))
    while len(bench.batches) < 4:
        bench.scheduler.step()
    bench.scheduler.cancel("p")
    assert bench.events[-1] == Ended(job="p", cancelled=True)
    bench.run()
    assert len(times(bench.events)) == 1
    assert [event.job for event in bench.events if isinstance(event, Ended)] == ["p", "slow"]
    assert queries(bench)[-1] == "slow"


def test_the_next_probe_follows_and_a_waiting_one_can_be_cancelled():
    bench = make_bench()
    system = make_system("pointwise")
    for job in ("a", "b", "c"):
        bench.scheduler.submit(probe_work(job, [system], [make_list(["1", "2"], query=job)], warm_up=0))
    bench.scheduler.cancel("b")
    bench.run()
    assert [(e.job, e.cancelled) for e in bench.events if isinstance(e, Ended)] == [
        ("b", True),
        ("a", False),
        ("c", False),
    ]
    assert queries(bench) == ["a", "c"]


def test_a_strategy_that_fails_ends_its_own_system_only():
    broken = make_system("broken")
    bench = make_bench(strategies={"broken": Scripted(ValueError("no"))})
    events = bench.run(probe_work("p", [broken, make_system("pointwise")], lists_of(3)))
    (failure,) = [event for event in events if isinstance(event, RankFailed)]
    assert failure.system == broken.fingerprint
    assert "ValueError: no" in failure.message
    assert len(times(events)) == 3
    told = [event for event in events if isinstance(event, Progress)]
    assert (told[0].done, told[0].total) == (0, 6)
    assert (told[-1].done, told[-1].total) == (3, 3)
    assert "latency of broken: not measured" in [event.note for event in told]
    assert events[-1] == Ended(job="p")


def test_an_answer_that_is_not_finite_and_a_model_that_is_missing_fail_with_their_reasons():
    absent = make_system("pointwise", model_entry("absent", fail="no such file"))
    lists = [make_list(["1", "2"], query="good"), make_list(["1", "NAN"], query="bad"), *lists_of(1)]
    events = make_bench().run(probe_work("p", [absent, make_system("pointwise")], lists, warm_up=0))
    assert [event.message for event in events if isinstance(event, RankFailed)] == [
        "pointwise: Could not load absent: no such file.",
        "pointwise: 1 non-finite scores",
    ]
    assert len(times(events)) == 1  # the list before the bad one


def test_the_note_says_how_far_the_system_is():
    events = bench_at(Clock()).run(probe_work("p", [make_system("pointwise")], lists_of(3), warm_up=1))
    notes = [event.note for event in events if isinstance(event, Progress)]
    assert notes == [
        "starting",
        "loading small",
        "reading small",
        "latency of pointwise: warming up",
        *(f"latency of pointwise: {done} of 3 queries" for done in (1, 2, 3)),
        "done",
    ]


def test_a_check_waits_for_the_end_of_a_list_and_spoils_nothing():
    clock = Clock()
    check = CheckWork(job="check", model=model_entry("other"))
    bench = bench_at(clock, on_batch=Doing(clock, [2], lambda: bench.scheduler.submit(check)))
    events = bench.run(probe_work("p", [make_system("pointwise", ONE_BY_ONE)], lists_of(2), warm_up=0, attempts=1))
    assert times(events) == [3000.0, 3000.0]
    kinds = [(type(event).__name__, event.job) for event in bench.events if isinstance(event, Probed | Ended)]
    assert kinds == [("Probed", "p"), ("Ended", "check"), ("Probed", "p"), ("Ended", "p")]


def test_a_model_that_had_to_make_room_is_loaded_and_warmed_again_before_the_clock_starts():
    clock = Clock()
    mine = make_system("pointwise", model_entry("mine", memory="60000000"))
    other = make_system("pointwise", model_entry("other", memory="60000000", batch_tokens="1"))
    work = rank_work("w", [mine], [make_list(["1"], query="w")])
    bench = bench_at(clock, memory_mb=100, on_batch=Doing(clock, [5], lambda: bench.scheduler.submit(work)))
    events = bench.run(probe_work("p", [other], lists_of(2), warm_up=1))
    assert clock.loaded == ["other", "mine", "other"]
    assert times(events) == [3000.0, 3000.0]
    assert len(bench.batches) == 3 + 2 + 1 + 3 + 3 + 3  # warm, disturbed, the person's, warm again, both lists


def test_models_that_do_not_fit_together_are_measured_as_they_are():
    clock = Clock()
    members = [make_system("pointwise", model_entry(name, memory="60000000")) for name in ("a", "b")]
    bench = bench_at(clock, memory_mb=100)
    events = bench.run(probe_work("p", [make_system("fusion", members=members)], lists_of(1), warm_up=0))
    assert times(events) == [pytest.approx(2000.0 + 2 * 1000 * LOADING)]  # a is loaded again, and then b


def test_a_request_that_is_suspected_runs_alone_and_its_sample_is_taken_again():
    system, candidates = make_system("pointwise"), lists_of(1)
    before = make_bench()
    before.run(rank_work("j", [system], candidates))
    key = before.announced[-2][1]  # the second request of the only batch
    bench = make_bench(suspects=[key])
    events = bench.run(probe_work("p", [system], candidates, warm_up=0))
    assert [len(batch) for batch in bench.batches] == [2, 1, 3]
    assert None not in times(events)


def test_what_is_done_is_left_out_and_nothing_to_do_ends_at_once():
    bench = bench_at(Clock())
    lists = lists_of(2)
    work = probe_work("p", [make_system("pointwise"), make_system("insertion")], lists, warm_up=0)
    events = bench.run(replace(work, done=((0, 0), (0, 1), (1, 0))))
    (probed,) = [event for event in events if isinstance(event, Probed)]
    assert probed.candidates == lists[1].hash
    notes = [event.note for event in events if isinstance(event, Progress)]
    assert "latency of insertion: 2 of 2 queries" in notes
    assert bench.run(probe_work("empty", [], []))[-1] == Ended(job="empty")


def test_a_download_is_waited_for_and_spoils_the_sample_it_meets(tmp_path):
    clock = Clock()
    fetch = FetchWork(job="f", model=model_entry("new", pace="0.01"))
    bench = bench_at(clock, on_batch=Doing(clock, [2], lambda: bench.scheduler.submit(fetch)))
    events = bench.run(probe_work("p", [make_system("pointwise", ONE_BY_ONE)], lists_of(1), warm_up=0))
    assert times(events) == [3000.0]
    assert len(bench.batches) == 2 + 3
    assert [event.job for event in events if isinstance(event, Ended)] == ["f", "p"]
    assert "waiting for a download to end" in [event.note for event in events if isinstance(event, Progress)]
