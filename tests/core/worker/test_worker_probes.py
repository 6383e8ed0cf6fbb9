"""Latency probes on a clock that only models move: what is timed, and that nothing else is."""

from __future__ import annotations

from core.domain.documents import Query
from core.domain.requests import Score
from core.domain.work import Ended, Priority, Probed, Ranked, RetrieveWork
from core.worker.answer_cache import AnswerCache
from tests.support.engine_fakes import (
    make_bench,
    make_list,
    make_system,
    model_entry,
    probe_work,
    rank_work,
)
from tests.support.probe_bench import ONE_BY_ONE, Clock, Doing, bench_at, lists_of, queries, times


def test_the_time_of_every_list_is_that_of_its_batches_without_loading_and_warm_up():
    clock = Clock()
    lists = [make_list([str(i) for i in range(n)], query=f"q{n}") for n in (2, 3, 4)]
    bench = bench_at(clock)
    events = bench.run(probe_work("p", [make_system("pointwise", ONE_BY_ONE)], lists))
    assert times(events) == [2000.0, 3000.0, 4000.0]  # one document per batch, a second each
    assert queries(bench) == ["q3"] * 3 + ["q4"] * 4 + ["q2"] * 2 + ["q3"] * 3 + ["q4"] * 4  # two lists warm up
    assert clock.loaded == ["small"]
    assert events[-1] == Ended(job="p")


def test_rounds_count_one_after_another():
    clock = Clock()
    bench = bench_at(clock)
    events = bench.run(probe_work("p", [make_system("insertion")], [make_list(["1", "2", "3", "4"])], warm_up=0))
    assert times(events) == [6000.0]  # ascending input: n(n-1)/2 comparisons, each waits for the last


def test_what_is_told_of_a_list():
    clock = Clock()
    big, small = model_entry("big", memory="7000000"), model_entry("small", memory="1000")
    fused = make_system("fusion", members=[make_system("pointwise", big), make_system("insertion", small)])
    candidates = make_list(["1", "3", "2"])
    bench = bench_at(clock)
    (probed,) = [e for e in bench.run(probe_work("p", [fused], [candidates])) if isinstance(e, Probed)]
    (ranked,) = [e for e in make_bench().run(rank_work("r", [fused], [candidates])) if isinstance(e, Ranked)]
    assert (probed.system, probed.candidates) == (fused.fingerprint, candidates.hash)
    assert probed.order == ranked.ranking.order
    assert probed.memory == (("big", 7_000_000), ("small", 1000))
    assert probed.device == "cpu"
    assert probed.machine.startswith("cpu, 1 thread, fp32, ")
    assert clock.loaded == ["big", "small"]  # both before the first list


def test_nothing_of_a_background_job_runs_until_the_probe_is_over():
    bench = make_bench()
    slow = rank_work("slow", [make_system("pointwise", ONE_BY_ONE)], lists_of(3), Priority.BACKGROUND)
    bench.scheduler.submit(slow)
    bench.scheduler.step()
    assert queries(bench) == ["q0"]
    probed = [make_list(["1", "2"], query=f"p{i}") for i in range(4)]
    bench.run(probe_work("p", [make_system("pointwise", ONE_BY_ONE)], probed))
    order = queries(bench)
    first, last = order.index("p2"), max(place for place, query in enumerate(order) if query.startswith("p"))
    assert first == 1
    assert last - first + 1 == 2 * (2 + 4)
    assert [event.job for event in bench.events if isinstance(event, Ended)] == ["p", "slow"]


def test_a_retrieval_in_the_background_waits_too(tmp_path):
    bench = make_bench()
    work = RetrieveWork(
        job="r", collection="c", path=tmp_path, queries=(Query(id="q", text="x"),), priority=Priority.BACKGROUND
    )
    bench.scheduler.submit(work)
    bench.run(probe_work("p", [make_system("pointwise")], lists_of(3)))
    assert [event.job for event in bench.events if isinstance(event, Ended)] == ["p", "r"]


def test_a_persons_work_goes_first_and_the_sample_is_taken_again():
    clock = Clock()
    mine = rank_work("mine", [make_system("pointwise", ONE_BY_ONE)], [make_list(["5", "6"], query="mine")])
    bench = bench_at(clock, on_batch=Doing(clock, [2], lambda: bench.scheduler.submit(mine)))
    system = make_system("pointwise", ONE_BY_ONE)
    events = bench.run(probe_work("p", [system], lists_of(2), warm_up=0))
    assert queries(bench) == ["q0"] * 2 + ["mine"] * 2 + ["q0"] * 3 + ["q1"] * 3
    assert times(events) == [3000.0, 3000.0]
    assert [event.job for event in bench.events if isinstance(event, Ended)] == ["mine", "p"]


def test_a_first_stage_for_a_person_disturbs_as_well(tmp_path):
    clock = Clock()
    work = RetrieveWork(job="r", collection="c", path=tmp_path, queries=(Query(id="q", text="x"),))
    bench = bench_at(clock, on_batch=Doing(clock, [2], lambda: bench.scheduler.submit(work)))
    events = bench.run(probe_work("p", [make_system("pointwise", ONE_BY_ONE)], lists_of(1), warm_up=0))
    assert queries(bench) == ["q0"] * 5
    assert times(events) == [3000.0]
    assert [event.job for event in bench.events if isinstance(event, Ended)] == ["r", "p"]


def test_a_list_that_is_always_disturbed_has_an_order_and_no_time():
    clock = Clock()
    works = iter(range(99))
    system = make_system("pointwise", ONE_BY_ONE)

    def interrupt() -> None:
        number = next(works)
        bench.scheduler.submit(rank_work(f"w{number}", [system], [make_list([str(number)], query=f"w{number}")]))

    bench = bench_at(clock, on_batch=Doing(clock, [1, 3, 5], interrupt))
    events = bench.run(probe_work("p", [system], lists_of(2), warm_up=0, attempts=3))
    assert queries(bench) == ["q0", "w0", "q0", "w1", "q0", "w2", "q0", "q0"] + ["q1"] * 3  # the last one is finished
    first, second = [event for event in events if isinstance(event, Probed)]
    assert (first.wall_ms, second.wall_ms) == (None, 3000.0)
    assert first.order == ("d2", "d1", "d0")


def test_work_during_the_warm_up_disturbs_nothing():
    clock = Clock()
    system = make_system("pointwise", ONE_BY_ONE)
    mine = rank_work("mine", [system], [make_list(["5"], query="mine")])
    bench = bench_at(clock, on_batch=Doing(clock, [1], lambda: bench.scheduler.submit(mine)))
    events = bench.run(probe_work("p", [system], lists_of(1), warm_up=1, attempts=1))
    assert queries(bench) == ["q0", "mine", "q0", "q0", "q0", "q0", "q0"]
    assert times(events) == [3000.0]


class Counting(AnswerCache):
    """Counts what is looked up and kept."""

    def __init__(self) -> None:
        super().__init__(None)
        self.looked_up = self.kept = 0

    def get(self, keys):
        self.looked_up += len(keys)
        return super().get(keys)

    def put(self, answers):
        kept = list(answers)
        self.kept += len(kept)
        super().put(kept)


def test_the_answer_cache_is_neither_read_nor_written():
    cache = Counting()
    bench = make_bench(cache=cache)
    work = rank_work("j", [make_system("pointwise")], lists_of(1))
    bench.run(work)
    counts = (cache.looked_up, cache.kept)
    assert counts == (3, 3)
    bench.run(probe_work("p", [make_system("pointwise"), make_system("insertion")], lists_of(1), warm_up=1))
    assert (cache.looked_up, cache.kept) == counts
    asked = [request for batch in bench.batches[1:] for request in batch]
    assert len([r for r in asked if isinstance(r, Score)]) == 2 * 3  # once warm, once measured
    assert len(asked) == 2 * 3 + 2 * 3  # and three comparisons twice


def test_equal_requests_of_others_are_asked_apart():
    clock = Clock()
    system, shared = make_system("pointwise", ONE_BY_ONE), lists_of(1)
    same = rank_work("same", [system], shared)
    bench = bench_at(clock, on_batch=Doing(clock, [1], lambda: bench.scheduler.submit(same)))
    events = bench.run(probe_work("p", [system], shared, warm_up=0, attempts=1))
    assert len(bench.batches) == 3 + 3
    assert [type(event) for event in events if isinstance(event, Ranked | Probed)] == [Ranked, Probed]


def test_token_ids_are_forgotten_before_every_list_and_devices_waited_for():
    bench = make_bench()
    bench.run(probe_work("p", [make_system("pointwise")], lists_of(4), warm_up=1))
    (adapter,) = bench.adapters
    assert adapter.forgotten == 5
    assert adapter.synchronized == 2 * 5  # before the clock is read: at the start and at the end
