"""People before jobs: a batch in the background gives way inside its forward pass, and nothing of it is lost."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from core.domain.documents import Query
from core.domain.requests import Embed, Score
from core.domain.work import CheckWork, Ended, Priority, Probed, ProbeWork, Ranked, RankFailed, RetrieveWork, Work
from core.worker.interrupts import Interrupts
from tests.support.arrivals import Arrivals, run_with
from tests.support.engine_fakes import (
    Bench,
    make_bench,
    make_list,
    make_system,
    model_entry,
    probe_work,
    rank_work,
)
from tests.support.probe_bench import ONE_BY_ONE, Clock, bench_at, lists_of, queries, times

EIGHT = [str(i) for i in range(8)]


def job(name: str, priority: Priority, size: int = 8, **options: str) -> Work:
    system = make_system("pointwise", model_entry(**options))
    return rank_work(name, [system], [make_list([str(i) for i in range(size)], query=name)], priority)


def background(name: str = "slow", **options: str) -> Work:
    return job(name, Priority.BACKGROUND, **options)


def mine(name: str = "mine", **options: str) -> Work:
    return job(name, Priority.INTERACTIVE, size=2, **options)


def sizes(bench: Bench) -> list[tuple[str, int]]:
    """Query and size of every batch."""
    return [(batch[0].query, len(batch)) for batch in bench.batches if isinstance(batch[0], Score)]


def ends(bench: Bench) -> list[str]:
    return [event.job for event in bench.events if isinstance(event, Ended)]


def test_a_batch_in_the_background_gives_way_and_its_requests_are_answered_afterwards():
    bench = run_with({1: mine()}, background())
    assert sizes(bench) == [("slow", 8), ("mine", 2), ("slow", 8)]
    assert ends(bench) == ["mine", "slow"]
    assert not [event for event in bench.events if isinstance(event, RankFailed)]
    _, ranking = [event.ranking for event in bench.events if isinstance(event, Ranked)]
    assert ranking.order == tuple(f"d{i}" for i in reversed(range(8)))
    assert (ranking.executed.calls, ranking.logical.calls) == (8, 8)  # the batch that was given up counts nowhere


def test_a_batch_that_was_given_up_is_not_announced_as_harmless():
    bench = run_with({1: mine()}, background())
    batches = [keys for keys in bench.announced if keys is None or not any(key.startswith("load:") for key in keys)]
    given_up = batches.index(None)
    assert len(batches[given_up - 1] or ()) == 8
    assert batches.count(None) == 1
    assert batches[-2:] == [batches[given_up - 1], ()]  # the same eight once more, and to their end


def test_what_a_batch_had_answered_before_is_kept():
    bench = run_with({3: mine(fits="4")}, background(fits="4"))
    # eight do not fit, four are answered, the other four are interrupted; the ceiling is four and half of it is tried
    assert sizes(bench) == [("slow", 8), ("slow", 4), ("slow", 4), ("mine", 2), ("slow", 2), ("slow", 2)]
    texts = [r.document.text for batch in bench.batches[4:] for r in batch if isinstance(r, Score)]
    assert sorted(texts) == sorted(EIGHT[4:])
    assert ends(bench) == ["mine", "slow"]


def test_jobs_of_one_priority_never_interrupt_each_other():
    for priority in Priority:
        other = job("other", priority, size=2)
        bench = run_with({1: other}, job("first", priority))
        assert sizes(bench) == [("first", 8), ("other", 2)]


def test_an_interactive_batch_is_not_interrupted_by_work_in_the_background():
    bench = run_with({1: background("late")}, job("first", Priority.INTERACTIVE))
    assert sizes(bench) == [("first", 8), ("late", 8)]


def test_a_request_that_a_person_wants_as_well_is_not_interrupted():
    lists = [make_list(EIGHT, query="shared")]
    works = [
        rank_work(str(priority), [make_system("pointwise")], lists, priority)
        for priority in (Priority.BACKGROUND, Priority.INTERACTIVE)
    ]
    bench = run_with({1: mine()}, *works)
    assert sizes(bench) == [("shared", 8), ("mine", 2)]


def test_background_work_that_is_interrupted_again_and_again_gets_smaller_batches_and_ends():
    arriving: dict[int, Work] = {number: mine(f"p{number}", batch_tokens="8") for number in (1, 3, 5, 7, 9)}
    bench = run_with(arriving, background(batch_tokens="8"))
    slow = [size for query, size in sizes(bench) if query == "slow"]
    assert slow == [8, 4, 2, 1, 1, 1, 7]  # an eighth of the limit at least; whole ones again after the first that ended
    assert ends(bench)[-1] == "slow"
    assert len(ends(bench)) == 6


def test_background_work_that_people_always_interrupt_ends_nevertheless():
    arriving: dict[int, Work] = {number: mine(f"p{number}", batch_tokens="8") for number in range(1, 200, 2)}
    bench = run_with(arriving, background(batch_tokens="8"))
    slow = [size for query, size in sizes(bench) if query == "slow"]
    assert slow[:11] == [8, 4, 2, *[1] * 7, 1]  # ten are interrupted, the eleventh is not
    assert ends(bench).index("slow") < len(arriving)


def test_of_twenty_people_nobody_waits_for_a_batch_of_a_job():
    arriving: dict[int, Work] = {n: mine(f"p{n}", batch_tokens="8") for n in random.Random(5).sample(range(1, 50), 20)}
    bench = run_with(arriving, job("slow", Priority.BACKGROUND, size=200, batch_tokens="8"))
    who = [query for query, _ in sizes(bench)]
    assert all(who[number].startswith("p") for number in arriving)  # the batch after the one in which they came
    assert ends(bench)[-1] == "slow"
    assert sorted(ends(bench)[:-1]) == sorted(work.job for work in arriving.values())


@pytest.mark.parametrize("arriving", ["check", "search", "nothing"])
def test_a_check_and_a_search_come_next_as_well(arriving, tmp_path: Path):
    works: dict[str, Work] = {
        "check": CheckWork(job="check", model=model_entry("other")),
        "search": RetrieveWork(job="search", collection="c", path=tmp_path, queries=(Query(id="q", text="x"),)),
        "nothing": rank_work("nothing", [], []),
    }
    bench = run_with({1: works[arriving]}, background())
    assert sizes(bench)[0] == ("slow", 8)
    assert len(sizes(bench)) > 1
    assert ends(bench) == [arriving, "slow"]


def test_a_persons_search_is_not_kept_waiting_by_batches_between_its_slices(tmp_path: Path):
    clock = Clock()
    kinds: list[type] = []

    def note(adapter, requests):
        clock.batch(adapter, requests)  # a second, longer than a slice
        kinds.append(type(requests[0]))

    search = RetrieveWork(
        job="search",
        collection="c",
        path=tmp_path,
        queries=(Query(id="q", text="x"),),
        method="dense",
        model=model_entry(batch_tokens="20"),
    )
    bench = bench_at(clock, on_batch=note)
    bench.run(background(), search)
    assert kinds.count(Embed) >= 7  # fifty texts, eight at a time or fewer
    assert kinds == [Embed] * kinds.count(Embed) + [Score]
    assert ends(bench) == ["search", "slow"]


def test_an_index_that_is_built_in_the_background_gives_way_and_repeats_only_one_batch(tmp_path: Path):
    build = RetrieveWork(
        job="build",
        collection="c",
        path=tmp_path,
        queries=(Query(id="q", text="x"),),
        method="dense",
        model=model_entry(batch_tokens="20"),
        priority=Priority.BACKGROUND,
    )
    bench = run_with({2: mine(batch_tokens="20")}, build)
    texts = [[r.text for r in batch if isinstance(r, Embed)] for batch in bench.batches]
    assert texts[1]
    assert texts[2] == []  # the person's
    assert texts[3] == texts[1]
    flat = [text for place, batch in enumerate(texts) if place != 1 for text in batch]
    assert flat == [str(number) for number in range(50)]
    assert ends(bench) == ["mine", "build"]


def test_a_cancelled_job_stops_inside_its_batch_and_others_are_served():
    bench = make_bench(on_batch=lambda _adapter, _requests: bench.scheduler.flag("a"))
    bench.scheduler.submit(job("a", Priority.INTERACTIVE))
    bench.scheduler.step()
    assert sizes(bench) == [("a", 8)]
    assert not [event for event in bench.events if isinstance(event, Ranked)]
    bench.scheduler.cancel("a")
    bench.run(mine())
    assert sizes(bench) == [("a", 8), ("mine", 2)]
    assert ends(bench) == ["a", "mine"]


def test_a_sample_that_a_person_interrupts_is_measured_again():
    clock = Clock()
    arrivals = Arrivals({2: mine()}, clock.batch)
    bench = bench_at(clock, on_batch=arrivals)
    system = make_system("pointwise", ONE_BY_ONE)
    events = arrivals.run(bench, probe_work("p", [system], lists_of(2), warm_up=0))
    assert queries(bench)[:2] == ["q0", "q0"]
    assert [query for query in queries(bench) if query.startswith("q")] == ["q0"] * 5 + ["q1"] * 3
    assert times(events) == [3000.0, 3000.0]  # three batches of a second each, none of them interrupted
    assert ends(bench) == ["mine", "p"]


def test_a_sample_that_is_taken_again_has_batches_as_large_as_before():
    system = make_system("pointwise", model_entry(batch_tokens="8"))
    bench = run_with({1: mine(batch_tokens="8")}, probe_work("p", [system], [make_list(EIGHT, query="q0")], warm_up=0))
    assert sizes(bench) == [("q0", 8), ("mine", 2), ("q0", 8)]


def test_a_sample_is_measured_again_even_where_the_work_that_interrupted_it_was_empty():
    clock = Clock()
    arrivals = Arrivals({2: rank_work("empty", [], [])}, clock.batch)
    bench = bench_at(clock, on_batch=arrivals)
    events = arrivals.run(
        bench, probe_work("p", [make_system("pointwise", ONE_BY_ONE)], lists_of(1), warm_up=0, attempts=2)
    )
    assert queries(bench) == ["q0"] * 5
    assert times(events) == [3000.0]


def test_the_last_attempt_that_is_interrupted_has_an_order_and_no_time():
    clock = Clock()
    arrivals = Arrivals({2: mine()}, clock.batch)
    bench = bench_at(clock, on_batch=arrivals)
    work: ProbeWork = probe_work("p", [make_system("pointwise", ONE_BY_ONE)], lists_of(1), warm_up=0, attempts=1)
    (probed,) = [event for event in arrivals.run(bench, work) if isinstance(event, Probed)]
    assert probed.wall_ms is None
    assert probed.order == ("d2", "d1", "d0")


def test_a_check_that_arrives_does_not_interrupt_a_sample():
    clock = Clock()
    arrivals = Arrivals({2: CheckWork(job="check", model=model_entry("other"))}, clock.batch)
    bench = bench_at(clock, on_batch=arrivals)
    events = arrivals.run(
        bench, probe_work("p", [make_system("pointwise", ONE_BY_ONE)], lists_of(1), warm_up=0, attempts=1)
    )
    assert times(events) == [3000.0]
    assert len(queries(bench)) == 3


@pytest.mark.parametrize(
    ("work", "waits"),
    [
        (mine(), True),
        (background(), False),
        (CheckWork(job="c", model=model_entry()), True),
        (ProbeWork(job="p", systems=(), lists=()), False),
    ],
)
def test_whose_work_interrupts(work, waits):
    interrupts = Interrupts()
    interrupts.arrived(work)
    assert interrupts.somebody_waits() == waits
    assert interrupts.stops({"slow"}, Priority.BACKGROUND, interrupts.somebody_waits()) == waits
    assert not interrupts.stops({"slow"}, Priority.INTERACTIVE, interrupts.somebody_waits())
    interrupts.take(work.job)
    assert not interrupts.somebody_waits()
