"""What is loaded, what is given back by hand, and what is said of it."""

from __future__ import annotations

from core.domain.work import CacheState, Ended, Ranked, ResidentModel
from core.engine.messages import State
from core.worker.answer_cache import AnswerCache
from core.worker.disk_cache import DiskCache
from core.worker.reporter import Reporter
from tests.support.engine_fakes import make_bench, make_list, make_system, model_entry, probe_work, rank_work
from tests.support.probe_bench import ONE_BY_ONE, Clock, Doing, bench_at, lists_of, times


def ids(bench) -> list[str]:
    return [model.id for model in bench.scheduler.models()]


def test_a_loaded_model_is_described():
    bench = make_bench()
    bench.run(rank_work("j", [make_system("pointwise", model_entry(memory="7000000"))], [make_list(["1", "2"])]))
    described = ResidentModel(
        id="small", memory_bytes=7_000_000, device="cpu", precision="fp32", execution="padded (small)"
    )
    assert bench.scheduler.models() == (described,)


def test_an_endpoint_is_on_no_device_and_an_index_never_on_the_card():
    bench = make_bench()
    bench.run(*(rank_work(name, [make_system("pointwise", model_entry(name))], lists_of(1)) for name in ("a", "b")))
    for adapter, execution in zip(bench.adapters, ("endpoint", "index"), strict=True):
        adapter.execution = execution
    assert [model.device for model in bench.scheduler.models()] == ["", "cpu"]


def test_a_model_is_given_back_by_hand_and_loaded_anew_when_it_is_asked_again():
    bench = make_bench()
    systems = [make_system("pointwise", model_entry(name)) for name in ("a", "b")]
    bench.run(rank_work("first", systems, lists_of(1)))
    bench.scheduler.unload("a")
    bench.scheduler.unload("unknown")
    assert ids(bench) == ["b"]
    assert [adapter.closed for adapter in bench.adapters] == [True, False]
    events = bench.run(rank_work("second", systems, [make_list(["8", "9"], query="other")]))
    assert len([event for event in events if isinstance(event, Ranked)]) == 2
    assert [adapter.entry.id for adapter in bench.adapters] == ["a", "b", "a"]
    assert ids(bench) == ["a", "b"]  # the least recently used first


def test_all_models_of_an_id_are_given_back():
    bench = make_bench()
    entries = [model_entry("a"), model_entry("a", batch_tokens="5"), model_entry("b")]
    bench.run(*(rank_work(str(n), [make_system("pointwise", e)], lists_of(1)) for n, e in enumerate(entries)))
    bench.scheduler.unload("a")
    assert ids(bench) == ["b"]


def test_a_model_may_be_given_back_while_its_requests_wait():
    bench = make_bench()
    work = rank_work("j", [make_system("pointwise", ONE_BY_ONE)], lists_of(1))
    bench.scheduler.submit(work)
    bench.scheduler.step()
    bench.scheduler.unload("small")
    assert ids(bench) == []
    bench.run()
    assert bench.events[-1] == Ended(job="j")
    assert [len(adapter.batches) for adapter in bench.adapters] == [1, 2]


def test_a_sample_whose_model_is_given_back_is_measured_again():
    clock = Clock()
    bench = bench_at(clock, on_batch=Doing(clock, [2], lambda: None))
    bench.scheduler.submit(probe_work("p", [make_system("pointwise", ONE_BY_ONE)], lists_of(1), warm_up=0))
    while len(bench.batches) < 2:
        bench.scheduler.step()
    bench.scheduler.unload("small")
    assert times(bench.run()) == [3000.0]  # loading, a hundred seconds, is not in it
    assert clock.loaded == ["small", "small"]
    assert len(bench.batches) == 2 + 3


def test_hits_and_misses_are_those_of_this_process_and_the_file_is_everybodys(tmp_path):
    work = rank_work("j", [make_system("pointwise")], [make_list(["3", "1", "2"])])
    caches = []
    for _ in range(2):
        caches.append(AnswerCache(DiskCache(tmp_path / "answers.sqlite", 5_000_000)))
        make_bench(cache=caches[-1]).run(work)
    cold, warm = (cache.state() for cache in caches)
    assert (cold.hits, cold.misses, cold.hit_rate) == (0, 3, 0.0)
    assert (warm.hits, warm.misses, warm.hit_rate) == (3, 0, 1.0)
    assert warm.limit_bytes == 5_000_000
    files = [path.stat().st_size for path in tmp_path.iterdir() if not path.name.endswith("-shm")]
    assert warm.disk_bytes == sum(files) > 0
    assert CacheState().hit_rate is None
    assert AnswerCache(None).state() == CacheState()


class Engine:
    """Something to report on, with a clock."""

    def __init__(self) -> None:
        self.now, self.hits, self.sent = 100.0, 0, []
        self.reporter = Reporter(self.state, self.sent.append, lambda: self.now)

    def state(self) -> State:
        return State(device="cpu", machine="", cache=CacheState(hits=self.hits))


def test_what_changes_all_the_time_is_said_once_a_second_and_at_last():
    engine = Engine()
    engine.reporter.now()
    assert engine.reporter.due_s() is None  # nothing is unsaid
    for _ in range(20):
        engine.now += 0.125
        engine.hits += 1
        engine.reporter.poll()
    assert [state.cache.hits for state in engine.sent] == [0, 8, 16]
    assert engine.reporter.due_s() == 0.5
    engine.now += engine.reporter.due_s()
    engine.reporter.poll()
    assert [state.cache.hits for state in engine.sent] == [0, 8, 16, 20]
    assert engine.reporter.due_s() is None


def test_models_that_come_or_go_are_said_at_once_and_the_same_is_not_said_twice():
    engine = Engine()
    engine.reporter.now()
    engine.hits = 1
    engine.reporter.now()
    engine.reporter.now()
    assert len(engine.sent) == 2
